import test from 'ava';
import { type Chip, Esp32Board } from '../../../hal/esp32/board.ts';
import type { ResetCause } from '../../../hal/hal.ts';
import { MemoryValues } from './memory-values.ts';

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

test('a restart that was wanted is one of software; one that nobody has noted is a crash', (t) => {
  const values = new MemoryValues();
  const first = start(values, 'power-on');
  t.is(first.resetCause, 'power-on');
  first.expectRestart();
  t.is(start(values, 'software').resetCause, 'software');
  t.is(start(values, 'software').resetCause, 'panic', 'the engine has aborted');
  t.is(start(values, 'watchdog').resetCause, 'watchdog');
});

test('what was noted counts for the next start only', (t) => {
  const values = new MemoryValues();
  start(values, 'power-on').expectRestart();
  t.is(start(values, 'power-on').resetCause, 'power-on', 'the power went before it');
  t.is(start(values, 'software').resetCause, 'panic');
});

test('flash that refuses: every start goes on, and nothing is called a crash that may be none', (t) => {
  const values = new MemoryValues();
  values.refuses = true;
  const board = start(values, 'software');
  t.is(board.resetCause, 'software');
  t.is(board.bootCount, 1);
  t.notThrows(() => board.expectRestart());
});

test('starts are counted', (t) => {
  const values = new MemoryValues();
  for (const count of [1, 2, 3]) t.is(start(values, 'power-on').bootCount, count);
});
