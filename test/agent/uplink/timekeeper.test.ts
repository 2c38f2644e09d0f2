// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import { Timekeeper } from '../../../src/agent/uplink/timekeeper.ts';
import fc from '../../support/property.ts';

const buildMs = Date.UTC(2026, 0, 1);
const nowMs = buildMs + 1_000_000_000;

function createTimekeeper() {
  const machine = new FakeMachine();
  const hal = machine.boot();
  const told: number[] = [];
  const keeper = new Timekeeper(hal, { onTime: () => told.push(machine.time.nowMs) });
  return { machine, hal, keeper, told };
}

test('the first answer sets the clock, which is logged once', (t) => {
  const { hal, keeper, told, machine } = createTimekeeper();
  keeper.observe(nowMs, 0);
  t.is(hal.clock.now(), nowMs);
  machine.time.run(5000);
  keeper.observe(nowMs + 5000, 0);
  keeper.observe(nowMs + 9000, 0);
  t.deepEqual(told, [0]);
});

test('a missing date, and one before the build, changes nothing', (t) => {
  const { hal, keeper, told } = createTimekeeper();
  for (const date of [NaN, -Infinity, 0, buildMs - 1]) keeper.observe(date, 0);
  t.is(hal.clock.now(), undefined);
  keeper.observe(buildMs, 0);
  t.is(hal.clock.now(), buildMs);
  for (const date of [NaN, 0, buildMs - 1, buildMs - 1]) keeper.observe(date, 0);
  t.is(hal.clock.now(), buildMs);
  t.is(told.length, 1);
});

test("a date beyond any firmware's life changes nothing, however often it comes", (t) => {
  const { hal, keeper, told } = createTimekeeper();
  for (const date of [Date.UTC(9999, 11, 31), Infinity, buildMs + 51 * 365.25 * 86_400_000]) {
    for (let i = 0; i < 3; i++) keeper.observe(date, 0);
  }
  t.is(hal.clock.now(), undefined);
  t.deepEqual(told, []);
  keeper.observe(nowMs, 0);
  keeper.observe(Date.UTC(9999, 11, 31), 0);
  keeper.observe(Date.UTC(9999, 11, 31), 0);
  t.is(hal.clock.now(), nowMs);
});

test('a build date of 1980 does not make every date invalid', (t) => {
  const machine = new FakeMachine({ board: { firmware: { name: 'x', version: '1', buildTimeMs: 315_532_800_000 } } });
  const hal = machine.boot();
  const keeper = new Timekeeper(hal, { onTime: () => {} });
  keeper.observe(Date.UTC(2070, 0, 1), 0);
  t.is(hal.clock.now(), Date.UTC(2070, 0, 1));
});

test('a step of more than a minute needs two consecutive answers that agree', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, 1000, 30_000, 70_000, 72_000, 3_600_000, -3_600_000), { maxLength: 30 }),
      (offsets) => {
        const { hal, keeper, machine } = createTimekeeper();
        keeper.observe(nowMs, 0);
        let candidate: number | undefined;
        let off = 0;
        for (const offset of offsets) {
          machine.time.run(10_000);
          const trueMs = nowMs + machine.time.nowMs;
          keeper.observe(trueMs + offset, 0);
          const step = Math.abs(offset - off);
          if (step <= 3000) candidate = undefined;
          else if (step <= 60_000 || (candidate !== undefined && Math.abs(candidate - offset) <= 5000)) {
            off = offset;
            candidate = undefined;
          } else candidate = offset;
          t.is((hal.clock.now() ?? 0) - trueMs, off);
        }
      },
    ),
  );
});

test('the limits of a step and of agreement, to the millisecond', (t) => {
  const clockAfter = (...offsets: readonly number[]): number => {
    const { hal, keeper } = createTimekeeper();
    keeper.observe(nowMs, 0);
    for (const offset of offsets) keeper.observe(nowMs + offset, 0);
    return (hal.clock.now() ?? 0) - nowMs;
  };
  t.is(clockAfter(3000), 0, 'too little to be corrected');
  t.is(clockAfter(3001), 3001);
  t.is(clockAfter(60_000), 60_000, 'corrected at once');
  t.is(clockAfter(60_001), 0, 'needs a second answer');
  t.is(clockAfter(100_000, 105_000), 105_000, 'they agree');
  t.is(clockAfter(100_000, 105_001), 0, 'they do not');
  t.is(clockAfter(100_000, 0, 100_000), 0, 'one that agrees with the clock came between');
});

test('a correction is logged', (t) => {
  const { keeper, machine } = createTimekeeper();
  keeper.observe(nowMs, 0);
  keeper.observe(nowMs + 20_000, 0);
  t.deepEqual(
    machine.lines.map(({ line }) => line),
    ['the clock was 20 s off: corrected'],
  );
});

test('a time that the HAL has found by itself and the platform confirms is logged and set once', (t) => {
  const { hal, keeper, told, machine } = createTimekeeper();
  machine.time.run(10);
  hal.clock.set(nowMs + 500);
  machine.time.run(1000);
  keeper.observe(NaN, 0);
  t.deepEqual(told, []);
  keeper.observe(nowMs, 0);
  t.is(hal.clock.now(), nowMs + 1500, 'it is the finer one');
  keeper.observe(nowMs, 0);
  t.deepEqual(told, [1010]);
});

test('a time that the HAL has found by itself and the platform contradicts needs two answers', (t) => {
  const { hal, keeper, told } = createTimekeeper();
  hal.clock.set(nowMs + 1e12);
  keeper.observe(nowMs, 0);
  t.deepEqual(told, []);
  t.is(hal.clock.now(), nowMs + 1e12);
  keeper.observe(nowMs, 0);
  t.is(hal.clock.now(), nowMs);
  t.deepEqual(told, [0]);
});

test('an answer is as old as its round trip, and its header up to a second; smaller errors of the clock stay', (t) => {
  const { hal, keeper, machine } = createTimekeeper();
  keeper.observe(nowMs, 20_000);
  t.is(hal.clock.now(), nowMs, 'without a clock any time is better than none');
  keeper.observe(nowMs - 20_000, 20_000);
  t.is(hal.clock.now(), nowMs);
  t.deepEqual(machine.lines, []);
  keeper.observe(nowMs - 20_000, 17_000);
  t.is(hal.clock.now(), nowMs);
  keeper.observe(nowMs - 20_000, 16_999);
  t.is(hal.clock.now(), nowMs - 20_000);
});

test('two slow answers agree within their round trip', (t) => {
  const { hal, keeper } = createTimekeeper();
  keeper.observe(nowMs, 0);
  keeper.observe(nowMs + 3_600_000, 0);
  keeper.observe(nowMs + 3_600_000 - 8000, 2000);
  t.is(hal.clock.now(), nowMs, '8 s are more than 5 s and the round trip');
  keeper.observe(nowMs + 3_600_000 - 1000, 2000);
  t.is(hal.clock.now(), nowMs + 3_600_000 - 1000);
});

test('a platform without a date is logged once, and only while no other source has set the time', (t) => {
  const { hal, keeper, machine } = createTimekeeper();
  for (const date of [NaN, buildMs - 1, NaN]) keeper.observe(date, 0);
  t.deepEqual(
    machine.lines.map(({ level, line }) => `${level}: ${line}`),
    ['warn: the platform sends no usable time (Date): measurements wait for it'],
  );
  const other = createTimekeeper();
  other.hal.clock.set(nowMs);
  other.keeper.observe(NaN, 0);
  t.deepEqual(other.machine.lines, []);
  t.is(hal.clock.now(), undefined);
});
