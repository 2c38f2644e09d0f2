// SPDX-License-Identifier: Apache-2.0

import type { Flash, Hal, LogLevel } from '../../hal/hal.ts';
import { eventSectors } from '../agent/records/queues/flash-parts.ts';
import { FlashQueue } from '../agent/records/queues/flash-queue.ts';
import { type Names, RecordKind } from '../agent/records/queues/record.ts';
import { cutBytes, utf8 } from '../bytes/text.ts';

/** Of a line, by its place: the last is that of the line that each start begins with. */
export const LEVELS = ['info', 'warn', 'error', 'start'] as const;
const INFO = 0;
const WARN = 1;
const START = 3;

/** Longer lines are cut. */
const LINE_MAX_BYTES = 400;
/** What a record takes besides its line, with what it is rounded up by, and its share of what is lost at the end of a sector. */
const RECORD_BYTES = 48;
/** However much is logged: not more than one sector in so long, after a log full of it. */
const SECTOR_MS = 600_000;

/** No device has a key like that: in this part of the flash may be what another firmware has left there. */
const KEY = 0x6c6f6700;

const NAMES: Names = {
  sourceKey: (level) => KEY + level,
  sourceOf: (key) => (key >= KEY && key < KEY + LEVELS.length ? key - KEY : -1),
  templateKey: () => 0,
  templateOf: () => -1,
};

/** So many sectors a log gets of this flash: half of those for events, where two are left for these. */
export function logSectors(flash: Pick<Flash, 'sectors'> | undefined): number {
  const sectors = eventSectors(flash);
  return sectors < 4 ? 0 : Math.ceil(sectors / 2);
}

/** Nobody acknowledges a line: the oldest sector goes when its place is needed. */
class Lines extends FlashQueue {
  protected override get least(): number {
    return -Infinity;
  }
}

/**
 * The log of a board on its flash: each line is there when it has been logged, so that those before a crash or a power cut
 * are. The oldest go, a sector at a time. Nothing is written while nothing is logged.
 */
export class LogBook {
  /** Records have the place of their level as source, and the line as payload. */
  readonly lines: FlashQueue;
  readonly #hal: Hal;
  readonly #bytes: number;
  /** So much may be written now. */
  #allowedBytes: number;
  #allowedTicks: number;
  /** Lines for which there was no allowance. */
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
    // What the flash says while it is written to is not written to it.
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      const text = utf8(cutBytes(line, Math.min(LINE_MAX_BYTES, this.lines.mostBytes - RECORD_BYTES)));
      if (!this.isAllowed(level, text.length)) {
        this.#leftOut++;
        return;
      }
      if (this.#leftOut > 0) this.write(WARN, utf8(`${this.#leftOut} lines are left out: the flash is to last`));
      this.#leftOut = 0;
      this.write(level, text);
    } finally {
      this.#isWriting = false;
    }
  }

  /** What is no more than information leaves half of what may be written to what is. */
  private isAllowed(level: number, bytes: number): boolean {
    const ticks = this.#hal.clock.ticks();
    const { sectorBytes } = this.lines.flash;
    const gainedBytes = ((ticks - this.#allowedTicks) / SECTOR_MS) * sectorBytes;
    this.#allowedTicks = ticks;
    this.#allowedBytes = Math.min(this.#bytes, this.#allowedBytes + gainedBytes);
    // After some that were left out not every other line is to say so.
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
