// SPDX-License-Identifier: Apache-2.0
/** N1, N2 and N4: faults of the network and of the platform. */

import { createRandom } from '../../../hal/common/random.ts';
import type { Bench } from '../bench.ts';
import {
  BAYEUX_FAULTS,
  BROKEN_OFF,
  CONNECT_FAULTS,
  type FaultKind,
  FILE_LIES,
  NETWORK_FAULTS,
  type Occasion,
  PLATFORM_FAULTS,
  type PlannedFault,
  PUSH_FAULTS,
  REFUSALS,
  REST_LIES,
} from '../faults/fault.ts';
import { SCENARIOS } from '../scenarios/scenario.ts';
import type { Trial } from '../trial.ts';

/** Most faults in a row. */
const MOST_FAULTS = 8;
const MOST_OCCASIONS = 7;
/** Faults that end a connection in a way that the device notices. */
const BREAKS = ['end', 'reset', 'dropBefore', 'dropAfter', 'truncate'] as const;
const LIVES_PER_SEED = 100;
const NAMES = SCENARIOS.map(({ name }) => name);
const DRAIN = 'drain';
/** Number of refusals that halve a batch of half an hour down to one record. */
const HALVINGS = 7;

/** The life of a seed: any scenario on a network in trouble. */
export function troubledLife(seed: number, scenarios: readonly string[] = NAMES): Trial {
  const random = createRandom(seed * 104_729);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const count = 1 + Math.floor(random() * MOST_FAULTS);
  const faults: PlannedFault[] = [];
  while (faults.length < count) {
    const at = 1 + Math.floor(random() ** 2 * MOST_OCCASIONS);
    // A connected device only connects again after the end of its connection.
    const isOfConnect = random() < 0.3;
    faults.push({ on: 'exchange', at, what: pick(isOfConnect ? BREAKS : NETWORK_FAULTS) });
    if (isOfConnect) faults.push({ on: 'connect', at: 1, what: pick(CONNECT_FAULTS) });
  }
  return { scenario: pick(scenarios), seed, faults };
}

/** N1: a hundred lives for each seed, each a seed of its own. */
export function n1(bench: Bench, seed: number): void {
  for (let n = 1; n <= LIVES_PER_SEED && bench.goesOn; n++)
    bench.try(troubledLife((seed - 1) * LIVES_PER_SEED + n, bench.scenarios));
}

function answers(on: Occasion, table: object): FaultKind[] {
  return Object.keys(table).map((what) => ({ on, what }));
}

/** The answers of a platform in trouble, and its refusals. */
export const ANSWERS: readonly FaultKind[] = [
  ...answers('exchange', PLATFORM_FAULTS),
  ...answers('exchange', REFUSALS),
  ...answers('bayeux', BAYEUX_FAULTS),
  ...answers('push', PUSH_FAULTS),
];

/** N2: replaces every answer of every scenario by each answer of a platform in trouble, and by each refusal. */
export function n2(bench: Bench, seed: number): void {
  let index = seed;
  for (const name of bench.scenarios) {
    const { occasions } = bench.try({ scenario: name, seed, faults: [] });
    for (const { on, what } of ANSWERS) {
      for (let at = 1; at <= occasions[on]; at++) {
        if (!bench.goesOn) return;
        index += 1;
        // Bayeux messages and pushes are few, so all of them are tried.
        if (on !== 'exchange' || bench.takes(index))
          bench.disturb({ scenario: name, seed, faults: [{ on, at, what }] });
      }
    }
  }
  if (bench.scenarios.includes(DRAIN)) refusedBatches(bench, seed);
}

/** Refuses requests repeatedly, from each exchange on: only the faulty record may be dropped. */
function refusedBatches(bench: Bench, seed: number): void {
  const trial: Trial = { scenario: DRAIN, seed, faults: [] };
  const { occasions } = bench.try(trial);
  for (let first = 1; first <= occasions.exchange && bench.goesOn; first++) {
    const at = (index: number) => (index === 0 ? first : 1);
    const faults = Array.from(
      { length: HALVINGS },
      (_, index) => ({ on: 'exchange', at: at(index), what: '422' }) as const,
    );
    bench.try({ ...trial, faults });
  }
}

/** N4: a lie about each file of every scenario: about the whole file, and about its rest after a broken connection. */
export function n4(bench: Bench, seed: number): void {
  for (const scenario of bench.scenarios) {
    const { occasions } = bench.try({ scenario, seed, faults: [] });
    for (let at = 1; at <= occasions.download; at++) {
      const broken: PlannedFault = { on: 'download', at, what: BROKEN_OFF };
      const lives = [
        ...Object.keys(FILE_LIES).map((what): PlannedFault[] => [{ on: 'download', at, what }]),
        ...Object.keys(REST_LIES).map((what): PlannedFault[] => [broken, { on: 'download', at: 1, what }]),
      ];
      for (const faults of lives) {
        if (!bench.goesOn) return;
        bench.disturb({ scenario, seed, faults });
      }
    }
  }
}
