// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { TimeFloor } from '../../../../hal/esp32/time/time-floor.ts';
import { MemoryValues } from '../../../support/memory-values.ts';

const BUILD_MS = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;

test('it begins with the time of the build, and with the last that was known after that', (t) => {
  const values = new MemoryValues();
  const first = new TimeFloor(values, BUILD_MS);
  t.is(first.ms, BUILD_MS);
  first.seen(BUILD_MS + 30 * DAY_MS);
  t.is(new TimeFloor(values, BUILD_MS).ms, BUILD_MS + 30 * DAY_MS);
  t.is(new TimeFloor(values, BUILD_MS + 60 * DAY_MS).ms, BUILD_MS + 60 * DAY_MS, 'a newer firmware');
});

test('flash is written once a day at most, and never for a time that is earlier', (t) => {
  const values = new MemoryValues();
  const floor = new TimeFloor(values, BUILD_MS);
  for (let hour = 0; hour < 240; hour++) floor.seen(BUILD_MS + (hour * DAY_MS) / 24);
  t.is(values.writes, 9);
  floor.seen(BUILD_MS);
  t.is(values.writes, 9);
});

test('a time that was a lie does not lock the board out', (t) => {
  const values = new MemoryValues();
  new TimeFloor(values, BUILD_MS).seen(Date.UTC(2050, 0, 1));
  const floor = new TimeFloor(values, BUILD_MS);
  for (let i = 0; i < 4; i++) floor.refused();
  t.is(floor.ms, Date.UTC(2050, 0, 1));
  floor.refused();
  t.is(floor.ms, BUILD_MS);
  t.is(new TimeFloor(values, BUILD_MS).ms, BUILD_MS);
});

test('flash that refuses is no reason not to start', (t) => {
  const values = new MemoryValues();
  values.refuses = true;
  const floor = new TimeFloor(values, BUILD_MS);
  t.is(floor.ms, BUILD_MS);
  t.notThrows(() => floor.seen(BUILD_MS + 2 * DAY_MS));
  t.is(floor.ms, BUILD_MS + 2 * DAY_MS);
});

test('it does not wrap in 2106, and a time that an older firmware has kept in seconds is read', (t) => {
  const values = new MemoryValues();
  const lateMs = Date.UTC(2107, 0, 1);
  new TimeFloor(values, Date.UTC(2090, 0, 1)).seen(lateMs);
  t.is(new TimeFloor(values, Date.UTC(2090, 0, 1)).ms, lateMs);
  t.is(new TimeFloor(values, BUILD_MS).ms, BUILD_MS, 'fifty years after the build, no time is believed');
  const [name = ''] = values.names();
  const seconds = new Uint8Array(4);
  new DataView(seconds.buffer).setUint32(0, BUILD_MS / 1000 + 86_400, true);
  values.write(name, seconds);
  t.is(new TimeFloor(values, BUILD_MS).ms, BUILD_MS + DAY_MS);
  values.write(name, seconds.subarray(1));
  t.is(new TimeFloor(values, BUILD_MS).ms, BUILD_MS);
});
