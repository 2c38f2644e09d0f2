// SPDX-License-Identifier: Apache-2.0

import { AS_TEXT, type Gate, type Moment, type Queue, RECORD_MAX_BYTES, RecordKind } from '../record.ts';

const HEADER_BYTES = 16;
const WRAP = 0xffff;
const FIRST_BYTES = 128;

/** Flag: the time is in ticks of this boot, because the clock was not known. */
const IN_TICKS = 0x80;
/** Flag: the record has gone, but takes its place until those before it, which were held back, have gone too. */
const DEAD = 0x40;

/**
 * A bounded queue of records waiting to be sent, oldest first, in one buffer that grows with need and shrinks when
 * empty. A power cut loses them all.
 *
 * A record: u16 size, u8 kind, u8 source, i16 template, u16 bytes of payload, f64 time, then f64 values or a JSON text.
 */
export class RamQueue implements Queue {
  readonly #maxRecords: number;
  readonly #maxBytes: number;
  gate: Gate | undefined;
  #view = new DataView(new ArrayBuffer(FIRST_BYTES));
  #head = 0;
  #tail = 0;
  #count = 0;
  /** The number of records, including dead ones. */
  #places = 0;
  #lost = 0;
  #untold = 0;
  #gone = 0;

  constructor(maxRecords: number, maxBytes: number) {
    this.#maxRecords = maxRecords;
    this.#maxBytes = maxBytes;
  }

  get count(): number {
    return this.#count;
  }

  get gone(): number {
    return this.#gone;
  }

  /** The number of records given up since the last call. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** Created at each use, because most records are numbers and only use `view`. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#view.buffer);
  }

  get view(): DataView {
    return this.#view;
  }

  /**
   * Appends a record with this many bytes of payload and returns the index of the payload; without room the oldest
   * records go. -1: the record is too large.
   */
  append(kind: number, source: number, template: number, timeMs: number, inTicks: boolean, bytes: number): number {
    const size = (HEADER_BYTES + bytes + 7) & ~7;
    if (size > RECORD_MAX_BYTES || size > this.#maxBytes >> 1) return -1;
    while (this.#count >= this.#maxRecords) this.evict();
    while (!this.makeRoom(size)) {
      if (this.#places > this.#count) this.resize(this.#view.byteLength);
      else if (!this.grow()) this.evict();
    }
    const at = this.#tail;
    const view = this.#view;
    view.setUint16(at, size, true);
    view.setUint8(at + 2, inTicks ? kind | IN_TICKS : kind);
    view.setUint8(at + 3, source);
    view.setInt16(at + 4, kind === RecordKind.Template ? template : AS_TEXT, true);
    view.setUint16(at + 6, bytes, true);
    view.setFloat64(at + 8, timeMs, true);
    this.#tail = at + size;
    this.#count++;
    this.#places++;
    return at + HEADER_BYTES;
  }

  flush(): void {}

  /** Does nothing: a record counts from `append` on. */
  commit(): void {}

  get untold(): number {
    return this.#untold;
  }

  told(count: number): void {
    this.#untold -= count;
  }

  /** Index of the oldest record, held back or not; -1 when there is none. */
  get oldest(): number {
    return this.#count === 0 ? -1 : this.unwrapped(this.#head);
  }

  first(): number {
    const at = this.oldest;
    if (at < 0 || (this.#places === this.#count && this.gate?.isOpen !== false)) return at;
    return this.isPassed(at) ? this.next(at) : at;
  }

  next(at: number): number {
    for (let end = this.end(at); end !== this.#tail; end = this.end(end)) {
      end = this.unwrapped(end);
      if (!this.isPassed(end)) return end;
    }
    return -1;
  }

  kind(at: number): number {
    return this.#view.getUint8(at + 2) & ~(IN_TICKS | DEAD);
  }

  source(at: number): number {
    return this.#view.getUint8(at + 3);
  }

  template(at: number): number {
    return this.#view.getInt16(at + 4, true);
  }

  payload(at: number): number {
    return at + HEADER_BYTES;
  }

  payloadBytes(at: number): number {
    return this.#view.getUint16(at + 6, true);
  }

  /** Whether its time is in ticks. */
  isInTicks(at: number): boolean {
    return (this.#view.getUint8(at + 2) & IN_TICKS) !== 0;
  }

  /** The time as it was appended. */
  time(at: number): number {
    return this.#view.getFloat64(at + 8, true);
  }

  timeMs(at: number, clock: Moment): number {
    const time = this.time(at);
    if (!this.isInTicks(at)) return time;
    const nowMs = clock.now();
    return nowMs === undefined ? NaN : nowMs - (clock.ticks() - time);
  }

  isEstimated(): boolean {
    return false;
  }

  learnTime(): void {}

  acknowledge(count: number): void {
    for (let i = 0; i < count; i++) {
      const at = this.first();
      if (at < 0) return;
      this.drop(at);
    }
  }

  giveUp(): void {
    this.#lost++;
    this.#untold++;
    this.acknowledge(1);
  }

  /** Removes a record from the queue. */
  drop(at: number): void {
    this.#gone++;
    this.#count--;
    const view = this.#view;
    view.setUint8(at + 2, view.getUint8(at + 2) | DEAD);
    while (this.#places > this.#count && (this.#count === 0 || this.isDead(this.unwrapped(this.#head)))) {
      this.#head = this.end(this.unwrapped(this.#head));
      this.#places--;
    }
    if (this.#count > 0) return;
    this.#head = 0;
    this.#tail = 0;
    if (view.byteLength > FIRST_BYTES) this.resize(FIRST_BYTES);
  }

  /** Drops the oldest record to make room. */
  private evict(): void {
    this.#lost++;
    this.#untold++;
    const at = this.oldest;
    // `gone` counts only records that are not held back, which may be in the current request.
    if (this.isPassed(at)) this.#gone--;
    this.drop(at);
  }

  private isDead(at: number): boolean {
    return (this.#view.getUint8(at + 2) & DEAD) !== 0;
  }

  private isPassed(at: number): boolean {
    const { gate } = this;
    return this.isDead(at) || (gate?.isOpen === false && gate.isHeld(this.source(at)));
  }

  private end(at: number): number {
    return at + this.#view.getUint16(at, true);
  }

  private unwrapped(at: number): number {
    return at >= this.#view.byteLength || this.#view.getUint16(at, true) === WRAP ? 0 : at;
  }

  /** True when `size` bytes are free in one piece at the tail, which may have gone back to the start. */
  private makeRoom(size: number): boolean {
    const length = this.#view.byteLength;
    if (this.#count > 0 && this.#tail <= this.#head) return this.#head - this.#tail >= size;
    if (length - this.#tail >= size) return true;
    if (this.#count === 0 || this.#head < size) return false;
    if (this.#tail < length) this.#view.setUint16(this.#tail, WRAP, true);
    this.#tail = 0;
    return true;
  }

  private grow(): boolean {
    const size = this.#view.byteLength * 2;
    if (size > this.#maxBytes) return false;
    this.resize(size);
    return true;
  }

  /** Copies the records, in order, to the start of a new buffer. */
  private resize(size: number): void {
    const from = this.bytes;
    const to = new Uint8Array(size);
    let end = 0;
    let at = this.#head;
    for (let i = 0; i < this.#places; i++) {
      at = this.unwrapped(at);
      const next = this.end(at);
      if (!this.isDead(at)) {
        to.set(from.subarray(at, next), end);
        end += next - at;
      }
      at = next;
    }
    this.#view = new DataView(to.buffer);
    this.#places = this.#count;
    this.#head = 0;
    this.#tail = end;
  }
}
