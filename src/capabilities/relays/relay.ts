// SPDX-License-Identifier: Apache-2.0

import type { AgentHost, Capability } from '../../capability.ts';
import { isRelayState, NOT_KEPT, restore, statesOf, switchTo } from './switches.ts';

/**
 * `c8y_Relay {"relayState": "OPEN" | "CLOSED"}`: switches an actuator. A restart keeps its state.
 * @param actuator its name on the board; without one of that name the operation is not offered
 */
export function relay(actuator = 'relay'): Capability {
  const names = [actuator];
  return {
    name: 'c8y_Relay',
    repeatable: true,
    isPossible: (host: AgentHost) => restore(host, names),
    inventory: (host: AgentHost) => ({ c8y_Relay: { relayState: statesOf(host, names)[0] ?? 'OPEN' } }),
    run(operation, host: AgentHost) {
      const relayState = operation.text('relayState');
      if (!isRelayState(relayState)) return operation.fail('relayState: allowed are OPEN, CLOSED');
      if (!switchTo(host, names, [relayState])) return operation.fail(NOT_KEPT);
      operation.fragment('c8y_Relay', { relayState });
      operation.succeed();
    },
  };
}
