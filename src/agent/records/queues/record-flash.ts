// SPDX-License-Identifier: Apache-2.0

import type { Flash } from '../../../../hal/hal.ts';
import { RECORD_MAX_BYTES } from '../record.ts';

/** Every record begins at a multiple of this, and is programmed once. */
export const UNIT = 16;
/** The part of a record that is read first. */
const PREFIX_BYTES = 32;
/** The first part of the buffer is for marks and for reading back; records begin here. */
export const RECORD = PREFIX_BYTES;
const FIRST_BYTES = 64;
/** A word of erased flash. */
export const ERASED = -1;
/** Bytes of a word. Comparisons and checksums work on words, because single bytes take four times as long. */
const WORD = 4;
/** Index of the checksum in a record, in words. */
const CHECKSUM = 1;
/** The factor of the checksum: odd, so that different words give different sums; small enough for exact products. */
const FACTOR = 648_053;
/** The size of the empty record that takes the place of one that can no longer be read. */
const EMPTY_BYTES = 24;

/**
 * Records on raw flash, one at a time in a buffer. Positions are addresses that never repeat: `p / sectorBytes` is the
 * number of a sector, counted over all that were ever opened, and `number % sectors` is its place on flash. All records
 * have a head of u16 size, u8 kind, u8 flags, u32 checksum. The checksum is over the units of the record with its
 * position in the checksum's place, so that a record of an earlier round is not taken for one of this round.
 */
export class RecordFlash {
  readonly flash: Flash;
  readonly firstSector: number;
  readonly sectors: number;
  bytes = new Uint8Array(FIRST_BYTES);
  view = new DataView(this.bytes.buffer);
  /** The buffer as words, in the byte order of the machine. */
  words = new Int32Array(this.bytes.buffer);
  /** The flash had content, but no sector of a ring: it is damaged, or of a version with another format. */
  isForeign = false;
  /** The bytes on flash of the record in the buffer. */
  loadedBytes = 0;
  /** Position of the record in the buffer; -1: none. */
  loaded = -1;

  /** @param sectors at least 2, beginning with `firstSector`. */
  constructor(flash: Flash, firstSector: number, sectors: number) {
    this.flash = flash;
    this.firstSector = firstSector;
    this.sectors = sectors;
  }

  /** The largest record: half a sector at most, so that a sector just opened has room for one and for marks. */
  get mostBytes(): number {
    return Math.min(RECORD_MAX_BYTES, this.flash.sectorBytes / 2);
  }

  /** Reads the record at `at` into the buffer; returns its bytes on flash, 0: erased, -1: no valid record. */
  load(at: number): number {
    if (at === this.loaded) return this.loadedBytes;
    this.loaded = -1;
    const flash = this.flash;
    const address = this.address(at);
    const room = flash.sectorBytes - (at % flash.sectorBytes);
    const prefix = room < PREFIX_BYTES ? room : PREFIX_BYTES;
    flash.read(address, this.bytes, RECORD, RECORD + prefix);
    const size = this.view.getUint16(RECORD, true);
    const total = rounded(size);
    if (size < UNIT || size > RECORD_MAX_BYTES || total > room) return this.reject();
    if (total > prefix) {
      this.fit(RECORD + total);
      flash.read(address + prefix, this.bytes, RECORD + prefix, RECORD + total);
    }
    const words = this.words;
    const checksum = words[RECORD / WORD + CHECKSUM];
    words[RECORD / WORD + CHECKSUM] = at / UNIT;
    if (checksumOf(words, RECORD / WORD, (RECORD + total) / WORD) !== checksum) return this.reject();
    this.loaded = at;
    this.loadedBytes = total;
    return total;
  }

  /** Position of the next valid record of `leastKind` or above in `[at, to)`, which is then in the buffer; or -1. */
  seek(at: number, to: number, leastKind: number): number {
    for (let position = at; position < to; ) {
      const size = this.load(position);
      if (size > 0 && this.view.getUint8(RECORD + 2) >= leastKind) return position;
      position += size > 0 ? size : UNIT;
    }
    return -1;
  }

