// SPDX-License-Identifier: Apache-2.0
/** M2: every call into the HAL throws once, which the contract forbids. */

import type { Bench } from '../bench.ts';

export function m2(bench: Bench, seed: number): void {
  let index = seed;
  for (const name of bench.scenarios) {
    const { occasions } = bench.try({ scenario: name, seed, faults: [] }, true);
    for (let at = 1; at <= occasions.call; at++) {
      if (!bench.goesOn) return;
      index += 1;
      if (bench.takes(index)) bench.disturb({ scenario: name, seed, faults: [{ on: 'call', at, what: 'throws' }] });
    }
  }
}
