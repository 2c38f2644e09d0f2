// SPDX-License-Identifier: Apache-2.0

import type { Base, Memory } from '../../base/base.ts';
import { CHECKSUM_BYTES, HEAD_BYTES, sealState } from '../../base/stored-state.ts';
import { cut, utf8 } from '../../bytes/text.ts';

/** The services of the agent that the journal uses. */
export type JournalBase = Pick<Base, 'hal'> & Memory;

/** The progress of an operation on this device. */
export const Progress = {
  /** The operation is not known. */
  None: -1,
  /** It is in line. The next start ignores this progress. */
  Taken: 0,
  /** Its handler was called and must not be called again. */
  Begun: 1,
  Succeeded: 2,
  Failed: 3,
  /** The platform did not let it begin. It is ignored until `forgetLeft`, the next start, or the loss of its entry. */
  Left: 4,
} as const;

/** A power of two. */
const CAPACITY = 32;
const LAST = CAPACITY - 1;
const ENTRIES_AT = 8;
const ENTRIES_BYTES = 8 * (CAPACITY + 1);
/** Added to a progress from `Begun` on: it dates from an earlier start, and the operation is in no line. */
const EARLIER = 4;
const FACTOR = 8;
const MOST_ID = 2 ** 50;
const STORED = 'operations';
const REASONS = 'op-reasons';
/** The stored length of each reason. */
const REASON_MAX_CHARS = 100;
/** The limit of all reasons together; the oldest are dropped first. */
const REASONS_MAX_BYTES = 2048;

/**
 * The progress of the operations seen last. It outlives restarts, so that an operation is begun only once, however
 * often it is delivered, and a power cut does not change its end. Bounded: a new entry replaces the oldest that is not
 * in line.
 */
