// SPDX-License-Identifier: Apache-2.0
/** A board whose author has listed what operators manage it with. */

import type { App } from 'fractus';
import { configuration, logs, restart, shell } from 'fractus/capabilities';

export const capabilities = [restart, configuration, shell(), logs()];

export const app: App = (board) => {
  board.command({ name: 'valve', help: 'says that it is open', run: () => 'open' });
};
