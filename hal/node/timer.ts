// SPDX-License-Identifier: Apache-2.0

import { checkDelay } from '../common/checks.ts';
import type { OnThrown } from '../common/guard.ts';
import type { Clock, Timer } from '../hal.ts';

/** The longest delay of a timer of Node. */
const LONGEST_MS = 2 ** 31 - 1;

/** All timers of a HAL, so that they can be stopped together. */
export class NodeTimers {
  readonly #clock: Clock;
  readonly #onThrown: OnThrown;
  readonly #running = new Set<Timer>();
  #closed = false;

  constructor(clock: Clock, onThrown: OnThrown) {
    this.#clock = clock;
    this.#onThrown = onThrown;
  }

  create(onTimeout: () => void): Timer {
    const timer = new NodeTimer(this.#clock, () => {
      this.#running.delete(timer);
      try {
        onTimeout();
      } catch (error) {
        this.#onThrown(error);
      }
    });
    return {
      start: (delayMs) => {
        checkDelay(delayMs);
        if (this.#closed) return;
        this.#running.add(timer);
        timer.start(delayMs);
      },
      stop: () => {
        this.#running.delete(timer);
        timer.stop();
      },
    };
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#running) timer.stop();
    this.#running.clear();
  }
}

/** A timer of any length, made of timers of Node. */
class NodeTimer implements Timer {
  readonly #clock: Clock;
  readonly #onTimeout: () => void;
  #dueMs = 0;
  #timeout: NodeJS.Timeout | undefined;

  constructor(clock: Clock, onTimeout: () => void) {
    this.#clock = clock;
    this.#onTimeout = onTimeout;
  }

  start(delayMs: number): void {
    this.stop();
    this.#dueMs = this.#clock.ticks() + delayMs;
    this.#wait(delayMs);
  }

  stop(): void {
    clearTimeout(this.#timeout);
  }

  #wait(ms: number): void {
    this.#timeout = setTimeout(() => this.#elapsed(), Math.min(ms, LONGEST_MS));
  }

  #elapsed(): void {
    // Node's timers count whole milliseconds of a clock of their own and may be a fraction early.
    const leftMs = this.#dueMs - this.#clock.ticks();
    if (leftMs > 0) this.#wait(leftMs);
    else this.#onTimeout();
  }
}
