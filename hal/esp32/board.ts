// SPDX-License-Identifier: Apache-2.0

import type { Board, Firmware, ResetCause } from '../hal.ts';
import type { KeyValues, Platform } from './platform.ts';

/** Kept twice, so that a value that is damaged does not set it back. */
const BOOT_COUNTS = ['boots', 'boots2'];
/** There from a restart that was wanted to the start that follows it. */
const RESTARTING = 'restarting';

/** What of a platform is about the board. */
export type Chip = Pick<Platform, 'readChip' | 'readMac' | 'readResetCause' | 'freeBytes' | 'largestFreeBlockBytes'>;

/** What the board is; all that does not change is asked for once. */
export class Esp32Board implements Board {
  readonly firmware: Firmware;
  readonly mac: string;
  readonly bootCount: number;
  readonly resetCause: ResetCause;
  readonly model: string;
  readonly revision: string;
  readonly #platform: Chip;
  readonly #values: KeyValues;

  /** @param values a space of its own, where the starts are counted and restarts noted */
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

  /** The MAC is burnt into the chip and belongs to no other. */
  get serialNumber(): string {
    return this.mac;
  }

  /** The machine is about to restart because it was told to; false: nothing has come of it. */
  expectRestart(isExpected: boolean): void {
    try {
      if (isExpected) this.#values.write(RESTARTING, new Uint8Array(1));
      else this.#values.delete(RESTARTING);
    } catch {
      // The next start takes it for a crash.
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
 * An engine that aborts, for example because nobody has caught what was thrown or memory is at an end, restarts the chip
 * just as a wanted restart does: what was not noted was a crash.
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

/** Four bytes, the lowest first. A count that cannot be read or kept is no reason not to start. */
function countBoot(values: KeyValues): number {
  let count = 1;
  for (const name of BOOT_COUNTS) {
    try {
      const kept = values.read(name);
      if (kept?.byteLength === 4) count = Math.max(count, new DataView(kept).getUint32(0, true) + 1);
    } catch {
      // There is the other one.
    }
  }
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, count, true);
  for (const name of BOOT_COUNTS) {
    try {
      values.write(name, bytes);
    } catch {
      // As above.
    }
  }
  return count;
}
