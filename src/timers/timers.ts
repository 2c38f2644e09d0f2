// SPDX-License-Identifier: Apache-2.0

import type { Clock, Timer } from '../../hal/hal.ts';
import type { EventScope } from './event-scope.ts';

/** The part of the HAL that deadlines need. */
export interface TimerSource {
  readonly clock: Clock;
  createTimer(onTimeout: () => void): Timer;
}

/**
 * All deadlines of the agent on one timer of the HAL, which is restarted only when the earliest deadline becomes
 * earlier. Starting and stopping a deadline allocates nothing. Only its owner refers to a deadline that does not run,
 * so that both can be freed.
 */
export class Timers {
  /** Entered while deadlines expire. */
  readonly scope: EventScope;
  readonly #clock: Clock;
  readonly #timer: Timer;
  /** First of the running deadlines. */
  #first: Deadline | undefined;
  /** Ticks at which the timer of the HAL fires. */
  #armedMs = Number.POSITIVE_INFINITY;
  #isClosed = false;
  /** Counts starts, so that deadlines of the same moment run in the order of their starts. */
  #starts = 0;

  constructor(hal: TimerSource, scope: EventScope) {
    this.scope = scope;
    this.#clock = hal.clock;
    this.#timer = hal.createTimer(() => this.onTimeout());
  }

  /** Creates a deadline. `owner.onDeadline` is called from the timer of the HAL, never from within `start`. */
  create(owner: DeadlineOwner): Deadline {
    return new Deadline(this, owner);
  }

  ticks(): number {
    return this.#clock.ticks();
  }

  /** Stops the timer for good: no deadline runs any more. */
  close(): void {
    this.#isClosed = true;
    this.#armedMs = Number.NEGATIVE_INFINITY;
    this.#timer.stop();
  }

  /** For Deadline: adds a running deadline. */
  add(deadline: Deadline): void {
    deadline.next = this.#first;
    this.#first = deadline;
  }

  /** For Deadline: removes a deadline that no longer runs. */
  remove(deadline: Deadline): void {
    let before: Deadline | undefined;
    for (let at = this.#first; at !== undefined && at !== deadline; at = at.next) before = at;
    if (before === undefined) this.#first = deadline.next;
    else before.next = deadline.next;
    deadline.next = undefined;
  }

  /** For Deadline: makes the timer fire at `dueMs` at the latest. Returns the number of this start. */
  arm(dueMs: number): number {
    if (dueMs < this.#armedMs) {
      this.#armedMs = dueMs;
      this.#timer.start(Math.max(0, dueMs - this.#clock.ticks()));
    }
    return ++this.#starts;
  }

  /** Runs the due deadlines, earliest first. Deadlines started meanwhile wait for the next call, even with no delay. */
  private onTimeout(): void {
    const now = this.#clock.ticks();
    const last = this.#starts;
    this.#armedMs = Number.NEGATIVE_INFINITY;
    this.scope.enter();
    let isMore = true;
    while (isMore) {
      let earliest: Deadline | undefined;
      isMore = false;
      for (let deadline = this.#first; deadline !== undefined; deadline = deadline.next) {
        if (deadline.dueMs > now || deadline.order > last) continue;
        // Due deadlines are searched again after each one, because it may stop others.
        if (earliest !== undefined) isMore = true;
        if (earliest === undefined || deadline.isBefore(earliest)) earliest = deadline;
      }
      earliest?.expire();
    }
    this.scope.leave();
    if (this.#isClosed) return;
    this.#armedMs = Number.POSITIVE_INFINITY;
    for (let deadline = this.#first; deadline !== undefined; deadline = deadline.next) {
      if (deadline.dueMs < this.#armedMs) this.#armedMs = deadline.dueMs;
    }
    if (this.#first === undefined) return;
    this.#timer.start(Math.max(0, this.#armedMs - this.#clock.ticks()));
  }
}

/** Owner of a deadline. An object, not a function: a closure costs 200 bytes on XS. */
export interface DeadlineOwner {
  onDeadline(deadline: Deadline): void;
}

/** One deadline; created by `Timers.create`. */
export class Deadline {
  /** For Timers: the next running deadline. */
  next: Deadline | undefined;
  readonly #timers: Timers;
  readonly #owner: DeadlineOwner;
  #dueMs = 0;
  /** Number of its start; 0: it does not run. */
  #order = 0;

  constructor(timers: Timers, owner: DeadlineOwner) {
    this.#timers = timers;
    this.#owner = owner;
  }

  /** Whether it is running. */
  get active(): boolean {
    return this.#order > 0;
  }

  /** Ticks at which it expires, or expired last. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** For Timers: deadlines of the same moment run in this order. */
  get order(): number {
    return this.#order;
  }

  isBefore(other: Deadline): boolean {
    return this.#dueMs < other.#dueMs || (this.#dueMs === other.#dueMs && this.#order < other.#order);
  }

  /** Starts or restarts it: it expires once, after `delayMs` or later. */
  start(delayMs: number): void {
    this.startAt(this.#timers.ticks() + delayMs);
  }

  /** Starts or restarts it for a moment in ticks; a moment in the past means as soon as possible. */
  startAt(ticksMs: number): void {
    const wasActive = this.active;
    this.#dueMs = ticksMs;
    this.#order = this.#timers.arm(ticksMs);
    // Only after `arm`: if the HAL throws there, the next start would add it a second time.
    if (!wasActive) this.#timers.add(this);
  }

  stop(): void {
    if (!this.active) return;
    this.#order = 0;
    this.#timers.remove(this);
  }

  /** For Timers: stops it and calls its owner. */
  expire(): void {
    this.stop();
    this.#owner.onDeadline(this);
  }
}
