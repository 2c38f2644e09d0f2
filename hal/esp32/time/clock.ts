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

/** Smaller differences are not corrected by a time server. */
const TOLERANCE_MS = 1000;
/** Larger differences are left to the agent, which corrects the clock by the platform's Date header. */
const LAST_WORD_MS = 3000;
/** Times that differ by less are the same for the dates of certificates. */
const SAME_MS = 3_600_000;

/**
 * The clock of a board: ticks that never wrap, although the counter has 32 bits, and a time that a time server suggests
 * and the agent sets.
 */
export class Esp32Clock implements Clock {
  #last: number;
  #ticks = 0;
  /** Epoch time when `ticks()` was 0; NaN: the time is not known. */
  #epochMs = NaN;
  /**
   * True once the agent has set the time, because the platform has told it. Until then it may come from any sender over
   * UDP.
   */
  #isVouchedFor = false;
  /** Like `#epochMs`, for a proven time: certificates were valid by it, or another source agrees with it. */
  #provenMs = NaN;
  /** Like `#epochMs`, for a time in doubt: certificates were refused by it, and none was valid before. */
  #doubtedMs = NaN;
  readonly #floor: TimeFloor;
  readonly #counter: Counter;
  readonly #onDoubt: () => void;

  /** @param onDoubt called when the time from the platform may be wrong and another source should be asked */
  constructor(floor: TimeFloor, counter: Counter, onDoubt: () => void) {
    this.#floor = floor;
    this.#counter = counter;
    this.#onDoubt = onDoubt;
    this.#last = counter.ticks;
  }

  /** Must be called at least once in 24 days; the timers of the HAL do so. */
  ticks(): number {
    const now = this.#counter.ticks;
    // The difference of two 32-bit counters is right also across a wrap. On Linux, time may step back, but ticks must
    // not.
    const passed = (now - this.#last) | 0;
    if (passed > 0) this.#ticks += passed;
    this.#last = now;
    return this.#ticks;
  }

  now(): number | undefined {
    return Number.isNaN(this.#epochMs) ? undefined : this.#epochMs + this.ticks();
  }

  /**
   * The time by which certificates are judged; exact once the platform has told it. Before that it is the time floor:
   * otherwise TLS would wait for the time, and the time, which comes with the platform's first answer, for TLS. The
   * time of a time server is not used: whoever can forge the platform's answer can forge that time too, and a wrong
   * time would make every certificate look expired, with nobody left to correct it.
   */
  knownTime(): KnownTime {
    const now = this.now();
    if (now === undefined || !this.#isVouchedFor || this.#isAbout(this.#doubtedMs)) {
      return { ms: this.#floor.ms, exact: false };
    }
    return { ms: now, exact: true };
  }

  /**
   * Certificates that were judged by `time` are valid, or were refused because of their dates. The platform's time
   * cannot prove the platform's own certificate: when a time by which no certificate was valid yet refuses one, the
   * time is in doubt until another source agrees.
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
   * Takes the time of a time server, while the platform has told no time or its time is in doubt. Otherwise only small
   * corrections are taken, which the Date header cannot show. False: the time is impossible, because it is before the
   * time floor or after the latest possible time.
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
