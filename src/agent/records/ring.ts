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
/** What stands for a record that has gone bad between two looks. */
const EMPTY_BYTES = 24;

/**
 * A ring of records on raw flash. Positions are addresses that never repeat: sector `p / sectorBytes` of all that were
 * ever opened, which lies in place `that % sectors`. All records have a head of u16 size, u8 kind, u8 flags, u32
 * checksum (over the record with its position in the checksum's place, so that nothing of an earlier round is taken for
 * one). What else there is:
 * - `Open`, at the beginning of each sector, and `Ack`: u32 position / 16 up to which all is acknowledged (Open: its own),
 *   u32 number of records given up for want of room that nobody was told of;
 * - what has a kind from `Kind.Template` on is counted and waits for its acknowledgement.
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
  #tail: number;
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

  /** Position of the oldest record that waits; -1 when there is none. */
  first(): number {
    if (this.#count === 0) return -1;
    const at = this.seek(this.#tail, this.#head, Kind.Template);
    if (at < 0) this.#count = 0;
    // What lies before it is nobody's: it is not read again each time.
    else this.#tail = at;
    return at;
  }

  /** Position of the record after that at `at`; -1 when there is none. */
  next(at: number): number {
    return this.following(at, Kind.Template);
  }

  /** Forgets the oldest `count`: they have arrived, or never will. */
  acknowledge(count: number): void {
    if (count <= 0) return;
    for (let i = 0; i < count && this.#count > 0; i++) {
      const at = this.first();
      if (at >= 0) this.pass(at);
    }
    if (this.#count === 0) this.shrink();
    this.mark();
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
    let isReady = this.makeRoom(total);
    for (let i = 0; i < TRIES && isReady; i++) {
      const least = (this.#sequence + 2 - this.#sectors) * this.#flash.sectorBytes;
      if (this.#tail >= least) break;
      this.giveUpBelow(least);
      // Noted before anything is erased, so that the losses are counted exactly.
      this.mark();
      isReady = this.makeRoom(total);
    }
    this.fit(RECORD + total);
    this.#loaded = -1;
    return isReady;
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
    for (let sequence = this.#sequence; sequence >= oldest && !isFound; sequence--) isFound = this.review(sequence);
    for (let at = this.#tail; ; at += this.#loadedBytes) {
      at = this.seek(at, this.#head, Kind.Template);
      if (at < 0) break;
      this.#count++;
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
    for (let at = sequence * sectorBytes; at < end; ) {
      const size = this.load(at);
      const kind = size > 0 ? this.#view.getUint8(RECORD + 2) : Kind.Text;
      if (isLatest && kind <= Kind.Ack) this.#untold = this.#view.getUint32(RECORD + 12, true);
      if (kind === Kind.Ack) {
        this.#tail = Math.max(this.#tail, this.#view.getUint32(RECORD + 8, true) * UNIT);
        isFound = true;
      }
      at += size > 0 ? size : UNIT;
      if (size !== 0) used = at;
    }
    if (isLatest) this.#head = used;
    return isFound;
  }

  private pass(at: number): void {
    this.#tail = at + this.#loadedBytes;
    this.#count--;
    this.#gone++;
  }

  private giveUpBelow(position: number): void {
    while (this.#tail < position) {
      const at = this.#count === 0 ? -1 : this.seek(this.#tail, position, Kind.Template);
      if (at < 0) this.#tail = position;
      else {
        this.pass(at);
        this.miss();
      }
    }
  }

  /** Notes how far all is acknowledged, and the losses. */
  private mark(): void {
    for (let i = 0; i < TRIES && this.makeRoom(UNIT); i++) {
      const at = this.#head;
      this.#head = at + UNIT;
      if (this.writeMark(Kind.Ack, at, this.#tail)) return;
    }
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
      if (isErased && this.writeMark(Kind.Open, next * sectorBytes, next * sectorBytes)) return true;
    }
    this.#head = (this.#sequence + 1) * sectorBytes;
    return false;
  }

  private writeMark(kind: number, at: number, position: number): boolean {
    const view = this.#view;
    view.setUint16(0, UNIT, true);
    view.setUint8(2, kind);
    view.setUint8(3, 0);
    view.setUint32(8, position / UNIT, true);
    view.setUint32(12, this.#untold, true);
    this.seal(at, 0, UNIT);
    this.#loaded = -1;
    return this.program(at, 0, UNIT);
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
