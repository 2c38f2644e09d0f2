// SPDX-License-Identifier: Apache-2.0
/** An app that, once it is connected, updates an event with what it has read of its own object, and sends a table of 20,000 bytes. */

import type { App } from 'fractus';
import { attachments } from 'fractus/capabilities';
import { ongoingEvent } from 'fractus/events';
import { life } from 'fractus/life';
import { ownObject } from 'fractus/object';

const BYTES = 20_000;

export const app: App = (board) => {
  const own = ownObject(board, ['type']);
  const files = attachments(board);
  let at = 0;
  let isBegun = false;

  const sendTable = () =>
    files.send({
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
          const count = Math.min(into.length, BYTES - at);
          for (let i = 0; i < count; i++) into[i] = at++ & 0xff;
          return count;
        },
      },
      onEnd: (eventId, trouble) => board.event('acme_Ended', trouble === '' ? `sent ${eventId}` : trouble),
    });

  life(board).onChange(({ connected, timeKnown }) => {
    if (!connected || !timeKnown || isBegun) return;
    isBegun = true;
    const door = ongoingEvent(board, 'acme_Door', 'open', { acme_Door: { is: 'open' } });
    own.read((view) => door.update('closed', { acme_Door: { type: view?.text('type') ?? '' } }));
    sendTable();
  });
};
