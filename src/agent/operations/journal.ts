// SPDX-License-Identifier: Apache-2.0

import { cut, utf8 } from '../../bytes/text.ts';
import type { Base, Memory } from '../base/base.ts';
import { CHECKSUM_BYTES, HEAD_BYTES, sealState } from '../base/stored-state.ts';

/** What the journal needs of the agent. */
export type JournalBase = Pick<Base, 'hal'> & Memory;

/** What has become of an operation here. */
export const Progress = {
  /** Nothing is known of it. */
  None: -1,
  /** It waits for its turn. The next start need not know of it. */
  Taken: 0,
  /** Its handler was called, which it may not be again. */
  Begun: 1,
  Succeeded: 2,
  Failed: 3,
  /** The platform did not let it begin: it is left alone until the next start, or until there is no place for it. */
  Left: 4,
} as const;

/** A power of two. */
const CAPACITY = 32;
const LAST = CAPACITY - 1;
const ENTRIES_AT = 8;
const ENTRIES_BYTES = 8 * (CAPACITY + 1);
/** Of the progress, from `Begun` on: it is that of an earlier start, and in nobody's line. */
const EARLIER = 4;
const FACTOR = 8;
const MOST_ID = 2 ** 50;
const STORED = 'operations';
const REASONS = 'op-reasons';
/** Of each reason so much outlives a start. */
const REASON_MAX_CHARS = 100;
/** Of all of them together; the oldest go first. */
const REASONS_MAX_BYTES = 2048;

/**
 * What has become of the operations seen last. It outlives restarts, so that each operation is begun once however often
 * it is delivered, and ends as it has ended whenever the power goes. Bounded; the oldest goes first, but none in line.
 */
export class Journal {
  readonly #agent: JournalBase;
  /** id × 8 + progress, 0: none; and the place for the next. Its buffer goes to flash as it is. */
  readonly #entries = new Float64Array(
    new ArrayBuffer(ENTRIES_AT + ENTRIES_BYTES + CHECKSUM_BYTES),
    ENTRIES_AT,
    CAPACITY + 1,
  );
  /** `id reason` of those that have failed and were not reported, one a line. */
  #reasons: string | undefined = undefined;
  /** The same, as it is on flash. */
  #keptReasons: string | undefined = undefined;

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

  /** Where its entry is, until something is put here; -1: nothing is known of it. */
  find(id: string): number {
    const entries = this.#entries;
    const entry = numberOf(id) * FACTOR;
    const end = entry + FACTOR;
    // The newest first: mostly it is the one that is asked for.
    const newest = (entries[CAPACITY] as number) + CAPACITY - 1;
    for (let i = newest; i > newest - CAPACITY; i--) {
      const at = i & LAST;
      const each = entries[at] as number;
      if (each >= entry && each < end && each !== 0) return at;
    }
    return -1;
  }

  /** Out of `Progress`. @param at where its entry is */
  progress(at: number): number {
    return at < 0 ? Progress.None : progressOf(this.#entries[at] as number) % EARLIER;
  }

  /** It was seen since the start. @param at where its entry is */
  knows(at: number): boolean {
    return at >= 0 && progressOf(this.#entries[at] as number) <= EARLIER;
  }

  /** It is in line from now on; what is known of it stays. @param at where its entry is */
  take(id: string, at: number): void {
    this.put(id, at, Math.max(Progress.Taken, this.progress(at)));
  }

  /** The platform did not let it begin. What is known of it stays. */
  leaveAlone(id: string): void {
    const at = this.find(id);
    if (this.progress(at) <= Progress.Taken) this.put(id, at, Progress.Left);
  }

  /** It may be tried again, or all that were left. */
  forgetLeft(isAll: boolean): void {
    for (let i = 0; i < CAPACITY; i++) {
      if (progressOf(this.#entries[i] as number) !== Progress.Left) continue;
      this.#entries[i] = 0;
      if (!isAll) return;
    }
  }

  /** Its handler is about to be called. */
  begin(id: string): void {
    this.put(id, this.find(id), Progress.Begun);
    this.keep();
  }

  /**
   * It has ended. Written only if its beginning was: what could be begun again would end in the same way.
   * @param reason undefined: it has succeeded
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

  /** The platform knows how it has ended. */
  told(id: string): void {
    if (this.#reasons === undefined) return;
    this.setReason(id, undefined);
    this.keepReasons();
  }

  reason(id: string): string {
    const line = this.#reasons?.split('\n').find((each) => each.startsWith(`${id} `));
    return line?.slice(id.length + 1) ?? 'it failed before the device restarted';
  }

  /** Puts `line` in the place of the one of `id`. Those of operations that are known no more go. */
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
   * All of them, and the reasons first: without its own a failure would be one of nothing. Flash that refuses costs what
   * the next start would know; this one knows it all the same.
   */
  private keep(): void {
    this.keepReasons();
    sealState(this.#agent.hal, STORED, new Uint8Array(this.#entries.buffer));
  }

  private put(id: string, at: number, progress: number): void {
    this.#entries[at < 0 ? this.place() : at] = numberOf(id) * FACTOR + progress;
  }

  /** For a new one: that of the oldest which is not in line. */
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

/** The platform's ids are decimal; any other text is hashed into 50 bits (FNV-1a in two halves), below zero. */
function numberOf(id: string): number {
  const number = Number(id);
  if (number > 0 && number < MOST_ID && Math.floor(number) === number) return number;
  let low = 0x811c9dc5;
  let high = 0x01234567;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x01000193) + i;
  }
  return -1 - ((low >>> 0) + (high & 0x3ffff) * 0x100000000);
}
