// SPDX-License-Identifier: Apache-2.0
/** What an app gives and gets: on a board it is bundled apart from the agent, so the names in this file stay as they are. */

import type { UploadSource } from '../transfers/upload.ts';

/** An event, and the bytes that are attached to it. */
export interface Attachment {
  /** Of the event. */
  readonly type: string;
  /** Of the event, up to 500 characters. It is known by it: no other one of this type says the same. */
  readonly text: string;
  /** 1 to 100 characters of visible ASCII without quotes and backslashes. */
  readonly fileName: string;
  /** For example `image/jpeg`. */
  readonly mediaType: string;
  /** Asked for its bytes as the connection takes them; perhaps more than once, from the beginning. */
  readonly source: UploadSource;
  /** A start before this one may have sent it, all or a part: what is there is not sent again. */
  readonly isAgain?: boolean;
  /** The event has its attachment, or it cannot be sent: `eventId` is empty then, and `trouble` says why. */
  onEnd(eventId: string, trouble: string): void;
}

/** Events of a device with an attachment, one after the other. */
export interface Attachments {
  /**
   * Begins to send one. False: another one is on its way, the device is not registered, or does not know the time; to be tried
   * later. While it goes the long poll rests; it gives up when nothing has got on for ten minutes.
   * @throws RangeError for what is not allowed
   */
  send(attachment: Attachment): boolean;
}
