// SPDX-License-Identifier: Apache-2.0
/** A board with a file of which it takes ten bytes. The first time, its work has no end. */

import type { App } from 'fractus';
import { configurationFiles } from 'fractus/capabilities';
import { state } from 'fractus/state';

export const app: App = (board) => {
  const kept = state(board);
  const file = {
    type: 'recipe',
    maxBytes: 100,
    read: () => Uint8Array.from(kept.get('recipe') ?? 'the first', (letter) => letter.charCodeAt(0)),
    apply(bytes: Uint8Array): void | Promise<void> {
      const text = String.fromCharCode(...bytes);
      const isFirst = kept.get('begun') === undefined;
      kept.set('begun', 'yes');
      kept.set('recipe', text.slice(0, 10));
      // The test ends the process at this line.
      board.hal.log('info', `applied: ${text}`);
      return isFirst ? new Promise(() => {}) : undefined;
    },
  };
  for (const each of configurationFiles(file)) board.operation(each);
};
