// SPDX-License-Identifier: Apache-2.0

import { UNIT } from './record-flash.ts';

const PAIR_BYTES = 8;
const NONE: number[] = [];

/** Says of a source, by its key, whether its records are passed over for now. */
export interface Holder {
  isHeld(key: number): boolean;
}

/**
 * Sources whose records were passed over: from some position on, what lies before the tail of the ring still waits. In a
 * mark on flash: of each source, u32 key and u32 position / 16.
 */
export class PassedOver {
  /** It is not on flash as it is. */
  isNew = false;
  /** Key, position of the first that waits, one pair after the other. */
  #pairs = NONE;

  /** What it takes in a mark; 0: there are none. */
  get bytes(): number {
    return (PAIR_BYTES / 2) * this.#pairs.length;
  }

  /** Where the oldest record lies that may wait; `tail` when there is none before it. */
  oldest(tail: number): number {
    let oldest = tail;
    for (let i = 1; i < this.#pairs.length; i += 2) oldest = Math.min(oldest, this.#pairs[i] as number);
    return oldest;
  }

  /** Where the oldest lies that may wait, of sources that are not held back any more; -1: there is no such source. */
  oldestFree(holder: Holder): number {
    let oldest = -1;
    for (let i = 0; i < this.#pairs.length; i += 2) {
      const at = this.#pairs[i + 1] as number;
      if (!holder.isHeld(this.#pairs[i] as number) && (oldest < 0 || at < oldest)) oldest = at;
    }
    return oldest;
  }

  /** Whether a record of this source, which lies at `at` before the tail, waits. */
  has(key: number, at: number): boolean {
    const i = this.indexOf(key);
    return i >= 0 && at >= (this.#pairs[i + 1] as number);
  }

  /** The record of this source at `at` is passed over. False: then they would take more than `mostBytes` in a mark. */
  add(key: number, at: number, mostBytes: number): boolean {
    if (this.indexOf(key) >= 0) return true;
    if (this.bytes + PAIR_BYTES > mostBytes) return false;
    this.#pairs = this.#pairs.concat(key, at);
    this.isNew = true;
    return true;
  }

  /** What this source has before `at` has gone. */
  advance(key: number, at: number): void {
    this.#pairs[this.indexOf(key) + 1] = at;
    this.isNew = true;
  }

  /** Whatever lies before `position` has gone. */
  giveUpBelow(position: number): void {
    for (let i = 1; i < this.#pairs.length; i += 2) {
      if ((this.#pairs[i] as number) >= position) continue;
      this.#pairs[i] = position;
      this.isNew = true;
    }
  }

  /** All have gone of those that are not held back any more. */
  forgetFree(holder: Holder): void {
    const pairs = this.#pairs;
    this.#pairs = pairs.filter((_, i) => holder.isHeld(pairs[i & ~1] as number));
    this.isNew = true;
  }

  read(view: DataView, from: number, to: number): void {
    this.#pairs = NONE;
    for (let at = from; at < to; at += PAIR_BYTES) {
      this.#pairs = this.#pairs.concat(view.getUint32(at, true), view.getUint32(at + 4, true) * UNIT);
    }
    this.isNew = false;
  }

  write(view: DataView, from: number): void {
    for (let i = 0; i < this.#pairs.length; i += 2) {
      view.setUint32(from + 4 * i, this.#pairs[i] as number, true);
      view.setUint32(from + 4 * i + 4, (this.#pairs[i + 1] as number) / UNIT, true);
    }
  }

  private indexOf(key: number): number {
    const pairs = this.#pairs;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === key) return i;
    return -1;
  }
}
