import type { Clock, Timer } from '../../hal/hal.ts';
import type { Turnstile } from './turnstile.ts';

/** The part of the HAL that deadlines need. */
export interface TimerSource {
  readonly clock: Clock;
  createTimer(onTimeout: () => void): Timer;
}

/**
 * All deadlines of the agent over one timer of the HAL, which is started anew only when the earliest deadline gets
 * earlier. Starting and stopping an alarm allocates nothing. Alarms live as long as the agent.
 */
export class Timers {
  /** Entered while alarms run. */
  readonly turnstile: Turnstile;
  readonly #clock: Clock;
  readonly #timer: Timer;
  #first: Alarm | undefined;
  /** When the HAL's timer will call, by the clock's ticks. */
  #armedMs = Number.POSITIVE_INFINITY;
  /** Counts starts, so that alarms of one moment run in the order of their starts. */
  #starts = 0;

  constructor(hal: TimerSource, turnstile: Turnstile) {
    this.turnstile = turnstile;
    this.#clock = hal.clock;
    this.#timer = hal.createTimer(() => this.onTimeout());
  }

  /** `owner.onAlarm` is called from the HAL's timer, never from within `start`. */
  create(owner: AlarmOwner): Alarm {
    this.#first = new Alarm(this, owner, this.#first);
    return this.#first;
  }

  ticks(): number {
    return this.#clock.ticks();
  }

  /** For Alarm: `dueMs` is a deadline now. Returns the number of this start. */
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
    this.turnstile.enter();
    for (let alarm = this.earliest(now, last); alarm !== undefined; alarm = this.earliest(now, last)) alarm.expire();
    this.turnstile.leave();
    this.#armedMs = Number.POSITIVE_INFINITY;
    const next = this.earliest(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    if (next === undefined) return;
    this.#armedMs = next.dueMs;
    this.#timer.start(Math.max(0, next.dueMs - this.#clock.ticks()));
  }

  /** The active alarm that is due first, not after `now`, of those started up to number `last`. */
  private earliest(now: number, last: number): Alarm | undefined {
    let earliest: Alarm | undefined;
    for (let alarm = this.#first; alarm !== undefined; alarm = alarm.next) {
      if (!alarm.active || alarm.dueMs > now || alarm.order > last) continue;
      if (earliest === undefined || alarm.isBefore(earliest)) earliest = alarm;
    }
    return earliest;
  }
}

/** Who is told; an object and not a function, for a closure costs 200 bytes on XS. */
export interface AlarmOwner {
  onAlarm(alarm: Alarm): void;
}

/** One deadline; made by `Timers.create`. */
export class Alarm {
  /** For Timers: the alarm made before this one. */
  readonly next: Alarm | undefined;
  readonly #timers: Timers;
  readonly #owner: AlarmOwner;
  #dueMs = 0;
  /** 0: it does not run. */
  #order = 0;

  constructor(timers: Timers, owner: AlarmOwner, next: Alarm | undefined) {
    this.#timers = timers;
    this.#owner = owner;
    this.next = next;
  }

  /** Whether it will run. */
  get active(): boolean {
    return this.#order > 0;
  }

  /** When it runs, or ran, by the clock's ticks. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** For Timers: alarms of one moment run in this order. */
  get order(): number {
    return this.#order;
  }

  isBefore(other: Alarm): boolean {
    return this.#dueMs < other.#dueMs || (this.#dueMs === other.#dueMs && this.#order < other.#order);
  }

  /** (Re)starts it: it runs once, not before `delayMs` have passed. */
  start(delayMs: number): void {
    this.startAt(this.#timers.ticks() + delayMs);
  }

  /** (Re)starts it for a moment of the clock's ticks; one that has passed means as soon as possible. */
  startAt(ticksMs: number): void {
    this.#dueMs = ticksMs;
    this.#order = this.#timers.arm(ticksMs);
  }

  stop(): void {
    this.#order = 0;
  }

  /** For Timers. */
  expire(): void {
    this.#order = 0;
    this.#owner.onAlarm(this);
  }
}
