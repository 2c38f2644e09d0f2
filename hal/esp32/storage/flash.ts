// SPDX-License-Identifier: Apache-2.0

import { checkFlashRange, checkSector } from '../../common/checks.ts';
import type { Flash } from '../../hal.ts';
import type { RawFlash } from '../platform.ts';

/** Label of the agent's partition (type data), as in chip/partitions.csv. */
export const PARTITION = 'fractus';

/** Bytes of the smallest write of the agent, and of each write to an encrypted partition. */
const UNIT = 16;
const ERASED = 0xff;

export interface Esp32FlashOptions {
  readonly partition: RawFlash;
  /** Called with the reason when the flash refuses, as a line for a person. */
  report(line: string): void;
}

/**
 * The agent's raw flash: a partition of the board. The SDK reads and writes whole views, so all data goes through one
 * view of 16 bytes, which is allocated once.
 */
export class Esp32Flash implements Flash {
  readonly sectorBytes: number;
  readonly sectors: number;
  readonly #partition: RawFlash;
  readonly #report: (line: string) => void;
  readonly #unit = new Uint8Array(UNIT);

  constructor({ partition, report }: Esp32FlashOptions) {
    this.#partition = partition;
    this.#report = report;
    this.sectorBytes = partition.sectorBytes;
    this.sectors = partition.sectors;
  }

  /** Bytes that cannot be read are returned as zeros, which are never a valid record. */
  read(at: number, into: Uint8Array, from: number, to: number): void {
    checkFlashRange(this, at, into, from, to);
    const unit = this.#unit;
    for (let done = from; done < to; ) {
      const address = at + done - from;
      const offset = address % UNIT;
      try {
        this.#partition.read(unit, address - offset);
      } catch (error) {
        unit.fill(0);
        this.#refused('read', error);
      }
      for (let i = offset; i < UNIT && done < to; i++) into[done++] = unit[i] as number;
    }
  }

  /** Programs partial units too: the rest of the unit is written as 1 bits, which change nothing. */
  program(at: number, bytes: Uint8Array, from: number, to: number): boolean {
    checkFlashRange(this, at, bytes, from, to);
    const unit = this.#unit;
    for (let done = from; done < to; ) {
      const address = at + done - from;
      const offset = address % UNIT;
      unit.fill(ERASED);
      for (let i = offset; i < UNIT && done < to; i++) unit[i] = bytes[done++] as number;
      try {
        this.#partition.write(unit, address - offset);
      } catch (error) {
        return this.#refused('write', error);
      }
    }
    return true;
  }

  erase(sector: number): boolean {
    checkSector(this, sector);
    try {
      this.#partition.erase(sector);
      return true;
    } catch (error) {
      return this.#refused('erase', error);
    }
  }

  #refused(act: string, error: unknown): false {
    this.#report(`flash: does not ${act}: ${error instanceof Error ? error.message : 'no reason'}`);
    return false;
  }
}
