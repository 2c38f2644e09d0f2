// SPDX-License-Identifier: Apache-2.0

import { NONE } from '../../../none.ts';
import { UNIT } from './record-flash.ts';

const PAIR_BYTES = 8;
/** Nothing is ever put into it. */
const NO_PAIRS = NONE as readonly number[] as number[];

/** Tells whether the records of a source, given by its key, are passed over for now. */
export interface Holder {
  isHeld(key: number): boolean;
}

/**
 * Sources whose records were passed over: from a position of the source up to the tail of the ring, its records still
 * wait. In a mark on flash: for each source, u32 key and u32 position / 16.
 */
export class PassedOver {
  /** Whether it has changed since it was written to flash. */
  isNew = false;
  /** Pairs of a key and the position of its first record that waits. */
  #pairs: number[] = NO_PAIRS;

  /** Its size in a mark; 0: there are no such sources. */
  get bytes(): number {
    return (PAIR_BYTES / 2) * this.#pairs.length;
  }

  /** Position of the oldest record that may wait; `tail` when there is none before it. */
  oldest(tail: number): number {
    let oldest = tail;
    for (let i = 1; i < this.#pairs.length; i += 2) oldest = Math.min(oldest, this.#pairs[i] as number);
    return oldest;
  }

  /** Position of the oldest record that may wait, of sources that are no longer held back; -1: there are none. */
  oldestFree(holder: Holder): number {
    let oldest = -1;
    for (let i = 0; i < this.#pairs.length; i += 2) {
      const at = this.#pairs[i + 1] as number;
      if (!holder.isHeld(this.#pairs[i] as number) && (oldest < 0 || at < oldest)) oldest = at;
    }
    return oldest;
  }

  /** Whether the record of this source at `at`, before the tail, waits. */
  has(key: number, at: number): boolean {
    const i = this.indexOf(key);
    return i >= 0 && at >= (this.#pairs[i + 1] as number);
  }

  /** Passes over the record of this source at `at`. False: the list would take more than `mostBytes` in a mark. */
  add(key: number, at: number, mostBytes: number): boolean {
    if (this.indexOf(key) >= 0) return true;
    if (this.bytes + PAIR_BYTES > mostBytes) return false;
    this.#pairs = this.#pairs.concat(key, at);
    this.isNew = true;
    return true;
  }

  /** The records of this source before `at` have gone. */
  advance(key: number, at: number): void {
    this.#pairs[this.indexOf(key) + 1] = at;
    this.isNew = true;
  }

  /** All records before `position` have gone. */
  giveUpBelow(position: number): void {
    for (let i = 1; i < this.#pairs.length; i += 2) {
      if ((this.#pairs[i] as number) >= position) continue;
      this.#pairs[i] = position;
      this.isNew = true;
    }
  }

  /** Removes the sources that are no longer held back, because all their records have gone. */
  forgetFree(holder: Holder): void {
    const pairs = this.#pairs;
    this.#pairs = pairs.filter((_, i) => holder.isHeld(pairs[i & ~1] as number));
    this.isNew = true;
  }

  read(view: DataView, from: number, to: number): void {
    this.#pairs = NO_PAIRS;
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
