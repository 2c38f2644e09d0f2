import test from 'ava';
import { type Counter, Esp32Clock } from '../../../../hal/esp32/time/clock.ts';
import { TimeFloor } from '../../../../hal/esp32/time/time-floor.ts';

const BUILD_MS = Date.UTC(2026, 5, 1);
const NOW_MS = Date.UTC(2026, 10, 24);
const LIE_MS = Date.UTC(2090, 0, 1);

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
  return { clock: new Esp32Clock(floor, counter), counter, floor, written };
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
  t.is(floor.ms, NOW_MS);
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
  for (let i = 0; i < 5; i++) clock.dateRefused();
  t.is(floor.ms, BUILD_MS);
  t.true(clock.suggest(NOW_MS));
  t.is(clock.now(), NOW_MS);
});

test('a time before the floor is none', (t) => {
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
