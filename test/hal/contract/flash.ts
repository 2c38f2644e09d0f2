// SPDX-License-Identifier: Apache-2.0

import type { Flash } from '../../../hal/hal.ts';
import { pattern } from './peer.ts';
import { assert, type Check, equalBytes, type Scene, throwsRangeError } from './scene.ts';

/** For a machine with raw flash. */
export const flashChecks: readonly Check[] = [
  {
    name: 'flash: an erased sector is all ones, and its neighbours are as before',
    async run(scene) {
      const flash = flashOf(scene);
      assert(flash.sectors >= 4 && flash.sectorBytes % 16 === 0, `${flash.sectors} sectors of ${flash.sectorBytes}`);
      for (const sector of [0, 1, 2]) assert(flash.erase(sector), `erase of sector ${sector}`);
      const mark = pattern(0, 32);
      const { sectorBytes } = flash;
      for (const at of [sectorBytes - 32, sectorBytes, 2 * sectorBytes]) assert(program(flash, at, mark), 'program');
      assert(flash.erase(1), 'erase');
      const ones = new Uint8Array(sectorBytes).fill(0xff);
      equalBytes(read(flash, sectorBytes, sectorBytes), ones, 'the sector');
      equalBytes(read(flash, sectorBytes - 32, 32), mark, 'before it');
      equalBytes(read(flash, 2 * sectorBytes, 32), mark, 'after it');
    },
  },
  {
    name: 'flash: gives back what was programmed, at the ends of the region too',
    async run(scene) {
      const flash = flashOf(scene);
      const last = flash.sectors - 1;
      assert(flash.erase(0) && flash.erase(last), 'erase');
      for (const length of [16, 48, 1024]) {
        const at = 2 * length;
        assert(program(flash, at, pattern(length, 2 * length)), `program of ${length} bytes`);
        equalBytes(read(flash, at, length), pattern(length, 2 * length), `${length} bytes`);
      }
      const end = flash.sectors * flash.sectorBytes;
      assert(program(flash, end - 16, pattern(0, 16)), 'program of the last bytes');
      equalBytes(read(flash, end - 16, 16), pattern(0, 16), 'the last bytes');
    },
  },
  {
    name: 'flash: takes and gives ranges of buffers, and copies them',
    async run(scene) {
      const flash = flashOf(scene);
      assert(flash.erase(0), 'erase');
      const buffer = pattern(0, 64);
      assert(flash.program(16, buffer, 16, 32), 'program');
      buffer.fill(0);
      equalBytes(read(flash, 16, 16), pattern(16, 32), 'after the buffer was used again');
      const into = new Uint8Array(64);
      flash.read(16, into, 40, 56);
      equalBytes(into.slice(40, 56), pattern(16, 32), 'the range');
      equalBytes(into.slice(0, 40), new Uint8Array(40), 'before the range');
      equalBytes(into.slice(56), new Uint8Array(8), 'after the range');
    },
  },
  {
    name: 'flash: a program only clears bits',
    async run(scene) {
      const flash = flashOf(scene);
      assert(flash.erase(0), 'erase');
      assert(program(flash, 0, new Uint8Array(16).fill(0b1010_1010)), 'program');
      assert(program(flash, 0, new Uint8Array(16).fill(0b0110_0110)), 'program over it');
      equalBytes(read(flash, 0, 16), new Uint8Array(16).fill(0b0010_0010), 'both');
    },
  },
  {
    name: 'flash: what lies outside of the region is a RangeError',
    async run(scene) {
      const flash = flashOf(scene);
      const end = flash.sectors * flash.sectorBytes;
      const bytes = new Uint8Array(16);
      for (const at of [-1, 0.5, end - 15, end]) {
        throwsRangeError(() => flash.read(at, bytes, 0, 16), `read at ${at}`);
        throwsRangeError(() => flash.program(at, bytes, 0, 16), `program at ${at}`);
      }
      throwsRangeError(() => flash.read(0, bytes, 0, 17), 'read beyond the buffer');
      throwsRangeError(() => flash.program(0, bytes, 8, 7), 'program of less than nothing');
      for (const sector of [-1, 0.5, flash.sectors]) throwsRangeError(() => flash.erase(sector), `erase of ${sector}`);
    },
  },
];

export function flashOf({ hal }: Scene): Flash {
  if (hal.flash === undefined) throw new Error('there is no raw flash');
  return hal.flash;
}

export function program(flash: Flash, at: number, bytes: Uint8Array): boolean {
  return flash.program(at, bytes, 0, bytes.length);
}

export function read(flash: Flash, at: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  flash.read(at, bytes, 0, count);
  return bytes;
}
