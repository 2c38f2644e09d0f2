// SPDX-License-Identifier: Apache-2.0

import type { AgentHost, Capability } from '../capability.ts';

/** The name for the witness of the last `c8y_Restart`: operation id and boot count at the request. */
const WITNESS = 'restart';

/**
 * `c8y_Restart`: SUCCESSFUL only on the evidence of a later boot. The witness is written before the restart; an
 * operation without a witness was never carried out by this board.
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
    // The witness stays until the next restart: the power may fail before the platform has the result.
    operation.succeed();
  },
};
