// SPDX-License-Identifier: Apache-2.0

import { type NetworkOptions, networkBy } from '../../src/capabilities/network.ts';
import type { Capability } from '../../src/capability.ts';
import type { NetworkAccess, WifiNetwork } from '../hal.ts';
import { ACCESS_STATUSES, Access, Op } from './protocol.ts';

/**
 * As `network` of the capabilities, for the radio of the parent; on Node, for that of the HAL. Only a bundle that chooses it contains
 * this code.
 */
export function network(options: NetworkOptions = {}): Capability {
  return networkBy(({ hal }) => {
    if (typeof xsHost === 'undefined') return hal.network.access;
    return ask(Access.Status) < 0 ? undefined : new XsAccess();
  }, options);
}

function ask(what: number, network?: WifiNetwork): number {
  const text = network === undefined ? '' : JSON.stringify({ name: network.name, password: network.password });
  return xsHost.call(Op.NetworkAccess, what, 0, 0, text);
}

class XsAccess implements NetworkAccess {
  get name(): string | undefined {
    return ask(Access.Name) === 1 ? xsHost.text() : undefined;
  }

  get status(): NetworkAccess['status'] {
    return ACCESS_STATUSES[ask(Access.Status)] ?? 'searching';
  }

  get refusals(): number {
    return ask(Access.Refusals);
  }

  isKept(network: WifiNetwork): boolean {
    return ask(Access.IsKept, network) === 1;
  }

  join(network: WifiNetwork): void {
    ask(Access.Join, network);
  }

  confirm(): boolean {
    return ask(Access.Confirm) === 1;
  }

  rollBack(): void {
    ask(Access.RollBack);
  }
}
