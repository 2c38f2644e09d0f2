// SPDX-License-Identifier: Apache-2.0
/** An app that updates an event and reads its own object, once it is connected. */

import type { App } from 'fractus';
import { ongoingEvent } from 'fractus/events';
import { life } from 'fractus/life';
import { ownObject } from 'fractus/object';

export const app: App = (board) => {
  const own = ownObject(board, ['type']);
  let isOpen = false;
  life(board).onChange(({ connected }) => {
    if (!connected || isOpen) return;
    isOpen = true;
    const door = ongoingEvent(board, 'acme_Door', 'open', { acme_Door: { is: 'open' } });
    own.read((view) => door.update('closed', { acme_Door: { type: view?.text('type') ?? '' } }));
  });
};
