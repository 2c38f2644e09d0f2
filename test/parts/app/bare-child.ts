// SPDX-License-Identifier: Apache-2.0
/** A board with a child that takes one operation, and with another child that takes none. */

import type { App } from 'fractus';
import { command, configuration, measurementRequest, message, restart, sendConfiguration } from 'fractus/capabilities';

export const capabilities = [restart, configuration, sendConfiguration, command, measurementRequest];

export const app: App = (board) => {
  board.child('bare', { name: 'bare' });
  board.child('panel', { name: 'panel' }).operation(message((text) => board.hal.log('info', `shown: ${text}`)));
};
