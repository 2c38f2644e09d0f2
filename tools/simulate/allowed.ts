// SPDX-License-Identifier: Apache-2.0
/** Rules of the emulator that a device cannot keep while certain things are done to it. */

import type { Rule } from '../platform/rules.ts';
import type { Injector } from './injector.ts';
import type { Life } from './life.ts';

export interface AllowedOptions {
  readonly life: Life;
  readonly injector: Injector;
  /** How many requests are refused for good. */
  readonly refusals: number;
}

/** Whose breach is a matter of what is done to the device. */
export function allowedRules({ life, injector, refusals }: AllowedOptions): readonly Rule[] {
  return [
    // An operation whose start the platform refuses is passed over, and an inventory that it refuses is not told again.
    ...(refusals > 0 ? (['operation-order', 'network-told'] as const) : []),
    // One whose requests fail again and again lets the next one go first, and an end does not wait for the inventory for ever.
    ...(injector.planned.some(({ what }) => what === 'portal')
      ? (['operation-order', 'device-profile', 'software-list', 'network-told'] as const)
      : []),
    // A session lasts longer than the platform waits for the long poll.
    ...(life.scenario.remote === true ? (['connect-gap'] as const) : []),
    // It learns that its object is gone when it may not subscribe to it.
    ...(life.scenario.forgets === true ? (['subscribe-denied'] as const) : []),
  ];
}
