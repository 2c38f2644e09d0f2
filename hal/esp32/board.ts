// SPDX-License-Identifier: Apache-2.0

import type { Board, Firmware, ResetCause } from '../hal.ts';
import type { KeyValues, Platform } from './platform.ts';

/** Names of the two copies of the boot count: a damaged copy does not set the count back. */
const BOOT_COUNTS = ['boots', 'boots2'];
/** Name of a value that exists from a requested restart until the next start. */
const RESTARTING = 'restarting';

/** The functions of a platform that describe the board. */
export type Chip = Pick<Platform, 'readChip' | 'readMac' | 'readResetCause' | 'freeBytes' | 'largestFreeBlockBytes'>;

/** Describes the board. Values that do not change are read once. */
export class Esp32Board implements Board {
  readonly firmware: Firmware;
  readonly mac: string;
  readonly bootCount: number;
  readonly resetCause: ResetCause;
  readonly model: string;
  readonly revision: string;
  readonly #platform: Chip;
  readonly #values: KeyValues;

  /** @param values a space of the HAL, which holds the boot count and the note of a requested restart */
  constructor(platform: Chip, firmware: Firmware, values: KeyValues) {
    this.#platform = platform;
    this.#values = values;
    const { model, revision } = platform.readChip();
    this.model = model;
    this.revision = revision;
    this.firmware = firmware;
    this.mac = platform.readMac();
    this.resetCause = readCause(platform, values);
    this.bootCount = countBoot(values);
  }

  /** The MAC address: it is burnt into the chip and unique. */
  get serialNumber(): string {
    return this.mac;
  }

  /** Notes that a requested restart is about to happen; false: removes the note, because the restart failed. */
  expectRestart(isExpected: boolean): void {
    try {
      if (isExpected) this.#values.write(RESTARTING, new Uint8Array(1));
      else this.#values.delete(RESTARTING);
    } catch {
      // Without the note, the next start reports a crash.
    }
  }

  freeBytes(): number | undefined {
    return this.#platform.freeBytes();
  }

  largestFreeBlockBytes(): number | undefined {
    return this.#platform.largestFreeBlockBytes();
  }
}

/**
 * Reads the reset cause. An engine that aborts (an uncaught exception, no memory left) restarts the chip just as a
 * requested restart does, so a software restart without a note is a crash.
 */
function readCause(platform: Chip, values: KeyValues): ResetCause {
  const cause = platform.readResetCause();
  try {
    const wasNoted = values.read(RESTARTING) !== undefined;
    if (wasNoted) values.delete(RESTARTING);
    return cause === 'software' && !wasNoted ? 'panic' : cause;
  } catch {
    return cause;
  }
}

/** Counts this start: four bytes, little-endian. A count that cannot be read or written does not prevent the start. */
function countBoot(values: KeyValues): number {
  let count = 1;
  for (const name of BOOT_COUNTS) {
    try {
      const kept = values.read(name);
      if (kept?.byteLength === 4) count = Math.max(count, new DataView(kept).getUint32(0, true) + 1);
    } catch {
      // The other copy may be readable.
    }
  }
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, count, true);
  for (const name of BOOT_COUNTS) {
    try {
      values.write(name, bytes);
    } catch {
      // The other copy may be writable.
    }
  }
  return count;
}
