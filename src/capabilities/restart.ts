// SPDX-License-Identifier: Apache-2.0

import type { AgentHost, Capability } from './capability.ts';

/** What `c8y_Restart` leaves behind: operation id and the boot in which it was asked for. */
const WITNESS = 'restart';

/**
 * `c8y_Restart`: SUCCESSFUL only on the evidence of a later boot. The witness is written before the restart it asks
 * for; an operation without one was never carried out by this board.
 */
export const restart: Capability = {
  name: 'c8y_Restart',
  run(operation, host: AgentHost) {
    if (!host.remember(WITNESS, `${operation.id} ${host.hal.board.bootCount}`)) {
      return operation.fail('the flash refused to note the restart, so the device did not restart');
    }
    host.restart(`operation ${operation.id}`);
  },
  recover(operation, host: AgentHost) {
    const witness = host.recall(WITNESS)?.split(' ');
    if (witness?.[0] !== operation.id) {
      return operation.fail('the device lost power before it could restart as asked');
    }
    if (host.hal.board.bootCount <= Number(witness[1])) return operation.fail('the device did not restart');
    // The witness stays until the next restart: the power may go before the platform has heard it.
    operation.succeed();
  },
};
