// SPDX-License-Identifier: Apache-2.0
/** The timers of the core: what one of them throws ends nothing else, and none is too long for what is below. */

import type { Scheduler, TimerHandle } from '../model.ts';

/** What `set` gives out: the part of the time that runs now. */
interface Running {
  part: TimerHandle;
}

export class Timers implements Scheduler {
  readonly #below: Scheduler;
  readonly #guard: (run: () => void) => void;

  constructor(below: Scheduler, guard: (run: () => void) => void) {
    this.#below = below;
    this.#guard = guard;
  }

  set(callback: () => void, ms: number): TimerHandle {
    const running: Running = { part: undefined };
    this.#start(running, callback, ms);
    return running;
  }

  clear(handle: TimerHandle): void {
    if (handle !== undefined) this.#below.clear((handle as Running).part);
  }

  /** Node takes a time of more than 2^31 - 1 ms for none at all, so a longer one is waited for in parts. */
  #start(running: Running, callback: () => void, ms: number): void {
    running.part =
      ms > maxPartMs
        ? this.#below.set(() => this.#start(running, callback, ms - maxPartMs), maxPartMs)
        : this.#below.set(() => this.#guard(callback), ms);
  }
}

const maxPartMs = 2 ** 31 - 1;
