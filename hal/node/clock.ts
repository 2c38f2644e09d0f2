// SPDX-License-Identifier: Apache-2.0

import { performance } from 'node:perf_hooks';
import { checkEpoch } from '../common/checks.ts';
import type { Clock } from '../hal.ts';

/** The clock of a board without a battery: it does not know the time until it is set. */
export class NodeClock implements Clock {
  readonly #bootMs = performance.now();
  /** Epoch time at tick 0. */
  #originMs: number | undefined;

  ticks(): number {
    return Math.floor(performance.now() - this.#bootMs);
  }

  now(): number | undefined {
    return this.#originMs === undefined ? undefined : this.#originMs + this.ticks();
  }

  set(epochMs: number): void {
    checkEpoch(epochMs);
    this.#originMs = epochMs - this.ticks();
  }
}
