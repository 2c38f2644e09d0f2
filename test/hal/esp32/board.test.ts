// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type Chip, Esp32Board } from '../../../hal/esp32/board.ts';
import type { ResetCause } from '../../../hal/hal.ts';
import { MemoryValues } from '../../support/memory-values.ts';

const FIRMWARE = { name: 'fractus', version: '0.0.0', buildTimeMs: 0 };

function start(values: MemoryValues, cause: ResetCause): Esp32Board {
  const chip: Chip = {
    readChip: () => ({ model: 'ESP32', revision: '3.0' }),
    readMac: () => '30aea4cafe01',
    readResetCause: () => cause,
    freeBytes: () => undefined,
    largestFreeBlockBytes: () => undefined,
  };
  return new Esp32Board(chip, FIRMWARE, values);
}

test('a noted restart has the cause software; a restart without a note is a crash', (t) => {
  const values = new MemoryValues();
  const first = start(values, 'power-on');
  t.is(first.resetCause, 'power-on');
  first.expectRestart(true);
  t.is(start(values, 'software').resetCause, 'software');
  t.is(start(values, 'software').resetCause, 'panic', 'the engine has aborted');
  t.is(start(values, 'watchdog').resetCause, 'watchdog');
});

test('a note counts for the next start only', (t) => {
  const values = new MemoryValues();
  start(values, 'power-on').expectRestart(true);
  t.is(start(values, 'power-on').resetCause, 'power-on', 'the power went before it');
  t.is(start(values, 'software').resetCause, 'panic');
});

test('flash that refuses: every start continues, and only a certain crash is called a crash', (t) => {
  const values = new MemoryValues();
  values.refuses = true;
  const board = start(values, 'software');
  t.is(board.resetCause, 'software');
  t.is(board.bootCount, 1);
  t.notThrows(() => board.expectRestart(true));
});

test('a restart that does not happen does not count: the crash after it is a crash', (t) => {
  const values = new MemoryValues();
  const board = start(values, 'power-on');
  board.expectRestart(true);
  board.expectRestart(false);
  t.is(start(values, 'software').resetCause, 'panic');
});

test('starts are counted', (t) => {
  const values = new MemoryValues();
  for (const count of [1, 2, 3]) t.is(start(values, 'power-on').bootCount, count);
});

test('the count goes on when either of the values that hold it is damaged, and starts again when both are', (t) => {
  const values = new MemoryValues();
  start(values, 'power-on');
  start(values, 'power-on');
  const names = values.names();
  t.is(names.length, 2);
  let count = 2;
  for (const name of names) {
    for (const damage of [new Uint8Array(0), new Uint8Array(3), undefined]) {
      if (damage === undefined) values.kept.delete(name);
      else values.kept.set(name, damage);
      count += 1;
      t.is(start(values, 'power-on').bootCount, count);
    }
  }
  for (const name of names) values.kept.delete(name);
  t.is(start(values, 'power-on').bootCount, 1);
});

test('a value that cannot be read or written does not stand in the way of the other one', (t) => {
  const values = new MemoryValues();
  start(values, 'power-on');
  const [broken] = values.names();
  const read = values.read.bind(values);
  const write = values.write.bind(values);
  values.read = (name) => {
    if (name === broken) throw new Error('damaged');
    return read(name);
  };
  values.write = (name, value) => {
    if (name === broken) throw new Error('damaged');
    write(name, value);
  };
  for (const count of [2, 3]) t.is(start(values, 'power-on').bootCount, count);
});
