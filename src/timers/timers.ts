// SPDX-License-Identifier: Apache-2.0

import type { Clock, Timer } from '../../hal/hal.ts';
import type { EventScope } from './event-scope.ts';

/** The part of the HAL that deadlines need. */
export interface TimerSource {
  readonly clock: Clock;
  createTimer(onTimeout: () => void): Timer;
}

/**
 * All deadlines of the agent over one timer of the HAL, which is started anew only when the earliest deadline gets
 * earlier. Starting and stopping a deadline allocates nothing. One that does not run is known only to its owner, so that
 * both can be forgotten.
 */
export class Timers {
  /** Entered while deadlines run. */
  readonly scope: EventScope;
  readonly #clock: Clock;
  readonly #timer: Timer;
  /** Of those that run. */
  #first: Deadline | undefined;
  /** When the HAL's timer will call, by the clock's ticks. */
  #armedMs = Number.POSITIVE_INFINITY;
  #isClosed = false;
  /** Counts starts, so that deadlines of one moment run in the order of their starts. */
  #starts = 0;

  constructor(hal: TimerSource, scope: EventScope) {
    this.scope = scope;
    this.#clock = hal.clock;
    this.#timer = hal.createTimer(() => this.onTimeout());
  }

  /** `owner.onDeadline` is called from the HAL's timer, never from within `start`. */
  create(owner: DeadlineOwner): Deadline {
    return new Deadline(this, owner);
  }

  ticks(): number {
    return this.#clock.ticks();
  }

  /** The end: the HAL calls nobody any more. */
  close(): void {
    this.#isClosed = true;
    this.#armedMs = Number.NEGATIVE_INFINITY;
    this.#timer.stop();
  }

  /** For Deadline: it runs from now on. */
  add(deadline: Deadline): void {
    deadline.next = this.#first;
    this.#first = deadline;
  }

  /** For Deadline: it no longer runs. */
  remove(deadline: Deadline): void {
    let before: Deadline | undefined;
    for (let at = this.#first; at !== undefined && at !== deadline; at = at.next) before = at;
    if (before === undefined) this.#first = deadline.next;
    else before.next = deadline.next;
    deadline.next = undefined;
  }

  /** For Deadline: `dueMs` is a deadline now. Returns the number of this start. */
  arm(dueMs: number): number {
    if (dueMs < this.#armedMs) {
      this.#armedMs = dueMs;
      this.#timer.start(Math.max(0, dueMs - this.#clock.ticks()));
    }
    return ++this.#starts;
  }

  /** Runs what is due, earliest first. What is started meanwhile waits for the next call, even with no delay. */
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
        // The one that is not due now is looked for again: what runs may have stopped it.
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

/** Who is told; an object and not a function, for a closure costs 200 bytes on XS. */
export interface DeadlineOwner {
  onDeadline(deadline: Deadline): void;
}

/** One deadline; made by `Timers.create`. */
export class Deadline {
  /** For Timers: another one that runs. */
  next: Deadline | undefined = undefined;
  readonly #timers: Timers;
  readonly #owner: DeadlineOwner;
  #dueMs = 0;
  /** 0: it does not run. */
  #order = 0;

  constructor(timers: Timers, owner: DeadlineOwner) {
    this.#timers = timers;
    this.#owner = owner;
  }

  /** Whether it will run. */
  get active(): boolean {
    return this.#order > 0;
  }

  /** When it runs, or ran, by the clock's ticks. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** For Timers: deadlines of one moment run in this order. */
  get order(): number {
    return this.#order;
  }

  isBefore(other: Deadline): boolean {
    return this.#dueMs < other.#dueMs || (this.#dueMs === other.#dueMs && this.#order < other.#order);
  }

  /** (Re)starts it: it runs once, not before `delayMs` have passed. */
  start(delayMs: number): void {
    this.startAt(this.#timers.ticks() + delayMs);
  }

  /** (Re)starts it for a moment of the clock's ticks; one that has passed means as soon as possible. */
  startAt(ticksMs: number): void {
    const wasActive = this.active;
    this.#dueMs = ticksMs;
    this.#order = this.#timers.arm(ticksMs);
    // Not before: one that a throw of the HAL has kept from running would be in the list twice at its next start.
    if (!wasActive) this.#timers.add(this);
  }

  stop(): void {
    if (!this.active) return;
    this.#order = 0;
    this.#timers.remove(this);
  }

  /** For Timers. */
  expire(): void {
    this.stop();
    this.#owner.onDeadline(this);
  }
}
