// SPDX-License-Identifier: Apache-2.0
/** The timers of the core: an error in one does not affect others, and any length is supported. */

import type { Scheduler, TimerHandle } from '../model.ts';

/** The handle that `set` returns: the part that runs now. */
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

  /** Starts a timer in parts: Node fires a timer of more than 2^31 - 1 ms at once. */
  #start(running: Running, callback: () => void, ms: number): void {
    running.part =
      ms > maxPartMs
        ? this.#below.set(() => this.#start(running, callback, ms - maxPartMs), maxPartMs)
        : this.#below.set(() => this.#guard(callback), ms);
  }
}

const maxPartMs = 2 ** 31 - 1;
