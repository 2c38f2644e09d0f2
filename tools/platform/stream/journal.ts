// SPDX-License-Identifier: Apache-2.0
/** The last messages in order, and their readers. */

import type { Content, Message, Told } from '../messages.ts';

export type Reader = (message: Message) => void;

export class Journal {
  /** Distinguishes its numbers from those of another journal, which also begin at 1. */
  readonly epoch: string;
  readonly #now: () => number;
  readonly #kept: Message[] = [];
  readonly #readers = new Set<Reader>();
  #last = 0;

  constructor(now: () => number) {
    this.epoch = now().toString(36);
    this.#now = now;
  }

  /** Number of the last message; 0: none yet. */
  get last(): number {
    return this.#last;
  }

  get readers(): number {
    return this.#readers.size;
  }

  say(content: Content, told?: Told): void {
    this.#last += 1;
    const message = { ...content, number: this.#last, timeMs: this.#now(), ...(told && { told }) };
    this.#kept.push(message);
    // Dropped in blocks, because a removal moves the whole list.
    if (this.#kept.length > maxKept * 1.1) this.#kept.splice(0, this.#kept.length - maxKept);
    for (const reader of this.#readers) reader(message);
  }

  /** The messages after this one; undefined when some are no longer kept, or the number is of another journal. */
  after(number: number): readonly Message[] | undefined {
    const first = this.#kept[0]?.number ?? this.#last + 1;
    if (number > this.#last || number + 1 < first) return undefined;
    return this.#kept.slice(number + 1 - first);
  }

  /** Adds a reader; returns a function that removes it. */
  read(reader: Reader): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }
}

const maxKept = 20_000;
