// SPDX-License-Identifier: Apache-2.0

import type { AppDevice } from '../../api.ts';
import type { AgentHost } from '../../capability.ts';
import { checkName } from '../../cumulocity/names.ts';
import { CheckedSource } from '../../transfers/checked-source.ts';
import { Upload } from '../../transfers/upload.ts';
import type { Attachment, Attachments } from './attachment.ts';

/**
 * Sends events of a device with an attachment, in bounded memory: a picture, a recording, a table that a device has
 * made. Unlike other events they do not wait on flash: the owner of the bytes sends them again after a power cut.
 */
export function attachments(of: AppDevice): Attachments {
  const device = of as unknown as { readonly agent: AgentHost; readonly idBytes: Uint8Array };
  const { agent } = device;
  let isBusy = false;
  return {
    send(attachment) {
      check(attachment);
      const timeMs = agent.hal.clock.now();
      if (isBusy || device.idBytes.length === 0 || timeMs === undefined) return false;
      isBusy = true;
      let isOver = false;
      const end = (eventId: string, trouble: string) => {
        if (isOver) return;
        isOver = true;
        isBusy = false;
        attachment.onEnd(eventId, trouble);
      };
      const upload = new Upload(agent, {
        ...attachment,
        source: new CheckedSource(agent.timers, attachment.source, (trouble) => {
          upload.stop();
          end('', trouble);
        }),
        device,
        timeMs,
        isAgain: attachment.isAgain === true,
        onDone: (eventId) => end(eventId, ''),
        onFail: (reason) => end('', reason),
      });
      upload.start();
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
    throw new RangeError(`event ${type}: its media type is not like image/jpeg`);
}
