// SPDX-License-Identifier: Apache-2.0
/**
 * Types that an app uses. On a board the app is bundled apart from the agent, so the names in this file are not
 * shortened.
 */

import type { UploadSource } from '../../transfers/upload.ts';

/** An event and its attachment. */
export interface Attachment {
  /** Type of the event. */
  readonly type: string;
  /**
   * Text of the event, up to 500 characters. It identifies the event: no other event of this type has the same text.
   */
  readonly text: string;
  /** Name of the attached file: 1 to 100 characters of visible ASCII without quotes and backslashes. */
  readonly fileName: string;
  /** For example `image/jpeg`. */
  readonly mediaType: string;
  /** Read as the connection takes the bytes; perhaps more than once, from the beginning. If it throws, `onEnd` gets the reason. */
  readonly source: UploadSource;
  /** An earlier start may have sent all or part of it: existing parts are not sent again. */
  readonly isAgain?: boolean;
  /** Called at the end. If the attachment could not be sent, `eventId` is empty and `trouble` says why. */
  onEnd(eventId: string, trouble: string): void;
}

/** Events of a device with an attachment, one after the other. */
export interface Attachments {
  /**
   * Begins to send an attachment. False: another one is on its way, the device is not registered, or it does not know
   * the time; try again later. Meanwhile the long poll pauses. The attachment fails after ten minutes without progress.
   * @throws RangeError for a value that is not allowed
   */
  send(attachment: Attachment): boolean;
}
