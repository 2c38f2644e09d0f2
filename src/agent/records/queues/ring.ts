// SPDX-License-Identifier: Apache-2.0

import type { Flash } from '../../../../hal/hal.ts';
import { type Holder, PassedOver } from './passed-over.ts';
import { type Gate, RecordKind } from './record.ts';
import { RECORD, RecordFlash, rounded, UNIT } from './record-flash.ts';
import { fillMark, findEnds, LIST } from './ring-marks.ts';

const TRIES = 2;
/** A sector that refuses to be erased this often is worn out and left out; before that it may be for the moment only. */
const PATIENCE = 8;
const KEY_AT = RECORD + 8;
/** The list of those that are passed over takes this part of a sector at most. */
const LIST_PART = 4;

/**
 * A ring of records on raw flash, with marks among them (ring-marks.ts). What has a kind from `RecordKind.Template` on is
 * counted and waits for its acknowledgement; it begins with u32 key of its source. The records of a source that is held
 * back are passed over, and still wait when the tail of the ring has gone past them.
 *
 * A power cut leaves a record whose checksum is wrong, or a sector that is not opened: both are skipped. Nothing is
 * programmed twice between two erases. One sector is kept free of records that wait, so that acknowledging never costs any.
 */
export class Ring extends RecordFlash implements Holder {
  gate: Gate | undefined = undefined;
  readonly #passedOver = new PassedOver();
  /** Number of the sector opened last; 0: none yet. */
  #sequence = 0;
  #head: number;
  /** All before has gone, but for what was passed over. */
  #tail: number;
  /** How many records wait. */
  count = 0;
  /** How many have left the queue since it was made, for whatever reason: tells whether the oldest is still the same. */
  gone = 0;
  /** How many were given up, for want of room or because the flash refuses, and nobody was told; outlives power cuts. */
  untold = 0;
  #lost = 0;
  /** How often in a row the next sector has refused to be erased. */
  #refusals = 0;

  /** @param sectors at least 2, beginning with `firstSector`. */
  constructor(flash: Flash, firstSector: number, sectors: number) {
    super(flash, firstSector, sectors);
    this.#head = flash.sectorBytes;
    this.#tail = flash.sectorBytes;
    this.recover();
  }

  /** How many were given up since this was called last. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** Somebody was told of `count` losses. */
  told(count: number): void {
    this.untold -= count;
    this.mark();
  }

  /** Gives up the oldest, which can never be sent. */
  giveUp(): void {
    this.miss();
    this.acknowledge(1);
  }

  /** Position of the oldest record that waits and is not held back; -1 when there is none. */
  first(): number {
    if (this.count === 0) return -1;
    const tail = this.#tail;
    const isNonePassed = this.#passedOver.bytes === 0;
    // The usual case costs little, for this is asked often: the oldest is in the buffer, and may go.
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

  /** Forgets the oldest `count`: they have arrived, or never will. Returns how many there were. */
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

  /** A record for which there was no place. */
  protected miss(): void {
    this.#lost++;
    this.untold++;
  }

  /** Makes room for a record of `size` bytes, on flash and at `RECORD` in the buffer; the oldest go where need be. */
  protected reserve(size: number): boolean {
    const total = rounded(size);
    // Owed since a power cut or a mark that has opened a sector: the next one must not cost what is not noted.
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

  /** Gives up what keeps the next sector from being free. */
  private freeSector(): void {
    // The marks have their place before: a sector that is opened tells of losses that are there already.
    this.makeRoom(this.markBytes);
    this.giveUpBelow(this.least);
    // Noted before anything is erased, so that the losses are counted exactly.
    this.mark();
  }

  /** Nothing that waits lies before, so that one sector is free. */
  protected get least(): number {
    return (this.#sequence + 2 - this.sectors) * this.flash.sectorBytes;
  }

  /** There is no free sector, since a mark or a power cut has taken it: the next append gives up what is in its way. */
  private get isOwed(): boolean {
    return this.#passedOver.oldest(this.#tail) < this.least;
  }

  /** What a mark takes at most. */
  private get markBytes(): number {
    return rounded(UNIT + this.#passedOver.bytes);
  }

  /** Puts the record of `size` bytes in the buffer on flash, where there is room for it since `reserve`. */
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

  /** The first that is not held back, from `at` on. What lies at the tail and is, is passed over. */
  private seekFree(from: number): number {
    for (let at = from; ; at += this.loadedBytes) {
      const isTail = at === this.#tail;
      at = this.seek(at, this.#head, RecordKind.Template);
      if (at < 0) return at;
      // What lies before it is nobody's: it is not read again each time.
      if (isTail) this.#tail = at;
      const key = this.view.getUint32(KEY_AT, true);
      if (!this.isHeld(key)) return at;
      if (!isTail) continue;
      if (!this.#passedOver.add(key, at, this.flash.sectorBytes / LIST_PART - UNIT)) return at;
      this.#tail = at + this.loadedBytes;
    }
  }

  /** The first of those that were passed over and are not held back any more, from `at` to the tail. */
  private seekPassedOver(from: number): number {
    for (let at = from; ; at += this.loadedBytes) {
      at = this.seek(at, this.#tail, RecordKind.Template);
      if (at < 0 || (this.waits(at) && !this.isHeld(this.view.getUint32(KEY_AT, true)))) return at;
    }
  }

  /** Whether the record in the buffer, which lies at `at`, has not gone. */
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

  /** Notes how far all is acknowledged, and the losses. */
  private mark(): void {
    // The last mark that fits notes what the next sector costs: nothing is erased before that is noted.
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
    // Nothing lies between: the mark is not read again, and what is put behind it next is still in the buffer.
    if (at === this.#tail) this.#tail = this.#head;
    if (isNoted) this.#passedOver.isNew = false;
    return isNoted;
  }

  /** Notes the list of those that are passed over, too. */
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
      // Not passed over at once: flash that refuses for a while must not cost the records of all sectors.
      if (!isErased && ++this.#refusals < PATIENCE) break;
      this.#refusals = 0;
      this.#sequence = next;
      this.#head = next * sectorBytes + UNIT;
      if (!isErased || !this.writeMark(RecordKind.Open, next * sectorBytes, next * sectorBytes)) continue;
      // In each sector, so that it does not go with the oldest.
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
