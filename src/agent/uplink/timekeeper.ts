// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../../hal/hal.ts';

/** A correction up to this is made at once: drift, and the fraction of a second that the header lacks. */
const SMALL_STEP_MS = 60_000;
/** Two answers agree if their times differ by no more than this. */
const AGREEMENT_MS = 5000;
/** A difference up to this is not corrected: the Date header has whole seconds. */
const TOLERANCE_MS = 3000;

/** 2026-01-01, the earliest build time that counts. A reproducible build may claim to be from 1980. */
const FIRST_MS = 1_767_225_600_000;
const FIFTY_YEARS_MS = 1_577_880_000_000;

/** The latest time (epoch ms) that is accepted from any clock. */
export function latestMs(buildTimeMs: number): number {
  return Math.max(buildTimeMs, FIRST_MS) + FIFTY_YEARS_MS;
}

export interface TimekeeperOwner {
  /** Called once: the platform has told the time, or has confirmed the clock, for the first time. */
  onTime(): void;
}

/**
 * Learns the time from the Date header of the platform's 2xx answers (RFC 9110 §6.6.1). A time before the build, or
 * more than 50 years after it, is ignored. A difference within the round trip is not corrected, and a step of more than
 * a minute is made only when two answers agree on it. A time that the HAL knows already is confirmed by `clock.set`.
 */
export class Timekeeper {
  readonly #hal: Hal;
  readonly #owner: TimekeeperOwner;
  readonly #buildTimeMs: number;
  /** Epoch ms at tick 0 according to an answer that disagrees with the clock; NaN: no such answer. */
  #candidateMs = NaN;
  #isAgreed = false;
  #hasComplained = false;

  constructor(hal: Hal, owner: TimekeeperOwner) {
    this.#hal = hal;
    this.#owner = owner;
    this.#buildTimeMs = hal.board.firmware.buildTimeMs;
  }

  /**
   * @param dateMs the time by a 2xx answer of the configured host; NaN: the answer has none.
   * @param ageMs the greatest age of that time: the round trip. A smaller error of the clock is not corrected.
   */
  observe(dateMs: number, ageMs: number): void {
    const { clock } = this.#hal;
    if (!(dateMs >= this.#buildTimeMs && dateMs <= latestMs(this.#buildTimeMs))) {
      if (this.#hasComplained || clock.now() !== undefined) return;
      this.#hasComplained = true;
      this.#hal.log('warn', 'the platform sends no usable time (Date): measurements wait for it');
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
