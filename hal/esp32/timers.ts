// SPDX-License-Identifier: Apache-2.0

import Timer, { type TimerId } from 'timer';
import { checkDelay } from '../common/checks.ts';
import type { OnThrown } from '../common/guard.ts';
import type { Clock, Timer as HalTimer } from '../hal.ts';

/** The timer of a board computes in 32 bits; this also keeps the clock counting. */
const LONGEST_MS = 3_600_000;

export interface Esp32TimersOptions {
  readonly clock: Clock;
  readonly onThrown: OnThrown;
}

/**
 * All timers of the agent over one of the board. Those that run are a list in the order in which they are due, linked
 * through themselves, so that starting one allocates nothing and one that nobody knows any more can be collected.
 */
export class Esp32Timers {
  readonly #options: Esp32TimersOptions;
  /** Due first. */
  #first: Esp32Timer | undefined;
  #native: TimerId | undefined;
  #closed = false;

  constructor(options: Esp32TimersOptions) {
    this.#options = options;
    this.#native = Timer.repeat(() => this.#run(), LONGEST_MS);
  }

  create(onTimeout: () => void): HalTimer {
    return new Esp32Timer(this, onTimeout);
  }

  /** From a timer. */
  start(timer: Esp32Timer, delayMs: number): void {
    checkDelay(delayMs);
    this.#unlink(timer);
    if (this.#closed) return;
    // At least 1: one that is started by a callback waits for the next run, so that no run is endless.
    timer.dueMs = this.#options.clock.ticks() + Math.max(1, Math.ceil(delayMs));
    this.#link(timer);
    if (this.#first === timer) this.#arm();
  }

  /** From a timer. */
  stop(timer: Esp32Timer): void {
    this.#unlink(timer);
  }

  /** Nothing is called any more. */
  close(): void {
    this.#closed = true;
    this.#first = undefined;
    Timer.clear(this.#native);
    this.#native = undefined;
  }

  #link(timer: Esp32Timer): void {
    let before: Esp32Timer | undefined;
    let after = this.#first;
    while (after !== undefined && after.dueMs <= timer.dueMs) {
      before = after;
      after = after.next;
    }
    timer.next = after;
    if (before === undefined) this.#first = timer;
    else before.next = timer;
  }

  #unlink(timer: Esp32Timer): void {
    let before: Esp32Timer | undefined;
    for (let each = this.#first; each !== undefined; each = each.next) {
      if (each === timer) {
        if (before === undefined) this.#first = timer.next;
        else before.next = timer.next;
        timer.next = undefined;
        return;
      }
      before = each;
    }
  }

  /** The board's timer has fired. */
  #run(): void {
    const now = this.#options.clock.ticks();
    for (let timer = this.#first; timer !== undefined && timer.dueMs <= now; timer = this.#first) {
      this.#first = timer.next;
      timer.next = undefined;
      try {
        timer.onTimeout();
      } catch (error) {
        this.#options.onThrown(error);
      }
    }
    this.#arm();
  }

  #arm(): void {
    const native = this.#native;
    if (native === undefined) return;
    const leftMs = this.#first === undefined ? LONGEST_MS : this.#first.dueMs - this.#options.clock.ticks();
    // Repeating, although it is armed anew each time: one that fires once is gone afterwards.
    const delayMs = Math.max(1, Math.min(leftMs, LONGEST_MS));
    Timer.schedule(native, delayMs, delayMs);
  }
}

class Esp32Timer implements HalTimer {
  readonly onTimeout: () => void;
  dueMs = 0;
  next: Esp32Timer | undefined;
  readonly #timers: Esp32Timers;

  constructor(timers: Esp32Timers, onTimeout: () => void) {
    this.#timers = timers;
    this.onTimeout = onTimeout;
  }

  start(delayMs: number): void {
    this.#timers.start(this, delayMs);
  }

  stop(): void {
    this.#timers.stop(this);
  }
}
