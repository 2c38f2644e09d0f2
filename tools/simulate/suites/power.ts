// SPDX-License-Identifier: Apache-2.0
/** P1, P2, P3: power cuts, and faults of the flash. */

import type { Bench } from '../bench.ts';
import {
  EXCHANGE_CUTS,
  FLASH_FAULTS,
  type Occasions,
  type PlannedFault,
  REST_FAULTS,
  WRITE_CUTS,
} from '../faults/fault.ts';
import { SHORT } from '../scenarios/scenario.ts';

/** A cut at each write and each exchange of a life with these occasions. */
export function* everyCut({ write, exchange }: Readonly<Occasions>): Generator<PlannedFault> {
  for (let at = 1; at <= write; at++) for (const what of WRITE_CUTS) yield { on: 'write', at, what };
  for (let at = 1; at <= exchange; at++) for (const what of EXCHANGE_CUTS) yield { on: 'exchange', at, what };
}

/** P1: a power cut at every write and every exchange of every scenario. */
export function p1(bench: Bench, seed: number): void {
  for (const name of bench.scenarios) {
    const { occasions } = bench.try({ scenario: name, seed, faults: [] });
    for (const cut of everyCut(occasions)) {
      if (!bench.goesOn) return;
      bench.disturb({ scenario: name, seed, faults: [cut] });
    }
  }
}

/** P2: all pairs of cuts of the short scenarios. */
export function p2(bench: Bench, seed: number): void {
  let index = seed;
  for (const scenario of SHORT.filter((name) => bench.scenarios.includes(name))) {
    const { occasions } = bench.try({ scenario, seed, faults: [] });
    for (const first of everyCut(occasions)) {
      const { since } = bench.try({ scenario, seed, faults: [first] });
      for (const second of everyCut(since)) {
        if (!bench.goesOn) return;
        index += 1;
        if (bench.takes(index)) bench.disturb({ scenario, seed, faults: [first, second] });
      }
    }
  }
}

/**
 * P3: each write of every scenario torn, flipped, ignored, refused, or the flash full from then on; each start without
 * its number; and each byte of a board that is off damaged.
 */
export function p3(bench: Bench, seed: number): void {
  let index = seed;
  for (const name of bench.scenarios) {
    const { occasions } = bench.try({ scenario: name, seed, faults: [] });
    for (let at = 1; at <= occasions.write; at++) {
      for (const what of FLASH_FAULTS) {
        if (!bench.goesOn) return;
        bench.disturb({ scenario: name, seed, faults: [{ on: 'write', at, what }] });
      }
    }
    for (let at = 1; at <= occasions.start; at++) {
      if (!bench.goesOn) return;
      bench.disturb({ scenario: name, seed, faults: [{ on: 'start', at, what: 'uncounted' }] });
    }
    for (let at = 1; at <= occasions.rest; at++) {
      for (const what of REST_FAULTS) {
        if (!bench.goesOn) return;
        index += 1;
        if (bench.takes(index)) bench.disturb({ scenario: name, seed, faults: [{ on: 'rest', at, what }] });
      }
    }
  }
}
