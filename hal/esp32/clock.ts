import Time from 'time';
import { checkEpoch } from '../common/checks.ts';
import type { Clock } from '../hal.ts';
import type { TimeFloor } from './time-floor.ts';
import type { KnownTime } from './tls/path.ts';

/** The clock of a board: ticks that its counter of 32 bits cannot wrap, and a time that the agent has to set. */
export class Esp32Clock implements Clock {
  #last = Time.ticks;
  #ticks = 0;
  /** Epoch time when `ticks()` was 0. */
  #epochMs: number | undefined;
  readonly #floor: TimeFloor;

  constructor(floor: TimeFloor) {
    this.#floor = floor;
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
    return now === undefined ? { ms: this.#floor.ms, exact: false } : { ms: now, exact: true };
  }

  /** A certificate was refused because of its date. */
  dateRefused(): void {
    if (this.#epochMs === undefined) this.#floor.refused();
  }

  set(epochMs: number): void {
    checkEpoch(epochMs);
    this.#floor.seen(epochMs);
    this.#epochMs = epochMs - this.ticks();
    // For the SDK's own modules.
    Time.set(Math.floor(epochMs / 1000));
  }
}
