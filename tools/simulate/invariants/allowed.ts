// SPDX-License-Identifier: Apache-2.0
/** Rules of the emulator that a device cannot keep under certain faults. */

import type { Rule } from '../../platform/rules.ts';
import type { Injector } from '../faults/injector.ts';
import type { Life } from '../machine/life.ts';

export interface AllowedOptions {
  readonly life: Life;
  readonly injector: Injector;
  /** Number of requests that are refused for good. */
  readonly refusals: number;
}

/** The results of operations that end at once: in the inventory, and in an event. */
const RESULTS = ['configuration-told', 'relay-told', 'service-told', 'parameter-update'] as const;

/** The rules whose breach is caused by the life's faults. */
export function allowedRules({ life, injector, refusals }: AllowedOptions): readonly Rule[] {
  return [
    // A device skips an operation whose start is refused, and does not repeat a refused inventory update.
    ...(refusals > 0 ? (['operation-order', 'network-told', 'software-list'] as const) : []),
    // An operation whose requests keep failing lets the next one go first, and its end does not wait for the inventory
    // for ever.
    ...(injector.planned.some(({ what }) => what === 'portal')
      ? (['operation-order', 'device-profile', 'software-list', 'network-told', ...RESULTS] as const)
      : []),
    // A remote session lasts longer than the platform waits for the long poll.
    ...(life.scenario.remote === true ? (['connect-gap'] as const) : []),
    // The device learns that its object is gone when its subscription is denied.
    ...(life.scenario.forgets === true ? (['subscribe-denied'] as const) : []),
  ];
}
