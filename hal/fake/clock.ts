// SPDX-License-Identifier: Apache-2.0

import { checkEpoch } from '../common/checks.ts';
import type { Clock } from '../hal.ts';
import type { VirtualTime } from './time.ts';

/** The clock of one start: it must be told the true time. */
export class FakeClock implements Clock {
  readonly #time: VirtualTime;
  /** Virtual time at tick 0. */
  readonly #zeroMs: number;
  #originMs: number | undefined;

  constructor(time: VirtualTime, firstTick: number) {
    this.#time = time;
    this.#zeroMs = time.nowMs - firstTick;
  }

  ticks(): number {
    return this.#time.nowMs - this.#zeroMs;
  }

  now(): number | undefined {
    return this.#originMs === undefined ? undefined : this.#originMs + this.ticks();
  }

  set(epochMs: number): void {
    checkEpoch(epochMs);
    this.#originMs = epochMs - this.ticks();
  }
}
