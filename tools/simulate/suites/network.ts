/** N1 and N2: the network, and the platform. */

import { createRandom } from '../../../hal/common/random.ts';
import type { Bench } from '../bench.ts';
import { CONNECT_FAULTS, NETWORK_FAULTS, PLATFORM_FAULTS, type PlannedFault, REFUSALS } from '../fault.ts';
import { SCENARIOS } from '../scenario.ts';
import type { Trial } from '../trial.ts';

/** Faults in a row at the most. */
const MOST_FAULTS = 8;
const MOST_OCCASIONS = 7;
export const LIVES_PER_SEED = 100;

/** The life of a seed: any scenario on a network in trouble. */
export function troubledLife(seed: number): Trial {
  const random = createRandom(seed * 104_729);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const count = 1 + Math.floor(random() * MOST_FAULTS);
  const faults = Array.from({ length: count }, (): PlannedFault => {
    const at = 1 + Math.floor(random() ** 2 * MOST_OCCASIONS);
    // A connection is not made as often as a request.
    if (random() < 0.3) return { on: 'connect', at: 1, what: pick(CONNECT_FAULTS) };
    return { on: 'exchange', at, what: pick(NETWORK_FAULTS) };
  });
  return { scenario: pick(SCENARIOS).name, seed, faults };
}

/** N1: a hundred lives for each seed, each a seed of its own. */
export function n1(bench: Bench, seed: number): void {
  for (let n = 1; n <= LIVES_PER_SEED && bench.goesOn; n++) bench.try(troubledLife((seed - 1) * LIVES_PER_SEED + n));
}

/** N2: every answer of every scenario replaced by each of those that a platform in trouble gives, or by a refusal. */
export function n2(bench: Bench, seed: number): void {
  const answers = [...Object.keys(PLATFORM_FAULTS), ...Object.keys(REFUSALS)];
  let index = seed;
  for (const { name } of SCENARIOS) {
    const { occasions } = bench.try({ scenario: name, seed, faults: [] });
    for (let at = 1; at <= occasions.exchange; at++) {
      for (const what of answers) {
        if (!bench.goesOn) return;
        index += 1;
        if (bench.takes(index)) bench.try({ scenario: name, seed, faults: [{ on: 'exchange', at, what }] });
      }
    }
  }
}
