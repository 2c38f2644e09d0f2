// SPDX-License-Identifier: Apache-2.0

import type { Flash } from '../../../../hal/hal.ts';
import { type Gate, RecordKind } from '../record.ts';
import { type Holder, PassedOver } from './passed-over.ts';
import { RECORD, RecordFlash, rounded, UNIT } from './record-flash.ts';
import { fillMark, findEnds, LIST } from './ring-marks.ts';

const TRIES = 2;
/** A sector that cannot be erased this many times is worn out and skipped; before that the failure may be temporary. */
const PATIENCE = 8;
const KEY_AT = RECORD + 8;
/** The list of sources that are passed over takes at most a sector divided by this. */
const LIST_PART = 4;

/**
 * A ring of records on raw flash, with marks among them (ring-marks.ts). Records of a kind from `RecordKind.Template`
 * on are counted and wait for their acknowledgement; they begin with the u32 key of their source. The records of a
 * source that is held back are passed over, and still wait when the tail of the ring has moved past them.
 *
 * A power cut leaves a record whose checksum is wrong, or a sector that is not opened: both are skipped. Nothing is
 * programmed twice between two erases. One sector is kept free of waiting records, so that an acknowledgement never
 * costs a record.
 */
export class Ring extends RecordFlash implements Holder {
  gate: Gate | undefined;
  readonly #passedOver = new PassedOver();
  /** Number of the sector opened last; 0: none yet. */
  #sequence = 0;
  #head: number;
  /** Position before which all records have gone, except those that were passed over. */
  #tail: number;
  /** The number of waiting records. */
  count = 0;
  /** The number of records that have left the queue, for any reason. Shows whether the oldest is still the same. */
  gone = 0;
  /** The number of records given up, for lack of room or of working flash, and not reported yet. Outlives restarts. */
  untold = 0;
  #lost = 0;
  /** The number of failed erasures of the next sector in a row. */
  #refusals = 0;

  /** @param sectors at least 2, beginning with `firstSector`. */
  constructor(flash: Flash, firstSector: number, sectors: number) {
    super(flash, firstSector, sectors);
    this.#head = flash.sectorBytes;
    this.#tail = flash.sectorBytes;
    this.recover();
  }

  /** The number of records given up since the last call. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** `count` losses were reported. */
  told(count: number): void {
    this.untold -= count;
    this.mark();
  }

  /** Removes the oldest record, which can never be sent; it counts as lost. */
  giveUp(): void {
    this.miss();
    this.acknowledge(1);
  }

