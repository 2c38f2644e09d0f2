// SPDX-License-Identifier: Apache-2.0

import { closeSync, fdatasyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { checkFlashRange, checkSector } from '../common/checks.ts';
import type { Flash } from '../hal.ts';
import type { Report } from './files.ts';

const SECTOR_BYTES = 4096;
const SECTORS = 16;
const ERASED = 0xff;

/**
 * NOR flash as a file of fixed size, or in memory. Each change is a positioned write and an fdatasync: the file keeps
 * its size, so there is nothing else to sync. A killed process leaves what it has written.
 */
export class FlashRegion implements Flash {
  readonly sectorBytes = SECTOR_BYTES;
  readonly sectors = SECTORS;
  readonly #bytes = new Uint8Array(SECTOR_BYTES * SECTORS).fill(ERASED);
  #file: number | undefined;
  readonly #report: Report;

  /**
   * @param path absent: nothing outlives this object.
   * @throws Error when the file cannot be used at all.
   */
  constructor(path: string | undefined, report: Report) {
    this.#report = report;
    if (path === undefined) return;
    closeSync(openSync(path, 'a+', 0o600));
    // Missing bytes read as erased, surplus bytes are ignored.
    const bytes = this.#bytes;
    const size = statSync(path).size;
    if (size !== 0 && size !== bytes.length) report(`flash: ${path} has ${size} bytes instead of ${bytes.length}`);
    bytes.set(readFileSync(path).subarray(0, bytes.length));
    this.#file = openSync(path, 'r+');
    if (size < bytes.length) this.#keep(0, bytes);
  }

  read(at: number, into: Uint8Array, from: number, to: number): void {
    checkFlashRange(this, at, into, from, to);
    into.set(this.#bytes.subarray(at, at + to - from), from);
  }

  program(at: number, bytes: Uint8Array, from: number, to: number): boolean {
    checkFlashRange(this, at, bytes, from, to);
    const target = this.#bytes.subarray(at, at + to - from);
    for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) & (bytes[from + i] as number);
    return this.#keep(at, target);
  }

  erase(sector: number): boolean {
    checkSector(this, sector);
    const at = sector * SECTOR_BYTES;
    return this.#keep(at, this.#bytes.subarray(at, at + SECTOR_BYTES).fill(ERASED));
  }

  /** May be called twice: the owner of the board and the creator of the flash both close it. */
  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) closeSync(file);
  }

  #keep(at: number, bytes: Uint8Array): boolean {
    const file = this.#file;
    if (file === undefined) return true;
    try {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(file, bytes, done, bytes.length - done, at + done);
      }
      fdatasyncSync(file);
      return true;
    } catch (error) {
      this.#report(`flash: cannot be written: ${(error as Error).message}`);
      return false;
    }
  }
}
