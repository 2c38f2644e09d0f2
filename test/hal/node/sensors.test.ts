// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Relay } from '../../../hal/node/node.ts';
import { createSensors } from '../../../hal/node/sensors.ts';

/** A clock that a test turns. */
function createClock(startMs: number | undefined) {
  return { ms: 0, ticks: () => 0, now: () => startMs, set() {} };
}

const PLAUSIBLE: Record<string, [string, number, number]> = {
  thermometer: ['temperature', 12, 27],
  hygrometer: ['humidity', 30, 75],
  barometer: ['pressure', 100_800, 101_800],
  radio: ['rssi', -70, -46],
};

test('sensors are plausible the whole day, and the same object each time', (t) => {
  let now = Date.UTC(2026, 0, 1);
  const sensors = createSensors({ ...createClock(0), now: () => now }, 42);
  for (const [name, [value, least, most]] of Object.entries(PLAUSIBLE)) {
    const sensor = sensors[name];
    const first = sensor?.sample();
    const seen: number[] = [];
    for (let minute = 0; minute < 1440; minute++) {
      now += 60_000;
      t.is(sensor?.sample(), first);
      seen.push(Number(first?.[value]));
    }
    t.true(Math.min(...seen) > least && Math.max(...seen) < most, `${name}: ${Math.min(...seen)}–${Math.max(...seen)}`);
    t.true(Math.max(...seen) - Math.min(...seen) > (most - least) / 10, `${name} hardly moves`);
  }
});

test('the same seed gives the same values, another one others', (t) => {
  const samples = (seed: number) => {
    const sensors = createSensors(createClock(undefined), seed);
    return Object.values(sensors).flatMap((sensor) =>
      [sensor, sensor].flatMap((each) => Object.values(each.sample() ?? {})),
    );
  };
  t.deepEqual(samples(7), samples(7));
  t.notDeepEqual(samples(7), samples(8));
});

test('the relay remembers', (t) => {
  const relay = new Relay();
  t.is(relay.value, 0);
  relay.write(1);
  t.is(relay.value, 1);
  t.throws(() => relay.write(3), { instanceOf: RangeError });
  t.is(relay.value, 1);
});
