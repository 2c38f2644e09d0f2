// SPDX-License-Identifier: Apache-2.0

import { checkDelay } from '../common/checks.ts';
import type { Timer } from '../hal.ts';
import { Op } from './protocol.ts';

/** Timers of the parent. Only its owner refers to a timer that does not run, so that it can be freed. */
export class XsTimers {
  /** By place, which identifies a timer to the parent. */
  readonly #running: (XsTimer | undefined)[] = [];
  #run = 0;

  create(onTimeout: () => void): Timer {
    return new XsTimer(this, onTimeout);
  }

  /** Starts a timer, at `place` if that is free; returns the place. */
  start(timer: XsTimer, place: number, delayMs: number): number {
    const at = this.isFree(place, timer) ? place : this.freePlace();
    // Each start is a new run, so that an event on its way when a timer is stopped is ignored.
    this.#run = (this.#run + 1) & 0x3fffffff;
    timer.run = this.#run;
    this.#running[at] = timer;
    xsHost.send(Op.TimerStart, at, this.#run, xsHost.ticks() + delayMs);
    return at;
  }

  stop(timer: XsTimer, place: number): void {
    if (this.#running[place] !== timer) return;
    this.#running[place] = undefined;
    xsHost.send(Op.TimerStop, place, 0);
  }

  /** The timer whose run has ended; undefined when it was stopped or restarted meanwhile. */
  take(place: number, run: number): XsTimer | undefined {
    const timer = this.#running[place];
    if (timer?.run !== run) return undefined;
    this.#running[place] = undefined;
    return timer;
  }

  private isFree(place: number, timer: XsTimer): boolean {
    const owner = this.#running[place];
    return owner === undefined || owner === timer;
  }

  private freePlace(): number {
    for (let place = 0; ; place++) if (this.#running[place] === undefined) return place;
  }
}

class XsTimer implements Timer {
  readonly onTimeout: () => void;
  run = 0;
  readonly #timers: XsTimers;
  #place = 0;

  constructor(timers: XsTimers, onTimeout: () => void) {
    this.#timers = timers;
    this.onTimeout = onTimeout;
  }

  start(delayMs: number): void {
    checkDelay(delayMs);
    this.#place = this.#timers.start(this, this.#place, delayMs);
  }

  stop(): void {
    this.#timers.stop(this, this.#place);
  }
}
