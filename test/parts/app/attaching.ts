// SPDX-License-Identifier: Apache-2.0
/** An app that sends a table of 20,000 bytes once it is connected. */

import type { App } from 'fractus';
import { attachments } from 'fractus/capabilities';
import { life } from 'fractus/life';

const BYTES = 20_000;

export const app: App = (board) => {
  const files = attachments(board);
  let isSent = false;
  life(board).onChange(({ connected, timeKnown }) => {
    if (!connected || !timeKnown || isSent) return;
    let at = 0;
    isSent = files.send({
      type: 'acme_Table',
      text: 'The table of this start',
      fileName: 'table.bin',
      mediaType: 'application/octet-stream',
      source: {
        open() {
          at = 0;
          return BYTES;
        },
        read(into) {
          const end = Math.min(into.length, BYTES - at);
          for (let i = 0; i < end; i++) into[i] = at++ & 0xff;
          return end;
        },
      },
      onEnd: (eventId, trouble) => board.event('acme_Ended', trouble === '' ? `sent ${eventId}` : trouble),
    });
  });
};
