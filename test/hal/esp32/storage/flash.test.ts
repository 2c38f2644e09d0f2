// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import test from 'ava';
import { createRandom } from '../../../../hal/common/random.ts';
import { Esp32Flash, PARTITION } from '../../../../hal/esp32/storage/flash.ts';
import { FakeNor } from '../../../../hal/fake/nor.ts';
import fc from '../../../support/property.ts';

const size = { sectorBytes: 64, sectors: 4 };
const bytes = size.sectorBytes * size.sectors;

/** A partition as the SDK has it, which takes whole views only and throws when the flash refuses. */
function createFlash() {
  const nor = new FakeNor(size, createRandom(1), () => {});
  const lines: string[] = [];
  const calls = { reads: 0, lengths: new Set<number>(), positions: new Set<number>() };
  const note = (view: Uint8Array, at: number) => {
    calls.lengths.add(view.length);
    calls.positions.add(at % 16);
  };
  const flash = new Esp32Flash({
    partition: {
      ...size,
      read(into, at) {
        if (nor.behaviour === 'refusing') throw new Error('read failed');
        note(into, at);
        nor.read(at, into, 0, into.length);
      },
      write(from, at) {
        note(from, at);
        if (!nor.program(at, from, 0, from.length)) throw new Error('write failed');
      },
      erase(sector) {
        if (!nor.erase(sector)) throw new Error('erase failed');
      },
    },
    report: (line) => lines.push(line),
  });
  return { nor, flash, lines, calls };
}

const range = fc.nat(bytes - 1).chain((at) => fc.record({ at: fc.constant(at), length: fc.nat(bytes - at) }));
const act = fc.oneof(
  fc.record({ program: range, seed: fc.nat(255) }),
  fc.record({ read: range }),
  fc.record({ erase: fc.nat(size.sectors - 1) }),
);

test('whatever is read, programmed and erased is as on the flash itself, in units of 16', (t) => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      const { flash, calls } = createFlash();
      const model = new FakeNor(size, createRandom(1), () => {});
      for (const each of acts) {
        if ('erase' in each) {
          t.true(flash.erase(each.erase) && model.erase(each.erase));
        } else if ('program' in each) {
          const { at, length } = each.program;
          const from = Uint8Array.from({ length: length + 3 }, (_, i) => (each.seed + i * 37) & 0xff);
          t.true(flash.program(at, from, 2, length + 2) && model.program(at, from, 2, length + 2));
        } else {
          const { at, length } = each.read;
          const [mine, its] = [new Uint8Array(length + 5).fill(9), new Uint8Array(length + 5).fill(9)];
          flash.read(at, mine, 4, length + 4);
          model.read(at, its, 4, length + 4);
          t.deepEqual(mine, its);
        }
      }
      for (const length of calls.lengths) t.is(length, 16);
      for (const position of calls.positions) t.is(position, 0);
    }),
    { numRuns: 300 },
  );
});

test('flash that refuses is said so, and reads as zeros', (t) => {
  const { flash, nor, lines } = createFlash();
  nor.behaviour = 'refusing';
  t.false(flash.program(0, new Uint8Array(16), 0, 16));
  t.false(flash.erase(1));
  const into = new Uint8Array(16).fill(7);
  flash.read(0, into, 0, 16);
  t.deepEqual(into, new Uint8Array(16));
  t.deepEqual(lines, [
    'flash: does not write: write failed',
    'flash: does not erase: erase failed',
    'flash: does not read: read failed',
  ]);
});

test('an address outside is a RangeError', (t) => {
  const { flash } = createFlash();
  t.throws(() => flash.erase(4), { instanceOf: RangeError });
  t.throws(() => flash.read(bytes - 8, new Uint8Array(16), 0, 16), { instanceOf: RangeError });
  t.throws(() => flash.program(-1, new Uint8Array(16), 0, 16), { instanceOf: RangeError });
});

test('the partition table has a place for it', (t) => {
  const table = readFileSync(new URL('../../../../hal/esp32/chip/partitions.csv', import.meta.url), 'utf8');
  const fields = table
    .split('\n')
    .map((line) => line.split(',').map((field) => field.trim()))
    .find(([name]) => name === PARTITION);
  t.is(fields?.[1], 'data');
  t.true(Number(fields?.[4]) >= 16_384);
});
