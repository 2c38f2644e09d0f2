import Time from 'time';
import { checkEpoch } from '../common/checks.ts';
import type { Clock } from '../hal.ts';
import type { KnownTime } from './tls/path.ts';

/** The clock of a board: ticks that its counter of 32 bits cannot wrap, and a time that the agent has to set. */
export class Esp32Clock implements Clock {
  #last = Time.ticks;
  #ticks = 0;
  /** Epoch time when `ticks()` was 0. */
  #epochMs: number | undefined;
  /** It is later than that. */
  #floorMs: number;

  /** @param floorMs a time that is past, for example that of the build */
  constructor(floorMs: number) {
    this.#floorMs = floorMs;
  }

  /** To be called at least once in 24 days; the timers of the HAL see to that. */
  ticks(): number {
    const now = Time.ticks;
    // The difference of two counters in 32 bits is right also over a wrap. On Linux, time may step back: not here.
    const passed = (now - this.#last) | 0;
    if (passed > 0) this.#ticks += passed;
    this.#last = now;
    return this.#ticks;
  }

  now(): number | undefined {
    return this.#epochMs === undefined ? undefined : this.#epochMs + this.ticks();
  }

  /**
   * For certificates, also before anybody has told the time: TLS would wait for the time, and the time, which comes
   * with the first answer of the platform, for TLS.
   */
  knownTime(): KnownTime {
    const now = this.now();
    return now === undefined ? { ms: this.#floorMs, exact: false } : { ms: now, exact: true };
  }

  /** Something is remembered that has happened at this time. */
  raiseFloor(epochMs: number): void {
    if (epochMs > this.#floorMs) this.#floorMs = epochMs;
  }

  set(epochMs: number): void {
    checkEpoch(epochMs);
    this.#epochMs = epochMs - this.ticks();
    // For the SDK's own modules.
    Time.set(Math.floor(epochMs / 1000));
  }
}
