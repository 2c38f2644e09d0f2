import Time from 'time';
import { checkEpoch } from '../common/checks.ts';
import type { Clock } from '../hal.ts';

/** The clock of a board: ticks that its counter of 32 bits cannot wrap, and a time that the agent has to set. */
export class Esp32Clock implements Clock {
  #last = Time.ticks;
  #ticks = 0;
  /** Epoch time when `ticks()` was 0. */
  #epochMs: number | undefined;

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

  set(epochMs: number): void {
    checkEpoch(epochMs);
    this.#epochMs = epochMs - this.ticks();
    // For the SDK's own modules.
    Time.set(Math.floor(epochMs / 1000));
  }
}
