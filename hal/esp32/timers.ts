// SPDX-License-Identifier: Apache-2.0

import Timer, { type TimerId } from 'timer';
import { checkDelay } from '../common/checks.ts';
import type { OnThrown } from '../common/guard.ts';
import type { Clock, Timer as HalTimer } from '../hal.ts';

/** The longest run of the board's timer, which computes in 32 bits. Firing this often also keeps the clock counting. */
const LONGEST_MS = 3_600_000;

export interface Esp32TimersOptions {
  readonly clock: Clock;
  readonly onThrown: OnThrown;
}

/**
 * All timers of the agent over one timer of the board. Running timers form a linked list in the order in which they are
 * due: starting a timer allocates nothing, and a stopped timer without other references can be collected.
 */
export class Esp32Timers {
  readonly #options: Esp32TimersOptions;
  /** The timer that is due first. */
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

  /** Called by a timer. */
  start(timer: Esp32Timer, delayMs: number): void {
    checkDelay(delayMs);
    this.#unlink(timer);
    if (this.#closed) return;
    // At least 1: a timer that a callback starts waits for the next run, so that a run always ends.
    timer.dueMs = this.#options.clock.ticks() + Math.max(1, Math.ceil(delayMs));
    this.#link(timer);
    if (this.#first === timer) this.#arm();
  }

  /** Called by a timer. */
  stop(timer: Esp32Timer): void {
    this.#unlink(timer);
  }

  /** Ends all timers. No callback follows. */
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

  /** Calls the timers that are due; runs when the board's timer fires. */
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
    // A repeating timer, although it is armed again after each run: a one-shot timer is deleted after it has fired.
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
