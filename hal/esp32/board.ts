import type { Board, Firmware, ResetCause } from '../hal.ts';
import type { KeyValues, Platform } from './platform.ts';

const BOOT_COUNT = 'boots';

/** What the board is; all that does not change is asked for once. */
export class Esp32Board implements Board {
  readonly firmware: Firmware;
  readonly mac: string;
  readonly bootCount: number;
  readonly resetCause: ResetCause;
  readonly model: string;
  readonly revision: string;
  readonly #platform: Platform;

  /** @param values a space of its own, where the starts are counted */
  constructor(platform: Platform, firmware: Firmware, values: KeyValues) {
    this.#platform = platform;
    const { model, revision } = platform.readChip();
    this.model = model;
    this.revision = revision;
    this.firmware = firmware;
    this.mac = platform.readMac();
    this.resetCause = platform.readResetCause();
    this.bootCount = countBoot(values);
  }

  /** The MAC is burnt into the chip and belongs to no other. */
  get serialNumber(): string {
    return this.mac;
  }

  freeBytes(): number | undefined {
    return this.#platform.freeBytes();
  }

  largestFreeBlockBytes(): number | undefined {
    return this.#platform.largestFreeBlockBytes();
  }
}

/** Four bytes, the lowest first. A count that cannot be read or kept begins again: the start goes on all the same. */
function countBoot(values: KeyValues): number {
  let count = 1;
  try {
    const kept = values.read(BOOT_COUNT);
    if (kept?.byteLength === 4) count = new DataView(kept).getUint32(0, true) + 1;
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, count, true);
    values.write(BOOT_COUNT, bytes);
  } catch {
    return count;
  }
  return count;
}
