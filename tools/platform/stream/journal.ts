// SPDX-License-Identifier: Apache-2.0
/** The last messages in their order, and those who read along. */

import type { Content, Message, Told } from './messages.ts';

export type Reader = (message: Message) => void;

export class Journal {
  /** Tells its numbers from those of another journal, which begin at 1 as well. */
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
    // Cut in blocks, so that a full list does not cost a move per message.
    if (this.#kept.length > maxKept * 1.1) this.#kept.splice(0, this.#kept.length - maxKept);
    for (const reader of this.#readers) reader(message);
  }

  /** What came after that message; undefined when some of it is not kept any more, or when it is of another journal. */
  after(number: number): readonly Message[] | undefined {
    const first = this.#kept[0]?.number ?? this.#last + 1;
    if (number > this.#last || number + 1 < first) return undefined;
    return this.#kept.slice(number + 1 - first);
  }

  /** Returns how to end it. */
  read(reader: Reader): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }
}

const maxKept = 20_000;
