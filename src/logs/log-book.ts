// SPDX-License-Identifier: Apache-2.0

import type { Flash, Hal, LogLevel } from '../../hal/hal.ts';
import { eventSectors } from '../agent/records/queues/flash-parts.ts';
import { FlashQueue } from '../agent/records/queues/flash-queue.ts';
import { type Names, RecordKind } from '../agent/records/record.ts';
import { cutBytes, utf8 } from '../bytes/text.ts';

/** Levels of lines, by their index; the last is that of the line that begins each start. */
export const LEVELS = ['info', 'warn', 'error', 'start'] as const;
const INFO = 0;
const WARN = 1;
const START = 3;

/** Longer lines are cut. */
const LINE_MAX_BYTES = 400;
/** Bytes of a record besides its line, with its rounding, and its share of the loss at the end of a sector. */
const RECORD_BYTES = 48;
/** Least time per sector after a first log full, however much is logged. */
const SECTOR_MS = 600_000;

/** No device has such a key: this part of the flash may hold data of another firmware. */
const KEY = 0x6c6f6700;

const NAMES: Names = {
  sourceKey: (level) => KEY + level,
  sourceOf: (key) => (key >= KEY && key < KEY + LEVELS.length ? key - KEY : -1),
  templateKey: () => 0,
  templateOf: () => -1,
};

/** Number of sectors of this flash for a log: half of those for events, if two remain for events. */
export function logSectors(flash: Pick<Flash, 'sectors'> | undefined): number {
  const sectors = eventSectors(flash);
  return sectors < 4 ? 0 : Math.ceil(sectors / 2);
}

/** Lines are not acknowledged: the oldest sector is dropped when its place is needed. */
class Lines extends FlashQueue {
  protected override get least(): number {
    return -Infinity;
  }
}

/**
 * The log of a board on its flash. Each line is on flash when it has been logged, so that the lines before a crash or a
 * power cut remain. The oldest lines are dropped, a sector at a time. Nothing is written while nothing is logged.
 */
export class LogBook {
  /** The source of a record is the index of its level, the payload is the line. */
  readonly lines: FlashQueue;
  readonly #hal: Hal;
  readonly #bytes: number;
  /** Bytes that may be written now. */
  #allowedBytes: number;
  #allowedTicks: number;
  /** Lines without allowance, which were left out. */
  #leftOut = 0;
  #isWriting = false;

  /** @param flash has sectors for a log */
  constructor(hal: Hal, flash: Flash) {
    const sectors = logSectors(flash);
    const { board, clock } = hal;
    this.#hal = hal;
    const firstSector = eventSectors(flash) - sectors;
    this.lines = new Lines({ flash, firstSector, sectors, names: NAMES, bootCount: board.bootCount });
    this.#bytes = sectors * flash.sectorBytes;
    this.#allowedBytes = this.#bytes;
    this.#allowedTicks = clock.ticks();
    const { name, version } = board.firmware;
    this.take(START, `${board.bootCount} (${board.resetCause}), ${name} ${version}`);
    hal.onLog((level: LogLevel, line) => this.take(LEVELS.indexOf(level), line));
  }

  private take(level: number, line: string): void {
    // A line that the flash logs during a write is not written to it.
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      const text = utf8(cutBytes(line, Math.min(LINE_MAX_BYTES, this.lines.mostBytes - RECORD_BYTES)));
      if (!this.isAllowed(level, text.length)) {
        this.#leftOut++;
        return;
      }
      if (this.#leftOut > 0) this.write(WARN, utf8(`${this.#leftOut} lines are left out to spare the flash`));
      this.#leftOut = 0;
      this.write(level, text);
    } finally {
      this.#isWriting = false;
    }
  }

  /** Lines of level info leave half of the allowance to the other levels. */
  private isAllowed(level: number, bytes: number): boolean {
    const ticks = this.#hal.clock.ticks();
    const { sectorBytes } = this.lines.flash;
    const gainedBytes = ((ticks - this.#allowedTicks) / SECTOR_MS) * sectorBytes;
    this.#allowedTicks = ticks;
    this.#allowedBytes = Math.min(this.#bytes, this.#allowedBytes + gainedBytes);
    // After a gap more allowance is needed, so that not every other line reports a gap.
    const leastBytes = (level === INFO ? this.#bytes / 2 : 0) + (this.#leftOut === 0 ? 0 : sectorBytes / 4);
    return this.#allowedBytes - RECORD_BYTES - bytes >= leastBytes;
  }

  private write(level: number, text: Uint8Array): void {
    const { lines } = this;
    const { clock } = this.#hal;
    const nowMs = clock.now();
    const ticks = clock.ticks();
    if (nowMs !== undefined) lines.learnTime(nowMs, ticks);
    const at = lines.append(RecordKind.Text, level, 0, nowMs ?? ticks, nowMs === undefined, text.length);
    this.#allowedBytes -= RECORD_BYTES + text.length;
    lines.bytes.set(text, at);
    lines.commit();
    lines.shrink();
  }
}