export class Journal {
  readonly #agent: JournalBase;
  /** Each entry is id × 8 + progress, 0: empty. The last element is the next index. The buffer is stored as it is. */
  readonly #entries = new Float64Array(
    new ArrayBuffer(ENTRIES_AT + ENTRIES_BYTES + CHECKSUM_BYTES),
    ENTRIES_AT,
    CAPACITY + 1,
  );
  /** `id reason` of failed operations that are not reported yet, one per line. */
  #reasons: string | undefined;
  /** The reasons as they are on flash. */
  #keptReasons: string | undefined;
  /** The latest id, and its number: one operation after the other is looked up, several times each. */
  #id = '';
  #number = 0;

  constructor(agent: JournalBase) {
    this.#agent = agent;
    const stored = agent.recallBytes(STORED);
    const entries = this.#entries;
    if (stored?.length !== ENTRIES_AT - HEAD_BYTES + ENTRIES_BYTES) return;
    new Uint8Array(entries.buffer).set(stored, HEAD_BYTES);
    for (let i = 0; i < CAPACITY; i++) {
      const progress = progressOf(entries[i] as number);
      const isOver = progress % EARLIER >= Progress.Begun;
      entries[i] = isOver ? (entries[i] as number) - progress + (progress | EARLIER) : 0;
    }
    this.#reasons = agent.recall(REASONS);
    this.#keptReasons = this.#reasons;
  }

  /** The index of its entry, valid until the next `put`; -1: the operation is not known. */
  find(id: string): number {
    const entries = this.#entries;
    const entry = this.numberOf(id) * FACTOR;
    const end = entry + FACTOR;
    // The newest first, because it is usually the one wanted.
    const newest = (entries[CAPACITY] as number) + CAPACITY - 1;
    for (let i = newest; i > newest - CAPACITY; i--) {
      const at = i & LAST;
      const each = entries[at] as number;
      if (each >= entry && each < end && each !== 0) return at;
    }
    return -1;
  }

  /** The progress, one of `Progress`. @param at the index of its entry */
  progress(at: number): number {
    return at < 0 ? Progress.None : progressOf(this.#entries[at] as number) % EARLIER;
  }

  /** Whether it was seen since the start. @param at the index of its entry */
  knows(at: number): boolean {
    return at >= 0 && progressOf(this.#entries[at] as number) <= EARLIER;
  }

  /** Notes that it is in line; a known progress stays. @param at the index of its entry */
  take(id: string, at: number): void {
    this.put(id, at, Math.max(Progress.Taken, this.progress(at)));
  }

  /** Notes that the platform did not let it begin; a known progress stays. */
  leaveAlone(id: string): void {
    const at = this.find(id);
    if (this.progress(at) <= Progress.Taken) this.put(id, at, Progress.Left);
  }

  /** Allows another try of one operation that the platform did not let begin, or of all. */
  forgetLeft(isAll: boolean): void {
    for (let i = 0; i < CAPACITY; i++) {
      if (progressOf(this.#entries[i] as number) !== Progress.Left) continue;
      this.#entries[i] = 0;
      if (!isAll) return;
    }
  }

  /** Stores that its handler is about to be called. */
  begin(id: string): void {
    this.put(id, this.find(id), Progress.Begun);
    this.keep();
  }

  /**
   * Notes that it has ended. Stored only if its beginning was: other operations are repeated after a restart.
   * @param reason the reason of its failure; undefined: it has succeeded
   */
  end(id: string, reason: string | undefined): void {
    const at = this.find(id);
    const isKept = this.progress(at) === Progress.Begun;
    if (reason !== undefined) {
      this.setReason(id, `${id} ${cut(reason, REASON_MAX_CHARS).replace(/[\u0000-\u001f\u007f]+/g, ' ')}`);
    }
    this.put(id, at, reason === undefined ? Progress.Succeeded : Progress.Failed);
    if (isKept) this.keep();
  }

  /** The platform has accepted its end: the reason is deleted. */
  told(id: string): void {
    if (this.#reasons === undefined) return;
    this.setReason(id, undefined);
    this.keepReasons();
  }

  reason(id: string): string {
    const line = this.#reasons?.split('\n').find((each) => each.startsWith(`${id} `));
    return line?.slice(id.length + 1) ?? 'it failed before the device restarted';
  }

  /** Replaces the line of `id` by `line`, and deletes the lines of operations without an entry. */
  private setReason(id: string, line: string | undefined): void {
    const lines = (this.#reasons ?? '').split('\n').filter((each) => {
      const [of = ''] = each.split(' ', 1);
      return of !== id && this.find(of) >= 0;
    });
    if (line !== undefined) lines.push(line);
    while (utf8(lines.join('\n')).length > REASONS_MAX_BYTES) lines.shift();
    this.#reasons = lines.join('\n') || undefined;
  }

  private keepReasons(): void {
    if (this.#reasons === this.#keptReasons) return;
    this.#keptReasons = this.#reasons;
    this.#agent.remember(REASONS, this.#reasons);
  }

  /**
   * Stores the reasons and then the entries, so that no stored failure lacks its reason. If the flash refuses, only the
   * next start misses them.
   */
  private keep(): void {
    this.keepReasons();
    sealState(this.#agent.hal, STORED, new Uint8Array(this.#entries.buffer));
  }

  private numberOf(id: string): number {
    if (id !== this.#id) {
      this.#id = id;
      this.#number = numberOf(id);
    }
    return this.#number;
  }

  private put(id: string, at: number, progress: number): void {
    this.#entries[at < 0 ? this.place() : at] = this.numberOf(id) * FACTOR + progress;
  }

  /** The index for a new entry: that of the oldest which is empty or not in line. */
  private place(): number {
    const entries = this.#entries;
    let at = 0;
    for (let i = 0; i < CAPACITY; i++) {
      at = entries[CAPACITY] as number;
      entries[CAPACITY] = (at + 1) % CAPACITY;
      const progress = progressOf(entries[at] as number);
      if (entries[at] === 0 || progress > Progress.Begun) break;
    }
    return at;
  }
}

function progressOf(entry: number): number {
  return entry - Math.floor(entry / FACTOR) * FACTOR;
}

/** The platform's ids are decimal; any other text is hashed to a negative number of 50 bits (FNV-1a in two halves). */
function numberOf(id: string): number {
  const number = Number(id);
  // Zeros before it, or an exponent, make another text of it.
  if (number > 0 && number < MOST_ID && String(number) === id) return number;
  let low = 0x811c9dc5;
  let high = 0x01234567;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x01000193) + i;
  }
  return -1 - ((low >>> 0) + (high & 0x3ffff) * 0x100000000);
}
