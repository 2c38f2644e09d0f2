// SPDX-License-Identifier: Apache-2.0

import type { Flash } from '../../../hal/hal.ts';
import { fnv1a } from '../../bytes/hash.ts';
import { Kind, RECORD_MAX_BYTES } from './records.ts';

/** Everything on the ring begins at a multiple of this, and is programmed once. */
const UNIT = 16;
/** What a record begins with. */
const PREFIX_BYTES = 32;
/** The first part of the buffer is for marks and for reading back; records begin here. */
export const RECORD = PREFIX_BYTES;
const FIRST_BYTES = 64;
const ERASED = 0xffffffff;
const TRIES = 2;
/** A sector that refuses to be erased this often is worn out and left out; before that it may be for the moment only. */
const PATIENCE = 8;
/** Flag of an `Ack`: sources are held back, and the latest list of them counts. */
const HAS_KEPT = 1;
const KEY_AT = RECORD + 8;
const KEPT_AT = RECORD + 16;
/** They take this part of a sector at most. */
const KEPT_PART = 4;
/** What stands for a record that has gone bad between two looks. */
const EMPTY_BYTES = 24;

/**
 * A ring of records on raw flash. Positions are addresses that never repeat: sector `p / sectorBytes` of all that were
 * ever opened, which lies in place `that % sectors`. All records have a head of u16 size, u8 kind, u8 flags, u32
 * checksum (over the record with its position in the checksum's place, so that nothing of an earlier round is taken for
 * one). What else there is:
 * - `Open`, at the beginning of each sector, and `Ack`: u32 position / 16 up to which all is acknowledged (Open: its own),
 *   u32 number of records given up for want of room that nobody was told of; then, of each source that is held back, u32 key
 *   and u32 position / 16 from which on its records wait, though they lie before;
 * - what has a kind from `Kind.Template` on is counted and waits for its acknowledgement; it begins with u32 key of its source.
 *
 * A power cut leaves a record whose checksum is wrong, or a sector that is not opened: both are passed over. Nothing is
 * programmed twice between two erases. One sector is kept free of records that wait, so that acknowledging never costs any.
 */
export class Ring {
  readonly #flash: Flash;
  readonly #firstSector: number;
  readonly #sectors: number;
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  /** Number of the sector opened last; 0: none yet. */
  #sequence = 0;
  #head: number;
  /** All before has gone, but for what is kept. */
  #tail: number;
  /** Sources whose records were passed over: key, position of the first that waits, one pair after the other. */
  #kept: number[] = [];
  /** That is not on flash as it is. */
  #isKeptNew = false;
  #count = 0;
  #gone = 0;
  #lost = 0;
  #untold = 0;
  /** How often in a row the next sector has refused to be erased. */
  #refusals = 0;
  /** Position of the record in the buffer; -1: none. */
  #loaded = -1;
  #loadedBytes = 0;

  /** @param sectors at least 2, beginning with `firstSector`. */
  constructor(flash: Flash, firstSector: number, sectors: number) {
    this.#flash = flash;
    this.#firstSector = firstSector;
    this.#sectors = sectors;
    this.#head = flash.sectorBytes;
    this.#tail = flash.sectorBytes;
    this.recover();
  }

  get count(): number {
    return this.#count;
  }

  /** How many have left the line since it was made, for whatever reason: tells whether the oldest is still the same. */
  get gone(): number {
    return this.#gone;
  }

  /** How many were given up, for want of room or because the flash refuses, and nobody was told; outlives power cuts. */
  get untold(): number {
    return this.#untold;
  }

  /** How many were given up since this was called last. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** Somebody was told of `count` losses. */
  told(count: number): void {
    this.#untold -= count;
    this.mark();
  }

