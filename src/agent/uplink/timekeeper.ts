// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../../hal/hal.ts';

/** A correction up to this is made at once: drift, and the second that the header leaves out. */
const SMALL_STEP_MS = 60_000;
/** Two answers agree when they imply the same time up to this. */
const AGREEMENT_MS = 5000;
/** No correction for less: the Date header has whole seconds. */
const TOLERANCE_MS = 3000;

/** A build may say that it is from 1980, for the sake of being reproducible: it is not before 2026. */
const FIRST_MS = 1_767_225_600_000;
const FIFTY_YEARS_MS = 1_577_880_000_000;

/** No clock is believed that says more. */
export function latestMs(buildTimeMs: number): number {
  return Math.max(buildTimeMs, FIRST_MS) + FIFTY_YEARS_MS;
}

export interface TimekeeperOwner {
  /** The platform has told the time, or agrees with the clock, for the first time. */
  onTime(): void;
}

/**
 * Learns the time from the Date header of the platform's 2xx answers (RFC 9110 §6.6.1): never earlier than the build or
 * too far behind it, never finer than the round trip, and a step of more than a minute only when two answers agree on
 * it. A HAL may have found the time by itself; then it is told that the platform agrees.
 */
export class Timekeeper {
  readonly #hal: Hal;
  readonly #owner: TimekeeperOwner;
  readonly #buildTimeMs: number;
  /** Epoch ms at tick 0 by an answer that disagrees with the clock; NaN when there is none. */
  #candidateMs = NaN;
  #isAgreed = false;
  #hasComplained = false;

  constructor(hal: Hal, owner: TimekeeperOwner) {
    this.#hal = hal;
    this.#owner = owner;
    this.#buildTimeMs = hal.board.firmware.buildTimeMs;
  }

  /**
   * @param dateMs what a 2xx answer of the configured host says it is; NaN when it does not say.
   * @param ageMs how old that may be besides: the round trip. A clock that is off by less is not corrected.
   */
  observe(dateMs: number, ageMs: number): void {
    const { clock } = this.#hal;
    if (!(dateMs >= this.#buildTimeMs && dateMs <= latestMs(this.#buildTimeMs))) {
      if (this.#hasComplained || clock.now() !== undefined) return;
      this.#hasComplained = true;
      this.#hal.log(
        'warn',
        'the platform tells no time (Date) that can be used: until it does, what is measured waits',
      );
      return;
    }
    const now = clock.now() ?? dateMs;
    const step = Math.abs(dateMs - now);
    if (step <= TOLERANCE_MS + ageMs) {
      this.#candidateMs = NaN;
      if (!this.#isAgreed) this.agree(now);
      return;
    }
    const origin = dateMs - clock.ticks();
    if (step > SMALL_STEP_MS && !(Math.abs(origin - this.#candidateMs) <= AGREEMENT_MS + ageMs)) {
      this.#candidateMs = origin;
      return;
    }
    this.#candidateMs = NaN;
    this.agree(dateMs);
    this.#hal.log('info', `the clock was ${Math.round(step / 1000)} s off: corrected`);
  }

  private agree(epochMs: number): void {
    this.#hal.clock.set(epochMs);
    if (this.#isAgreed) return;
    this.#isAgreed = true;
    this.#owner.onTime();
  }
}
