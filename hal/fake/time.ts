// SPDX-License-Identifier: Apache-2.0
/** A scheduled event; `cancel` may be called at any time, more than once. */
export interface Scheduled {
  cancel(): void;
}

interface Entry {
  readonly dueMs: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** Most events at one moment; more are a loop in which no time passes. */
const MAX_EVENTS_PER_MOMENT = 100_000;

/** Most cancelled events that are kept before a clean-up. */
const MAX_CANCELLED = 1000;

/**
 * Time that passes only in the `run…` calls, and its events: in order of their moments, then in the order of
 * scheduling. Several machines and a platform may share it.
 */
export class VirtualTime {
  /** Milliseconds since the beginning. */
  nowMs = 0;
  readonly #startEpochMs: number;
  /** A binary heap, the next event on top. */
  #heap: Entry[] = [];
  #order = 0;
  #eventsThisMoment = 0;
  #cancelled = 0;

  /** @param startEpochMs the true time at the beginning */
  constructor(startEpochMs: number = Date.UTC(2026, 0, 4, 10, 0, 0)) {
    this.#startEpochMs = startEpochMs;
  }

  /** The true time, which a machine must be told. */
  get epochMs(): number {
    return this.#startEpochMs + this.nowMs;
  }

  /** Number of events that are kept, including lately cancelled ones. */
  get pending(): number {
    return this.#heap.length;
  }

  schedule(delayMs: number, run: () => void): Scheduled {
    // Whole milliseconds: a sum of fractions may be a little early, and then a waiter waits again for no time at all.
    const entry: Entry = { dueMs: this.nowMs + Math.ceil(delayMs), order: this.#order++, run };
    this.#heap.push(entry);
    this.#siftUp(this.#heap.length - 1);
    return {
      cancel: () => {
        if (entry.run) this.#cancelled += 1;
        entry.run = undefined;
        if (this.#cancelled > MAX_CANCELLED && this.#cancelled > this.#heap.length / 2) this.#tidy();
      },
    };
  }

  /** Lets `durationMs` pass. */
  run(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    while (this.#runNextUntil(endMs));
    this.nowMs = endMs;
  }

  /** Runs events until `condition` holds, for at most `withinMs`; returns whether it does. */
  runUntil(condition: () => boolean, withinMs: number): boolean {
    const endMs = this.nowMs + withinMs;
    while (!condition()) {
      if (this.#runNextUntil(endMs)) continue;
      this.nowMs = endMs;
      return condition();
    }
    return true;
  }

  /** Runs the next event, whenever it is due; false when there is none. */
  runNext(): boolean {
    return this.#runNextUntil(Number.POSITIVE_INFINITY);
  }

  #runNextUntil(endMs: number): boolean {
    for (let next = this.#heap[0]; next && next.dueMs <= endMs; next = this.#heap[0]) {
      this.#pop();
      const { run } = next;
      if (!run) {
        this.#cancelled -= 1;
        continue;
      }
      next.run = undefined;
      this.#advance(next.dueMs);
      run();
      return true;
    }
    return false;
  }

  #advance(toMs: number): void {
    if (toMs > this.nowMs) this.#eventsThisMoment = 0;
    this.nowMs = toMs;
    this.#eventsThisMoment += 1;
    if (this.#eventsThisMoment > MAX_EVENTS_PER_MOMENT) throw new Error(`time stands still at ${toMs} ms`);
  }

  /** Removes cancelled events; a sorted list is a heap. */
  #tidy(): void {
    this.#heap = this.#heap.filter((entry) => entry.run).sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
    this.#cancelled = 0;
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (!last || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown();
  }

  #siftUp(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfEarlier(at, parent)) return;
      at = parent;
    }
  }

  #siftDown(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = this.#earlier(right, left) ? right : left;
      if (!this.#swapIfEarlier(child, at)) return;
      at = child;
    }
  }

  #earlier(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (!first || !second) return false;
    return first.dueMs < second.dueMs || (first.dueMs === second.dueMs && first.order < second.order);
  }

  #swapIfEarlier(lower: number, upper: number): boolean {
    const below = this.#heap[lower];
    const above = this.#heap[upper];
    if (!below || !above || !this.#earlier(lower, upper)) return false;
    this.#heap[lower] = above;
    this.#heap[upper] = below;
    return true;
  }
}
