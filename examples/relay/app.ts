// SPDX-License-Identifier: Apache-2.0

import type { App, Capability } from 'fractus';

const relay: Capability = {
  name: 'c8y_Relay',
  inventory: () => ({ c8y_Relay: { relayState: 'OPEN' } }),
  run(operation, { hal }) {
    const relayState = operation.text('relayState');
    if (relayState !== 'OPEN' && relayState !== 'CLOSED') return operation.fail('relayState: allowed are OPEN, CLOSED');
    hal.actuators['relay']?.write(relayState === 'CLOSED' ? 1 : 0);
    operation.fragment('c8y_Relay', { relayState });
    operation.succeed();
  },
};

export const app: App = (board) => board.operation(relay);