  /** The first possible position of the record after the one at `at`. */
  after(at: number): number {
    const size = this.load(at);
    return at + (size > 0 ? size : UNIT);
  }

  /** Makes the buffer ready for a record of `size` bytes at `RECORD`. */
  clear(size: number): void {
    this.loaded = -1;
    this.fit(RECORD + rounded(size));
  }

  /** Writes the `size` bytes at `from` in the buffer to flash; false when reading back gives other bytes. */
  put(at: number, from: number, size: number): boolean {
    const { flash, bytes, words } = this;
    const total = rounded(size);
    const first = from / WORD;
    this.loaded = -1;
    words[first + CHECKSUM] = at / UNIT;
    words[first + CHECKSUM] = checksumOf(words, first, first + total / WORD);
    const address = this.address(at);
    if (!flash.program(address, bytes, from, from + total)) return false;
    const into = from === 0 ? RECORD : 0;
    let written = first;
    for (let done = 0; done < total; done += PREFIX_BYTES) {
      const count = total - done < PREFIX_BYTES ? total - done : PREFIX_BYTES;
      flash.read(address + done, bytes, into, into + count);
      const end = (into + count) / WORD;
      for (let read = into / WORD; read < end; read += 4, written += 4) {
        if (words[read] !== words[written] || words[read + 1] !== words[written + 1]) return false;
        if (words[read + 2] !== words[written + 2] || words[read + 3] !== words[written + 3]) return false;
      }
    }
    if (from !== RECORD) return true;
    this.loaded = at;
    this.loadedBytes = total;
    return true;
  }

  /** Frees the memory of a large record. */
  shrink(): void {
    if (this.bytes.length === FIRST_BYTES) return;
    this.loaded = -1;
    this.resize(FIRST_BYTES);
  }

  /** Tells erased flash from a bad record, and leaves an empty one in the buffer. */
  private reject(): number {
    const { words } = this;
    let erased = true;
    for (let i = 0; i < UNIT / WORD; i++) if (words[RECORD / WORD + i] !== ERASED) erased = false;
    this.view.setUint16(RECORD, EMPTY_BYTES, true);
    return erased ? 0 : -1;
  }

  private address(at: number): number {
    const sectorBytes = this.flash.sectorBytes;
    return this.firstSector * sectorBytes + (at % (this.sectors * sectorBytes));
  }

  private fit(size: number): void {
    if (size > this.bytes.length) this.resize(Math.max(size, 2 * FIRST_BYTES));
  }

  private resize(size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes.subarray(0, Math.min(size, this.bytes.length)));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.words = new Int32Array(bytes.buffer);
  }
}

/** The bytes on flash of a record of `size` bytes. */
export function rounded(size: number): number {
  return (size + UNIT - 1) & ~(UNIT - 1);
}

/** The checksum of the units in `[from, to)`, by words. Any change of one word changes it; later words mix its bits. */
function checksumOf(words: Int32Array, from: number, to: number): number {
  let sum = 0;
  // One unit per step: on an engine without a compiler, the step itself takes as long as a word.
  for (let i = from; i < to; i += UNIT / WORD) {
    sum = ((sum ^ (sum >>> 15) ^ (words[i] as number)) * FACTOR) | 0;
    sum = ((sum ^ (sum >>> 15) ^ (words[i + 1] as number)) * FACTOR) | 0;
    sum = ((sum ^ (sum >>> 15) ^ (words[i + 2] as number)) * FACTOR) | 0;
    sum = ((sum ^ (sum >>> 15) ^ (words[i + 3] as number)) * FACTOR) | 0;
  }
  // Otherwise the high bits of the last word would change only the high bits of the sum.
  return sum ^ (sum >>> 15);
}