  /** Position of the oldest record that waits and is not held back; -1 when there is none. */
  first(): number {
    if (this.count === 0) return -1;
    const tail = this.#tail;
    const isNonePassed = this.#passedOver.bytes === 0;
    // The usual case has to cost little, because calls are frequent: the oldest is in the buffer and not held back.
    if (tail === this.loaded && isNonePassed && this.gate?.isOpen !== false) {
      if (this.view.getUint8(RECORD + 2) >= RecordKind.Template) return tail;
    }
    const from = isNonePassed ? -1 : this.#passedOver.oldestFree(this);
    if (from >= 0) {
      const at = this.seekPassedOver(from);
      if (at >= 0) return at;
      this.#passedOver.forgetFree(this);
    }
    const at = this.seekFree(tail);
    if (at < 0 && this.#passedOver.bytes === 0) this.count = 0;
    return at;
  }

  /** Position of the record after that at `at`; -1 when there is none. */
  next(at: number): number {
    const after = this.after(at);
    const passed = after < this.#tail ? this.seekPassedOver(after) : -1;
    return passed >= 0 ? passed : this.seekFree(Math.max(after, this.#tail));
  }

  /** Removes the oldest `count` records: they have arrived, or never will. Returns how many there were. */
  acknowledge(count: number): number {
    let passed = 0;
    for (; passed < count; passed++) {
      const at = this.first();
      if (at < 0) break;
      const after = at + this.loadedBytes;
      if (at < this.#tail) this.#passedOver.advance(this.view.getUint32(KEY_AT, true), after);
      else this.#tail = after;
      this.count--;
      this.gone++;
    }
    if (passed === 0) return 0;
    if (this.count === 0) this.shrink();
    this.mark();
    return passed;
  }

  /** Whether records of this source are passed over for now. */
  isHeld(_key: number): boolean {
    return false;
  }

  /** Position of the next record of `leastKind` or above; -1 when there is none. */
  protected following(at: number, leastKind: number): number {
    return this.seek(this.after(at), this.#head, leastKind);
  }

  /** Counts a record that was given up. */
  protected miss(): void {
    this.#lost++;
    this.untold++;
  }

  /** Makes room for a record of `size` bytes, on flash and at `RECORD` in the buffer; if needed, the oldest go. */
  protected reserve(size: number): boolean {
    const total = rounded(size);
    // A power cut or a mark has used the free sector: the losses of a new one are noted before it is opened.
    if (this.isOwed) this.freeSector();
    let isReady = this.makeRoom(total);
    for (let i = 0; i < TRIES && isReady; i++) {
      if (!this.isOwed) break;
      this.freeSector();
      isReady = this.makeRoom(total);
    }
    this.clear(size);
    return isReady;
  }

  /** Gives up the records that keep the next sector from being free. */
  private freeSector(): void {
    // Room for the mark comes first: the mark of a sector that is opened for it contains only earlier losses.
    this.makeRoom(this.markBytes);
    this.giveUpBelow(this.least);
    // Noted before anything is erased, so that the losses are counted exactly.
    this.mark();
  }

  /** Position before which no record may wait, so that one sector is free. */
  protected get least(): number {
    return (this.#sequence + 2 - this.sectors) * this.flash.sectorBytes;
  }

  /** Whether a mark or a power cut has used the free sector: the next `append` gives up the records in its way. */
  private get isOwed(): boolean {
    return this.#passedOver.oldest(this.#tail) < this.least;
  }

  /** The largest size of a mark. */
  private get markBytes(): number {
    return rounded(UNIT + this.#passedOver.bytes);
  }

  /** Writes the record of `size` bytes in the buffer to flash, where `reserve` has made room. */
  protected write(size: number, counts: boolean): boolean {
    const total = rounded(size);
    const end = (this.#sequence + 1) * this.flash.sectorBytes;
    for (let i = 0; i < TRIES && this.#head + total <= end; i++) {
      const at = this.#head;
      this.#head = at + total;
      if (!this.put(at, RECORD, size)) continue;
      if (counts) this.count++;
      return true;
    }
    return false;
  }

  /** The first record from `from` on that is not held back. A record at the tail that is held back is passed over. */
  private seekFree(from: number): number {
    for (let at = from; ; at += this.loadedBytes) {
      const isTail = at === this.#tail;
      at = this.seek(at, this.#head, RecordKind.Template);
      if (at < 0) return at;
      // No record waits before it, so this part is not read again.
      if (isTail) this.#tail = at;
      const key = this.view.getUint32(KEY_AT, true);
      if (!this.isHeld(key)) return at;
      if (!isTail) continue;
      if (!this.#passedOver.add(key, at, this.flash.sectorBytes / LIST_PART - UNIT)) return at;
      this.#tail = at + this.loadedBytes;
    }
  }

  /** The first record from `from` to the tail that was passed over and is no longer held back. */
  private seekPassedOver(from: number): number {
    for (let at = from; ; at += this.loadedBytes) {
      at = this.seek(at, this.#tail, RecordKind.Template);
      if (at < 0 || (this.waits(at) && !this.isHeld(this.view.getUint32(KEY_AT, true)))) return at;
    }
  }

  /** Whether the record at `at`, which is in the buffer, still waits. */
  private waits(at: number): boolean {
    return at >= this.#tail || this.#passedOver.has(this.view.getUint32(KEY_AT, true), at);
  }

  private recover(): void {
    const ends = findEnds(this, this.#passedOver);
    if (ends === undefined) return;
    this.#sequence = ends.sequence;
    this.#head = ends.head;
    this.#tail = ends.tail;
    this.untold = ends.untold;
    for (let at = this.#passedOver.oldest(this.#tail); ; at += this.loadedBytes) {
      at = this.seek(at, this.#head, RecordKind.Template);
      if (at < 0) break;
      if (this.waits(at)) this.count++;
    }
  }

  private giveUpBelow(position: number): void {
    for (let at = this.#passedOver.oldest(this.#tail); at < position && this.count > 0; at += this.loadedBytes) {
      at = this.seek(at, position, RecordKind.Template);
      if (at < 0) break;
      if (!this.waits(at)) continue;
      if (!this.isHeld(this.view.getUint32(KEY_AT, true))) this.gone++;
      this.count--;
      this.miss();
    }
    this.#passedOver.giveUpBelow(position);
    this.#tail = Math.max(this.#tail, position);
  }

  /** Writes a mark: the position up to which all is acknowledged, and the losses. */
  private mark(): void {
    // The last mark in a sector includes the losses of the next sector, so that they are noted before it is erased.
    const { sectorBytes } = this.flash;
    const roomBytes = (this.#sequence + 1) * sectorBytes - this.#head;
    if (roomBytes < (2 * sectorBytes) / LIST_PART && this.isOwed) this.giveUpBelow(this.least);
    for (let i = 0; i < TRIES && this.makeRoom(this.markBytes); i++) {
      if (this.#passedOver.isNew && this.#passedOver.bytes > 0 ? this.noteList() : this.note()) return;
    }
  }

  private note(): boolean {
    const at = this.#head;
    this.#head = at + UNIT;
    const isNoted = this.writeMark(RecordKind.Ack, at, this.#tail);
    // The tail moves past the mark, so that the mark is not read again and the next record stays in the buffer.
    if (at === this.#tail) this.#tail = this.#head;
    if (isNoted) this.#passedOver.isNew = false;
    return isNoted;
  }

  /** As `note`, with the list of sources that are passed over. */
  private noteList(): boolean {
    this.clear(this.markBytes);
    fillMark(this.view, RECORD, RecordKind.Ack, this.#tail, this.untold, true);
    const size = UNIT + this.#passedOver.bytes;
    this.view.setUint16(RECORD, size, true);
    this.#passedOver.write(this.view, LIST);
    this.#passedOver.isNew = !this.write(size, false);
    return !this.#passedOver.isNew;
  }

  private makeRoom(total: number): boolean {
    const { sectorBytes } = this.flash;
    if (this.#head + total <= (this.#sequence + 1) * sectorBytes) return true;
    for (let i = 0; i < TRIES; i++) {
      const next = this.#sequence + 1;
      this.giveUpBelow((next + 1 - this.sectors) * sectorBytes);
      const isErased = this.flash.erase(this.firstSector + (next % this.sectors));
      // Not skipped at once: flash that refuses for a while must not cost the records of all sectors.
      if (!isErased && ++this.#refusals < PATIENCE) break;
      this.#refusals = 0;
      this.#sequence = next;
      this.#head = next * sectorBytes + UNIT;
      if (!isErased || !this.writeMark(RecordKind.Open, next * sectorBytes, next * sectorBytes)) continue;
      // Each sector has the list, so that it is not erased with the oldest.
      this.#passedOver.isNew = this.#passedOver.bytes > 0;
      if (this.#passedOver.isNew) this.noteList();
      return true;
    }
    this.#head = (this.#sequence + 1) * sectorBytes;
    return false;
  }

  private writeMark(kind: number, at: number, position: number): boolean {
    fillMark(this.view, 0, kind, position, this.untold, this.#passedOver.bytes > 0);
    return this.put(at, 0, UNIT);
  }
}
