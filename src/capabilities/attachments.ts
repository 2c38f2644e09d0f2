// SPDX-License-Identifier: Apache-2.0

import type { AppBoard } from '../api.ts';
import { checkName } from '../cumulocity/names.ts';
import { Upload, type UploadSource } from '../transfers/upload.ts';
import type { AgentHost } from './capability.ts';

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

/** Events of a board with an attachment, one after the other. */
export interface Attachments {
  /**
   * Begins to send one. False: another one is on its way, the board is not registered, or does not know the time; to be tried
   * later. While it goes the long poll rests; it gives up when nothing has got on for ten minutes.
   * @throws RangeError for what is not allowed
   */
  send(attachment: Attachment): boolean;
}

/**
 * Sends events with an attachment, in bounded memory: a picture, a recording, a table that a device has made. Other than events, they do not
 * wait on flash: who has the bytes sends them again after a power cut.
 */
export function attachments(board: AppBoard): Attachments {
  const { agent } = board as unknown as { readonly agent: AgentHost };
  let isBusy = false;
  return {
    send(attachment) {
      check(attachment);
      const timeMs = agent.hal.clock.now();
      if (isBusy || board.id === '' || timeMs === undefined) return false;
      isBusy = true;
      const end = (eventId: string, trouble: string) => {
        isBusy = false;
        attachment.onEnd(eventId, trouble);
      };
      new Upload(agent, {
        ...attachment,
        timeMs,
        isAgain: attachment.isAgain === true,
        onDone: (eventId) => end(eventId, ''),
        onFail: (reason) => end('', reason),
      }).start();
      return true;
    },
  };
}

function check({ type, text, fileName, mediaType }: Attachment): void {
  checkName('event type', type);
  if (text === '' || text.length > 500) throw new RangeError(`event ${type}: its text has 1 to 500 characters`);
  if (!/^[ !#-[\]-~]{1,100}$/.test(fileName))
    throw new RangeError(`event ${type}: the name of the file has 1 to 100 characters of ASCII, none of them " or \\`);
  if (!/^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(mediaType))
    throw new RangeError(`event ${type}: its media type is none, as image/jpeg is one`);
}
