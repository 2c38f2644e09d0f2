// SPDX-License-Identifier: Apache-2.0

import type { App } from 'fractus';
import { command, configuration, logs, restart } from 'fractus/capabilities';

/** The capabilities of the board itself: its log can be read remotely. */
export const capabilities = [restart, configuration, command, logs()];

/** A door that logs who has opened it, and why it has stayed shut. */
export const app: App = (board) => {
  const { hal } = board;
  board.operation({
    name: 'acme_Door',
    run(operation) {
      const badge = operation.text('badge');
      if (badge === undefined) {
        hal.log('warn', 'the door stays shut: nobody has said who wants in');
        return operation.fail('badge: missing');
      }
      hal.log('info', `the door opens for ${badge}`);
      hal.actuators['relay']?.write(1);
      operation.succeed();
    },
  });
};
