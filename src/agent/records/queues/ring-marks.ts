// SPDX-License-Identifier: Apache-2.0

import { RecordKind } from '../record.ts';
import type { PassedOver } from './passed-over.ts';
import { ERASED, RECORD, type RecordFlash, UNIT } from './record-flash.ts';

/** Flag of a mark: sources are passed over, and the latest list of them counts. */
const HAS_LIST = 1;
/** Index of the list in the buffer, after the mark at `RECORD`. */
export const LIST = RECORD + UNIT;

/** The ends of a ring, which are found by its marks after a start. */
export interface RingEnds {
  /** Number of the sector opened last; 0: none yet. */
  sequence: number;
  /** Position of the next record. */
  head: number;
  /** Position before which all records have gone, except those that were passed over. */
  tail: number;
  /** The number of records that were given up and not reported yet. */
  untold: number;
}

/**
 * Makes a mark at `from` in the buffer, of kind `Open` (at the beginning of each sector) or `Ack`: u32 position / 16 up
 * to which all is acknowledged (Open: its own), u32 number of records given up and not reported yet.
 * @param hasList some sources are passed over
 */
export function fillMark(
  view: DataView,
  from: number,
  kind: number,
  position: number,
  untold: number,
  hasList: boolean,
): void {
  view.setUint32(from, UNIT | (kind << 16) | (hasList ? HAS_LIST << 24 : 0), true);
  view.setUint32(from + 8, position / UNIT, true);
  view.setUint32(from + 12, untold, true);
}

/** Finds the ends of the ring after a start; undefined: the flash has no ring yet. */
export function findEnds(records: RecordFlash, passedOver: PassedOver): RingEnds | undefined {
  const { sectorBytes } = records.flash;
  let sequence = 0;
  for (let place = 0; place < records.sectors; place++) {
    sequence = Math.max(sequence, sequenceAt(records, place));
    if (records.words[0] !== ERASED) records.isForeign = true;
  }
  if (sequence === 0) return undefined;
  records.isForeign = false;
  const oldest = Math.max(1, sequence - records.sectors + 1);
  const ends: RingEnds = { sequence, head: 0, tail: oldest * sectorBytes, untold: 0 };
  // The latest mark counts, and it is in the latest sector that has any.
  let isFound = false;
  passedOver.isNew = true;
  for (let each = sequence; each >= oldest && !(isFound && !passedOver.isNew); each--) {
    if (review(records, each, ends, passedOver)) isFound = true;
  }
  passedOver.giveUpBelow(oldest * sectorBytes);
  passedOver.isNew = false;
  return ends;
}

/** Number of the sector opened last in this place; 0: there is none, or it cannot be read. */
function sequenceAt(records: RecordFlash, place: number): number {
  const { sectorBytes } = records.flash;
  records.flash.read((records.firstSector + place) * sectorBytes, records.bytes, 0, UNIT);
  const at = records.view.getUint32(8, true) * UNIT;
  const sequence = at / sectorBytes;
  if (at % sectorBytes !== 0 || sequence === 0 || sequence % records.sectors !== place) return 0;
  return records.load(at) > 0 && records.view.getUint8(RECORD + 2) === RecordKind.Open ? sequence : 0;
}

/**
 * Reads the marks of a sector; true when it has an acknowledgement. In the latest sector it also finds the head. Reads
 * the list of sources that were passed over while `passedOver` is new.
 */
function review(records: RecordFlash, sequence: number, ends: RingEnds, passedOver: PassedOver): boolean {
  const isLatest = sequence === ends.sequence;
  const isListWanted = passedOver.isNew;
  const { sectorBytes } = records.flash;
  const end = (sequence + 1) * sectorBytes;
  let used = sequence * sectorBytes + UNIT;
  let isFound = false;
  for (let at = sequence * sectorBytes; at < end; ) {
    const size = records.load(at);
    const { view } = records;
    const kind = size > 0 ? view.getUint8(RECORD + 2) : RecordKind.Text;
    if (isLatest && kind <= RecordKind.Ack) ends.untold = view.getUint32(RECORD + 12, true);
    if (kind === RecordKind.Ack) {
      ends.tail = Math.max(ends.tail, view.getUint32(RECORD + 8, true) * UNIT);
      isFound = true;
      if (isListWanted && (size > UNIT || view.getUint8(RECORD + 3) !== HAS_LIST)) {
        passedOver.read(view, LIST, RECORD + view.getUint16(RECORD, true));
      }
    }
    at += size > 0 ? size : UNIT;
    if (size !== 0) used = at;
  }
  if (isLatest) ends.head = used;
  return isFound;
}
