// SPDX-License-Identifier: Apache-2.0
/** N3 and T2: one resource of the platform is broken for ever, and everything else must continue. */

import type { Bench } from '../bench.ts';
import { cellsOf, LEAST_HOURS, nameOf } from '../lasting/cell.ts';
import { LASTING_FAULTS, SLOW } from '../lasting/faults.ts';
import { LastingLife } from '../lasting/life.ts';

export function n3(bench: Bench, seed: number): void {
  lives(
    bench,
    seed,
    Object.keys(LASTING_FAULTS).filter((name) => name !== SLOW),
  );
}

/** T2: one resource, or all of them, is slow for ever, but not too slow. */
export function t2(bench: Bench, seed: number): void {
  lives(bench, seed, [SLOW]);
}

function lives(bench: Bench, seed: number, faults: readonly string[]): void {
  let index = seed;
  for (const cell of cellsOf(`*/${faults}`)) {
    if (!bench.goesOn) return;
    index += 1;
    if (!bench.takes(index)) continue;
    bench.check(`--cells ${nameOf(cell)} --seed ${seed}`, () => {
      const { troubles, requests, simulatedMs, met } = new LastingLife(cell, {
        identity: bench.identity,
        seed,
        hours: LEAST_HOURS,
      }).live();
      const texts = [...troubles].map(([name, what]) => `${name}: ${what}`);
      if (texts.length > 0) throw new Error(`N3: ${texts.join('\n')}`);
      return { cuts: 0, faults: met, requests, simulatedMs };
    });
  }
}
