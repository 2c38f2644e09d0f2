// SPDX-License-Identifier: Apache-2.0

import type { AgentHost, Capability } from '../../capability.ts';
import { isRelayState, NOT_KEPT, restore, statesOf, switchTo } from './switches.ts';

/**
 * `c8y_RelayArray ["OPEN", "CLOSED", …]`: switches several actuators with one operation. A restart keeps their states.
 * @param actuators their names on the board, in the order of the array; the operation is offered when all of them exist
 */
export function relayArray(...actuators: readonly string[]): Capability {
  const count = actuators.length;
  return {
    name: 'c8y_RelayArray',
    repeatable: true,
    isPossible: (host: AgentHost) => count > 0 && restore(host, actuators),
    inventory: (host: AgentHost) => ({ c8y_RelayArray: statesOf(host, actuators) }),
    run(operation, host: AgentHost) {
      const states = operation.texts() ?? [];
      if (states.length !== count || !states.every(isRelayState)) {
        return operation.fail(`c8y_RelayArray: allowed are ${count} of OPEN, CLOSED`);
      }
      if (!switchTo(host, actuators, states)) return operation.fail(NOT_KEPT);
      operation.fragment('c8y_RelayArray', states);
      operation.succeed();
    },
  };
}
