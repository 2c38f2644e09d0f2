// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type Counter, Esp32Clock } from '../../../../hal/esp32/time/clock.ts';
import { TimeFloor } from '../../../../hal/esp32/time/time-floor.ts';

const BUILD_MS = Date.UTC(2026, 5, 1);
const NOW_MS = Date.UTC(2026, 10, 24);
const LIE_MS = Date.UTC(2050, 0, 1);
const DAY_MS = 86_400_000;

function createClock() {
  const counter = { ticks: 0, set: () => {} } satisfies Counter;
  const written: string[] = [];
  const values = {
    read: () => undefined,
    write: (name: string) => void written.push(name),
    delete: () => {},
    names: () => [],
    freeBytes: () => 1000,
  };
  const floor = new TimeFloor(values, BUILD_MS);
  const doubts: number[] = [];
  const clock: Esp32Clock = new Esp32Clock(floor, counter, () => doubts.push(clock.ticks()));
  /** Certificates that are valid up to then meet the clock. */
  const judge = (validToMs: number) => {
    const time = clock.knownTime();
    clock.judged(time, time.ms <= validToMs);
    return time.ms <= validToMs;
  };
  return { clock, counter, floor, written, doubts, judge };
}

test('it goes on over a wrap of the counter', (t) => {
  const { clock, counter } = createClock();
  clock.set(NOW_MS);
  for (let day = 1; day <= 120; day++) {
    counter.ticks = (day * 86_400_000) | 0;
    t.is(clock.ticks(), day * 86_400_000);
  }
  t.is(clock.now(), NOW_MS + 120 * 86_400_000);
});

test('a time server tells the time, but certificates are judged by it only when the platform agrees', (t) => {
  const { clock, floor, written } = createClock();
  t.true(clock.suggest(NOW_MS));
  t.is(clock.now(), NOW_MS);
  t.deepEqual(clock.knownTime(), { ms: BUILD_MS, exact: false });
  t.is(floor.ms, BUILD_MS);
  t.deepEqual(written, []);
  clock.set(NOW_MS);
  t.deepEqual(clock.knownTime(), { ms: NOW_MS, exact: true });
  t.deepEqual(written, [], 'what only the platform says is not kept');
  clock.judged(clock.knownTime(), true);
  t.is(floor.ms, NOW_MS);
});

test('the platform was a year ahead for a moment: its certificate, which that refuses, is not refused for ever', (t) => {
  const { clock, counter, doubts, floor, judge } = createClock();
  const validToMs = NOW_MS + 90 * DAY_MS;
  t.true(judge(validToMs));
  clock.set(NOW_MS);
  t.true(judge(validToMs));
  clock.set(NOW_MS + 365 * DAY_MS);
  counter.ticks += 6000;
  t.false(judge(validToMs));
  t.deepEqual(doubts, [6000]);
  t.is(floor.ms, NOW_MS, 'what was in doubt was never kept');
  t.deepEqual(clock.knownTime(), { ms: NOW_MS, exact: false }, 'the last time by which certificates were good');
  t.true(judge(validToMs));
  clock.set(NOW_MS + 6000);
  t.deepEqual(clock.knownTime(), { ms: NOW_MS + 6000, exact: true });
  t.true(judge(validToMs));
  t.is(doubts.length, 1);
});

test('a year ahead from the first answer on, and for good: the same', (t) => {
  const { clock, counter, judge, floor } = createClock();
  const validToMs = NOW_MS + 90 * DAY_MS;
  clock.set(NOW_MS + 365 * DAY_MS);
  t.false(judge(validToMs));
  for (let hour = 0; hour < 50; hour++) {
    counter.ticks += 3_600_000;
    clock.set((clock.now() ?? 0) + 4000);
    t.true(judge(validToMs), 'said again, it is no better');
  }
  t.is(floor.ms, BUILD_MS);
});

test('a certificate that expires while the clock is right is refused for good', (t) => {
  const { clock, counter, doubts, judge } = createClock();
  const validToMs = NOW_MS + DAY_MS;
  clock.set(NOW_MS);
  for (let hour = 0; hour < 25; hour++) {
    t.true(judge(validToMs));
    counter.ticks += 3_600_000 - 1;
  }
  for (let i = 0; i < 20; i++) {
    counter.ticks += 3_600_000;
    if (judge(validToMs)) t.fail();
  }
  t.deepEqual(doubts, []);
});

test('when a time server agrees with the platform, the certificate is what is wrong', (t) => {
  const { clock, doubts, judge } = createClock();
  clock.set(NOW_MS);
  t.false(judge(NOW_MS - DAY_MS));
  t.is(doubts.length, 1);
  t.true(clock.suggest(NOW_MS + 2000));
  for (let i = 0; i < 20; i++) t.false(judge(NOW_MS - DAY_MS));
  t.true(clock.knownTime().exact);
  t.is(doubts.length, 1);
});

test('when a time server says something else than a platform in doubt, that is the time until the platform agrees', (t) => {
  const { clock, judge } = createClock();
  clock.set(LIE_MS);
  t.false(judge(NOW_MS + DAY_MS));
  t.false(clock.suggest(BUILD_MS - 1), 'not when it cannot be');
  t.is(clock.now(), LIE_MS);
  t.true(clock.suggest(NOW_MS));
  t.is(clock.now(), NOW_MS);
  t.false(clock.knownTime().exact);
  t.true(judge(NOW_MS + DAY_MS));
  clock.set(NOW_MS);
  t.true(clock.knownTime().exact);
});

test('no time server is believed fifty years after the build', (t) => {
  const { clock } = createClock();
  t.false(clock.suggest(Date.UTC(2080, 0, 1)));
  t.is(clock.now(), undefined);
});

test('a time server that lies does not lock the board out', (t) => {
  const { clock } = createClock();
  t.true(clock.suggest(LIE_MS));
  t.deepEqual(clock.knownTime(), { ms: BUILD_MS, exact: false });
  clock.set(NOW_MS);
  t.true(clock.suggest(LIE_MS));
  t.is(clock.now(), NOW_MS, 'the platform has the last word');
});

test('a floor that was a lie is given up also while a time server tells the time', (t) => {
  const { clock, floor } = createClock();
  floor.seen(LIE_MS);
  t.false(clock.suggest(NOW_MS));
  for (let i = 0; i < 5; i++) clock.judged(clock.knownTime(), false);
  t.is(floor.ms, BUILD_MS);
  t.true(clock.suggest(NOW_MS));
  t.is(clock.now(), NOW_MS);
});

test('a time before the floor does not count', (t) => {
  const { clock } = createClock();
  t.false(clock.suggest(BUILD_MS - 1));
  t.is(clock.now(), undefined);
  t.true(clock.suggest(BUILD_MS));
});

test('once the platform has spoken, only what its header cannot show is corrected', (t) => {
  const { clock } = createClock();
  clock.set(NOW_MS);
  for (const [off, left] of [
    [1000, 0],
    [-1000, 0],
    [3001, 0],
    [-3001, 0],
    [1001, 1001],
    [-1999, -1999],
  ] as const) {
    clock.set(NOW_MS);
    clock.suggest(NOW_MS + off);
    t.is(clock.now(), NOW_MS + left);
  }
});
