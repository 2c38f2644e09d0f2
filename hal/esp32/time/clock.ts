// SPDX-License-Identifier: Apache-2.0

import { checkEpoch } from '../../common/checks.ts';
import type { Clock } from '../../hal.ts';
import type { KnownTime } from '../tls/path.ts';
import type { TimeFloor } from './time-floor.ts';

/** The counter of the SDK (`time`). */
export interface Counter {
  /** Milliseconds: 32 bits that wrap on a board, epoch time on Linux. */
  readonly ticks: number;
  set(epochSeconds: number): void;
}

/** No correction by a time server for less. */
const TOLERANCE_MS = 1000;
/** The agent corrects the clock when the platform's Date header is off by more: about that, the platform has the last word. */
const LAST_WORD_MS = 3000;
/** Times that close are the same one when it comes to the dates of certificates. */
const SAME_MS = 3_600_000;

/**
 * The clock of a board: ticks that its counter of 32 bits cannot wrap, and a time that a time server suggests and the
 * agent sets.
 */
export class Esp32Clock implements Clock {
  #last: number;
  #ticks = 0;
  /** Epoch time when `ticks()` was 0; NaN: the time is not known. */
  #epochMs = NaN;
  /** The agent has set it: the platform says so. Until then it may be what anybody has sent by UDP. */
  #isVouchedFor = false;
  /** As `#epochMs`: by this time certificates were good, or another source agrees with it. */
  #provenMs = NaN;
  /** And by this one none were, of those that were good a moment ago. */
  #doubtedMs = NaN;
  readonly #floor: TimeFloor;
  readonly #counter: Counter;
  readonly #onDoubt: () => void;

  /** @param onDoubt told that the time the platform has told may be wrong: another source should be asked */
  constructor(floor: TimeFloor, counter: Counter, onDoubt: () => void) {
    this.#floor = floor;
    this.#counter = counter;
    this.#onDoubt = onDoubt;
    this.#last = counter.ticks;
  }

  /** To be called at least once in 24 days; the timers of the HAL see to that. */
  ticks(): number {
    const now = this.#counter.ticks;
    // The difference of two counters in 32 bits is right also over a wrap. On Linux, time may step back: not here.
    const passed = (now - this.#last) | 0;
    if (passed > 0) this.#ticks += passed;
    this.#last = now;
    return this.#ticks;
  }

  now(): number | undefined {
    return Number.isNaN(this.#epochMs) ? undefined : this.#epochMs + this.ticks();
  }

  /**
   * For certificates, also before the platform has told the time: TLS would wait for the time, and the time, which comes
   * with the first answer of the platform, for TLS. A time server is not asked: whoever can forge the platform's answer
   * can forge that one, and a wrong one would make every certificate look expired, with nobody left to correct it.
   */
  knownTime(): KnownTime {
    const now = this.now();
    if (now === undefined || !this.#isVouchedFor || this.#isAbout(this.#doubtedMs)) {
      return { ms: this.#floor.ms, exact: false };
    }
    return { ms: now, exact: true };
  }

  /**
   * Certificates that were judged by `time` are good, or refused because of their dates. What the platform says of the
   * time is no authority over the certificate that it says it with: a time by which no certificate was good yet is in
   * doubt when it refuses one, until another source agrees.
   */
  judged(time: KnownTime, isGood: boolean): void {
    const epochMs = time.ms - this.ticks();
    if (isGood) {
      this.#floor.seen(time.ms);
      if (time.exact) this.#provenMs = epochMs;
    } else if (!time.exact) {
      this.#floor.refused();
    } else if (!(Math.abs(epochMs - this.#provenMs) < SAME_MS)) {
      this.#doubtedMs = epochMs;
      this.#onDoubt();
    }
  }

  set(epochMs: number): void {
    checkEpoch(epochMs);
    this.#isVouchedFor = true;
    this.#put(epochMs);
  }

  /**
   * A time server says that it is that late. Taken while the platform has said nothing or is in doubt, and then for what
   * is too little to show in its Date header. False: that cannot be, for it is later for certain, or never so late.
   */
  suggest(epochMs: number): boolean {
    const now = this.now();
    if (now !== undefined && this.#isVouchedFor) {
      const offMs = Math.abs(epochMs - now);
      if (offMs > TOLERANCE_MS && offMs <= LAST_WORD_MS) this.#put(epochMs);
      if (!this.#isAbout(this.#doubtedMs)) return true;
      if (offMs < SAME_MS) {
        this.#provenMs = this.#doubtedMs;
        this.#doubtedMs = NaN;
        return true;
      }
    }
    if (epochMs < this.#floor.ms || epochMs > this.#floor.latestMs) return false;
    this.#isVouchedFor = false;
    this.#put(epochMs);
    return true;
  }

  #isAbout(epochMs: number): boolean {
    return Math.abs(this.#epochMs - epochMs) < SAME_MS;
  }

  #put(epochMs: number): void {
    this.#epochMs = epochMs - this.ticks();
    // For the SDK's own modules.
    this.#counter.set(Math.floor(epochMs / 1000));
  }
}