  /** Gives up the oldest, which can never be sent. */
  giveUp(): void {
    this.miss();
    this.acknowledge(1);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get view(): DataView {
    return this.#view;
  }

  /** Position of the oldest record that waits and is not held back; -1 when there is none. */
  first(): number {
    if (this.#count === 0) return -1;
    const kept = this.#kept;
    let from = this.#tail;
    let isAny = false;
    for (let i = 0; i < kept.length; i += 2) {
      if (this.isHeld(kept[i] as number)) continue;
      isAny = true;
      from = Math.min(from, kept[i + 1] as number);
    }
    if (isAny) {
      const at = this.seekKept(from);
      if (at >= 0) return at;
      this.forgetReleased();
    }
    const at = this.seekFree(this.#tail);
    if (at < 0 && this.#kept.length === 0) this.#count = 0;
    return at;
  }

  /** All have gone of those that are not held back any more. On its own: what a function inside uses is allocated with each call. */
  private forgetReleased(): void {
    const kept = this.#kept;
    this.#kept = kept.filter((_, k) => this.isHeld(kept[k & ~1] as number));
    this.#isKeptNew = true;
  }

  /** Position of the record after that at `at`; -1 when there is none. */
  next(at: number): number {
    const size = this.load(at);
    const after = at + (size > 0 ? size : UNIT);
    const kept = after < this.#tail ? this.seekKept(after) : -1;
    return kept >= 0 ? kept : this.seekFree(Math.max(after, this.#tail));
  }

  /** Forgets the oldest `count`: they have arrived, or never will. Returns how many there were. */
  acknowledge(count: number): number {
    let passed = 0;
    for (; passed < count; passed++) {
      const at = this.first();
      if (at < 0) break;
      this.pass(at);
    }
    if (passed === 0) return 0;
    if (this.#count === 0) this.shrink();
    this.mark();
    return passed;
  }

  /** Whether records of this source are passed over for now. */
  protected isHeld(_key: number): boolean {
    return false;
  }

  /** Position of the next record of `leastKind` or above; -1 when there is none. */
  protected following(at: number, leastKind: number): number {
    const size = this.load(at);
    return this.seek(at + (size > 0 ? size : UNIT), this.#head, leastKind);
  }

  /** What a record may take: with half a sector there is room for one, and for marks, in any sector just opened. */
  protected get mostBytes(): number {
    return Math.min(RECORD_MAX_BYTES, this.#flash.sectorBytes / 2);
  }

  /** A record for which there was no place. */
  protected miss(): void {
    this.#lost++;
    this.#untold++;
  }

  /** Makes room for a record of `size` bytes, on flash and at `RECORD` in the buffer; the oldest go where need be. */
  protected reserve(size: number): boolean {
    const total = rounded(size);
    // Owed since a power cut or a mark that has opened a sector: the next one must not cost what is not noted.
    if (this.oldest < this.least) this.freeSector();
    let isReady = this.makeRoom(total);
    for (let i = 0; i < TRIES && isReady; i++) {
      if (this.oldest >= this.least) break;
      this.freeSector();
      isReady = this.makeRoom(total);
    }
    this.fit(RECORD + total);
    this.#loaded = -1;
    return isReady;
  }

  /** Gives up what keeps the next sector from being free. */
  private freeSector(): void {
    // The marks have their place before: a sector that is opened tells of losses that are there already.
    this.makeRoom(this.markBytes);
    this.giveUpBelow(this.least);
    // Noted before anything is erased, so that the losses are counted exactly.
    this.mark();
  }

  /** Nothing that waits lies before, so that one sector is free. */
  private get least(): number {
    return (this.#sequence + 2 - this.#sectors) * this.#flash.sectorBytes;
  }

  /** What a mark takes at most. */
  private get markBytes(): number {
    return rounded(UNIT + 4 * this.#kept.length);
  }

  /** Puts the record of `size` bytes in the buffer on flash, where there is room for it since `reserve`. */
  protected write(size: number, counts: boolean): boolean {
    const total = rounded(size);
    const end = (this.#sequence + 1) * this.#flash.sectorBytes;
    for (let i = 0; i < TRIES && this.#head + total <= end; i++) {
      const at = this.#head;
      this.#head = at + total;
      this.seal(at, RECORD, size);
      if (!this.program(at, RECORD, total)) continue;
      this.#loaded = at;
      this.#loadedBytes = total;
      if (counts) this.#count++;
      return true;
    }
    return false;
  }

  /** Position of the next good record of `leastKind` or above in `[at, to)`, which is then in the buffer; or -1. */
  private seek(at: number, to: number, leastKind: number): number {
    for (let position = at; position < to; ) {
      const size = this.load(position);
      if (size > 0 && this.#view.getUint8(RECORD + 2) >= leastKind) return position;
      position += size > 0 ? size : UNIT;
    }
    return -1;
  }

  /** The first that is not held back, from `at` on. What is passed over at the tail is kept from then on. */
  private seekFree(from: number): number {
    let at = from;
    for (;;) {
      const isTail = at === this.#tail;
      at = this.seek(at, this.#head, Kind.Template);
      if (at < 0) return at;
      // What lies before it is nobody's: it is not read again each time.
      if (isTail) this.#tail = at;
      const key = this.#view.getUint32(KEY_AT, true);
      if (!this.isHeld(key)) return at;
      const after = at + this.#loadedBytes;
      if (isTail && !this.keepBack(key, at)) return at;
      if (isTail) this.#tail = after;
      at = after;
    }
  }

  /** The first of those that were held back, from `at` to the tail. */
  private seekKept(from: number): number {
    let at = from;
    for (;;) {
      at = this.seek(at, this.#tail, Kind.Template);
      if (at < 0 || (this.waits(at) && !this.isHeld(this.#view.getUint32(KEY_AT, true)))) return at;
      at += this.#loadedBytes;
    }
  }

  /** Whether the record in the buffer, which lies at `at`, has not gone. */
  private waits(at: number): boolean {
    if (at >= this.#tail) return true;
    const i = this.keptAt(this.#view.getUint32(KEY_AT, true));
    return i >= 0 && at >= (this.#kept[i + 1] as number);
  }

  private keptAt(key: number): number {
    const kept = this.#kept;
    for (let i = 0; i < kept.length; i += 2) if (kept[i] === key) return i;
    return -1;
  }

  /** False: there are too many. */
  private keepBack(key: number, at: number): boolean {
    if (this.keptAt(key) >= 0) return true;
    if (UNIT + 4 * (this.#kept.length + 2) > this.#flash.sectorBytes / KEPT_PART) return false;
    this.#kept.push(key, at);
    this.#isKeptNew = true;
    return true;
  }

  /** Where the oldest record lies that may wait. */
  private get oldest(): number {
    let oldest = this.#tail;
    for (let i = 1; i < this.#kept.length; i += 2) oldest = Math.min(oldest, this.#kept[i] as number);
    return oldest;
  }

  /** Reads what is at `at` into the buffer; returns how many bytes it takes, 0: erased, -1: no good record. */
  protected load(at: number): number {
    if (at === this.#loaded) return this.#loadedBytes;
    this.#loaded = -1;
    const flash = this.#flash;
    const address = this.address(at);
    const room = flash.sectorBytes - (at % flash.sectorBytes);
    const prefix = room < PREFIX_BYTES ? room : PREFIX_BYTES;
    flash.read(address, this.#bytes, RECORD, RECORD + prefix);
    const size = this.#view.getUint16(RECORD, true);
    const total = rounded(size);
    if (size < UNIT || size > RECORD_MAX_BYTES || total > room) return this.reject();
    if (total > prefix) {
      this.fit(RECORD + total);
      flash.read(address + prefix, this.#bytes, RECORD + prefix, RECORD + total);
    }
    const view = this.#view;
    const checksum = view.getUint32(RECORD + 4, true);
    view.setUint32(RECORD + 4, at / UNIT, true);
    if (fnv1a(this.#bytes, RECORD, RECORD + size) !== checksum) return this.reject();
    this.#loaded = at;
    this.#loadedBytes = total;
    return total;
  }

  /** Tells erased flash from a bad record, and leaves an empty one in the buffer. */
  private reject(): number {
    const view = this.#view;
    let erased = true;
    for (let i = 0; i < UNIT; i += 4) if (view.getUint32(RECORD + i, true) !== ERASED) erased = false;
    view.setUint16(RECORD, EMPTY_BYTES, true);
    return erased ? 0 : -1;
  }

  /** Finds everything again after a start. */
  private recover(): void {
    const { sectorBytes } = this.#flash;
    for (let place = 0; place < this.#sectors; place++) {
      const sequence = this.sequenceAt(place);
      if (sequence > this.#sequence) this.#sequence = sequence;
    }
    if (this.#sequence === 0) return;
    const oldest = Math.max(1, this.#sequence - this.#sectors + 1);
    this.#tail = oldest * sectorBytes;
    // The latest mark counts, and it lies in the latest sector that has any.
    let isFound = false;
    this.#isKeptNew = true;
    for (let sequence = this.#sequence; sequence >= oldest && !(isFound && !this.#isKeptNew); sequence--) {
      if (this.review(sequence)) isFound = true;
    }
    this.#isKeptNew = false;
    for (let i = 1; i < this.#kept.length; i += 2) {
      this.#kept[i] = Math.max(this.#kept[i] as number, oldest * sectorBytes);
    }
    for (let at = this.oldest; ; at += this.#loadedBytes) {
      at = this.seek(at, this.#head, Kind.Template);
      if (at < 0) break;
      if (this.waits(at)) this.#count++;
    }
  }

  /** Number of the sector opened last in this place; 0: none that can be told. */
  private sequenceAt(place: number): number {
    const { sectorBytes } = this.#flash;
    this.#flash.read((this.#firstSector + place) * sectorBytes, this.#bytes, 0, UNIT);
    const at = this.#view.getUint32(8, true) * UNIT;
    const sequence = at / sectorBytes;
    if (at % sectorBytes !== 0 || sequence === 0 || sequence % this.#sectors !== place) return 0;
    return this.load(at) > 0 && this.#view.getUint8(RECORD + 2) === Kind.Open ? sequence : 0;
  }

  /** Looks through a sector for marks; true when it has an acknowledgement. In the latest one, finds where it goes on. */
  private review(sequence: number): boolean {
    const isLatest = sequence === this.#sequence;
    const { sectorBytes } = this.#flash;
    const end = (sequence + 1) * sectorBytes;
    let used = sequence * sectorBytes + UNIT;
    let isFound = false;
    let kept: number[] | undefined;
    for (let at = sequence * sectorBytes; at < end; ) {
      const size = this.load(at);
      const kind = size > 0 ? this.#view.getUint8(RECORD + 2) : Kind.Text;
      if (isLatest && kind <= Kind.Ack) this.#untold = this.#view.getUint32(RECORD + 12, true);
      if (kind === Kind.Ack) {
        this.#tail = Math.max(this.#tail, this.#view.getUint32(RECORD + 8, true) * UNIT);
        isFound = true;
        if (size > UNIT || this.#view.getUint8(RECORD + 3) !== HAS_KEPT) kept = this.readKept();
      }
      at += size > 0 ? size : UNIT;
      if (size !== 0) used = at;
    }
    if (isLatest) this.#head = used;
    if (this.#isKeptNew && kept !== undefined) {
      this.#kept = kept;
      this.#isKeptNew = false;
    }
    return isFound;
  }

  private readKept(): number[] {
    const view = this.#view;
    const end = RECORD + view.getUint16(RECORD, true);
    const kept: number[] = [];
    for (let at = KEPT_AT; at < end; at += 8) kept.push(view.getUint32(at, true), view.getUint32(at + 4, true) * UNIT);
    return kept;
  }

  /** The record in the buffer, which lies at `at`, has gone. */
  private pass(at: number): void {
    const after = at + this.#loadedBytes;
    if (at < this.#tail) {
      this.#kept[this.keptAt(this.#view.getUint32(KEY_AT, true)) + 1] = after;
      this.#isKeptNew = true;
    } else this.#tail = after;
    this.#count--;
    this.#gone++;
  }

  private giveUpBelow(position: number): void {
    for (let at = this.oldest; at < position && this.#count > 0; at += this.#loadedBytes) {
      at = this.seek(at, position, Kind.Template);
      if (at < 0) break;
      if (!this.waits(at)) continue;
      if (!this.isHeld(this.#view.getUint32(KEY_AT, true))) this.#gone++;
      this.#count--;
      this.miss();
    }
    const kept = this.#kept;
    for (let i = 1; i < kept.length; i += 2) {
      if ((kept[i] as number) >= position) continue;
      kept[i] = position;
      this.#isKeptNew = true;
    }
    this.#tail = Math.max(this.#tail, position);
  }

  /** Notes how far all is acknowledged, and the losses. */
  private mark(): void {
    for (let i = 0; i < TRIES && this.makeRoom(this.markBytes); i++) {
      if (this.#isKeptNew && this.#kept.length > 0) {
        if (this.noteKept()) return;
        continue;
      }
      const at = this.#head;
      this.#head = at + UNIT;
      if (this.writeMark(Kind.Ack, at, this.#tail)) {
        this.#isKeptNew = false;
        return;
      }
    }
  }

  /** The mark with the list of those that are held back. */
  private noteKept(): boolean {
    const kept = this.#kept;
    this.fit(RECORD + this.markBytes);
    this.#loaded = -1;
    const view = this.#view;
    this.fillMark(RECORD, Kind.Ack, this.#tail);
    view.setUint16(RECORD, UNIT + 4 * kept.length, true);
    for (let i = 0; i < kept.length; i += 2) {
      view.setUint32(KEPT_AT + 4 * i, kept[i] as number, true);
      view.setUint32(KEPT_AT + 4 * i + 4, (kept[i + 1] as number) / UNIT, true);
    }
    this.#isKeptNew = !this.write(UNIT + 4 * kept.length, false);
    return !this.#isKeptNew;
  }

  private makeRoom(total: number): boolean {
    const { sectorBytes } = this.#flash;
    if (this.#head + total <= (this.#sequence + 1) * sectorBytes) return true;
    for (let i = 0; i < TRIES; i++) {
      const next = this.#sequence + 1;
      this.giveUpBelow((next + 1 - this.#sectors) * sectorBytes);
      const isErased = this.#flash.erase(this.#firstSector + (next % this.#sectors));
      // Not passed over at once: flash that refuses for a while must not cost the records of all sectors.
      if (!isErased && ++this.#refusals < PATIENCE) break;
      this.#refusals = 0;
      this.#sequence = next;
      this.#head = next * sectorBytes + UNIT;
      if (!isErased || !this.writeMark(Kind.Open, next * sectorBytes, next * sectorBytes)) continue;
      // In each sector, so that it does not go with the oldest.
      this.#isKeptNew = this.#kept.length > 0;
      if (this.#isKeptNew) this.noteKept();
      return true;
    }
    this.#head = (this.#sequence + 1) * sectorBytes;
    return false;
  }

  private writeMark(kind: number, at: number, position: number): boolean {
    this.fillMark(0, kind, position);
    this.seal(at, 0, UNIT);
    this.#loaded = -1;
    return this.program(at, 0, UNIT);
  }

  private fillMark(from: number, kind: number, position: number): void {
    const view = this.#view;
    view.setUint16(from, UNIT, true);
    view.setUint8(from + 2, kind);
    view.setUint8(from + 3, this.#kept.length > 0 ? HAS_KEPT : 0);
    view.setUint32(from + 8, position / UNIT, true);
    view.setUint32(from + 12, this.#untold, true);
  }

  private seal(at: number, from: number, size: number): void {
    this.#view.setUint32(from + 4, at / UNIT, true);
    this.#view.setUint32(from + 4, fnv1a(this.#bytes, from, from + size), true);
  }

  /** True when it can be read back as it should be. */
  private program(at: number, from: number, total: number): boolean {
    const flash = this.#flash;
    const bytes = this.#bytes;
    const address = this.address(at);
    if (!flash.program(address, bytes, from, from + total)) return false;
    const into = from === 0 ? RECORD : 0;
    for (let done = 0; done < total; done += PREFIX_BYTES) {
      const count = total - done < PREFIX_BYTES ? total - done : PREFIX_BYTES;
      flash.read(address + done, bytes, into, into + count);
      for (let i = 0; i < count; i++) if (bytes[into + i] !== bytes[from + done + i]) return false;
    }
    return true;
  }

  private address(at: number): number {
    const { sectorBytes } = this.#flash;
    return this.#firstSector * sectorBytes + (at % (this.#sectors * sectorBytes));
  }

  private fit(size: number): void {
    if (size > this.#bytes.length) this.resize(Math.max(size, 2 * FIRST_BYTES));
  }

  private shrink(): void {
    if (this.#bytes.length === FIRST_BYTES) return;
    this.#loaded = -1;
    this.resize(FIRST_BYTES);
  }

  private resize(size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(this.#bytes.subarray(0, Math.min(size, this.#bytes.length)));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

function rounded(size: number): number {
  return (size + UNIT - 1) & ~(UNIT - 1);
}
