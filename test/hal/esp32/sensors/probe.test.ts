// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Driver, ValueRule } from '../../../../hal/esp32/sensors/part.ts';
import { Probe } from '../../../../hal/esp32/sensors/probe.ts';

const VALUES: Readonly<Record<string, ValueRule>> = {
  temperature: { from: 'thermometer.temperature', least: -40, most: 125 },
  humidity: { from: 'hygrometer.humidity', times: 100, least: 0, most: 100 },
};

/** A probe over a driver that does what `sample` says, and a clock that only the test moves. */
function createProbe(sample: () => unknown) {
  const scene = { ticks: 0, opened: 0, closed: 0, asked: 0 };
  const driver: Driver = {
    sample() {
      scene.asked += 1;
      return sample();
    },
    close() {
      scene.closed += 1;
      throw new Error('not even closing works');
    },
  };
  const clock = { ticks: () => scene.ticks, now: () => undefined, set: () => {} };
  const open = () => {
    scene.opened += 1;
    return driver;
  };
  return { scene, probe: new Probe({ part: 'SHT3x', values: VALUES, clock, open }) };
}

const GOOD = { thermometer: { temperature: 21.5 }, hygrometer: { humidity: 0.4 } };

test('nested values become one flat sample in SI units', (t) => {
  const { probe } = createProbe(() => GOOD);
  t.deepEqual(probe.sample(), { temperature: 21.5, humidity: 40 });
});

test('the same object each time, and other values only make another', (t) => {
  let raw: unknown = GOOD;
  const { scene, probe } = createProbe(() => raw);
  const first = probe.sample();
  scene.ticks += 1000;
  raw = { thermometer: { temperature: 22 }, hygrometer: { humidity: 0.5 } };
  t.is(probe.sample(), first);
  t.deepEqual(first, { temperature: 22, humidity: 50 });
  scene.ticks += 1000;
  raw = { thermometer: { temperature: 23 }, hygrometer: {} };
  t.deepEqual(probe.sample(), { temperature: 23 });
});

test('asked for each of its values at once, the driver is asked once', (t) => {
  const { scene, probe } = createProbe(() => GOOD);
  for (let i = 0; i < 3; i++) probe.sample();
  t.is(scene.asked, 1);
  scene.ticks += 500;
  probe.sample();
  t.is(scene.asked, 2);
});

for (const [name, raw] of [
  ['NaN', NaN],
  ['an infinity', Infinity],
  ['a text', '21'],
  ['more than it can measure', 125.1],
  ['less than it can measure', -256],
  ['null', null],
] as const) {
  test(`${name} is no value; the others are there`, (t) => {
    const { probe } = createProbe(() => ({ thermometer: { temperature: raw }, hygrometer: { humidity: 1 } }));
    t.deepEqual(probe.sample(), { humidity: 100 });
  });
}

for (const [name, raw] of [
  ['an empty sample', {}],
  ['a number', 21],
  ['values that cannot be', { thermometer: { temperature: 300 }, hygrometer: { humidity: 9 } }],
] as const) {
  test(`${name} is a failure, and the part is opened anew`, (t) => {
    const { scene, probe } = createProbe(() => raw);
    t.throws(() => probe.sample(), { message: 'SHT3x: its values are impossible' });
    t.deepEqual({ ...scene }, { ticks: 0, opened: 1, closed: 1, asked: 1 });
  });
}

test('a driver that throws is left alone, twice as long each time, and says the same meanwhile', (t) => {
  const { scene, probe } = createProbe(() => {
    throw new Error('read failed');
  });
  const times: number[] = [];
  for (; scene.ticks < 1_200_000; scene.ticks += 1000) {
    const asked = scene.asked;
    t.throws(() => probe.sample(), { message: 'SHT3x: read failed' });
    if (scene.asked > asked) times.push(scene.ticks / 1000);
  }
  t.deepEqual(times, [0, 5, 15, 35, 75, 155, 315, 615, 915]);
  t.is(scene.opened, times.length);
  t.is(scene.closed, times.length);
});

test('once it works again, the next failure is the first', (t) => {
  let works = false;
  const { scene, probe } = createProbe(() => {
    if (!works) throw 'a text';
    return GOOD;
  });
  t.throws(() => probe.sample(), { message: 'SHT3x: a text' });
  scene.ticks += 5000;
  t.throws(() => probe.sample());
  works = true;
  scene.ticks += 9999;
  t.throws(() => probe.sample(), undefined, 'it is still left alone');
  scene.ticks += 1;
  t.deepEqual(probe.sample(), { temperature: 21.5, humidity: 40 });
  works = false;
  scene.ticks += 1000;
  t.throws(() => probe.sample());
  const { asked } = scene;
  scene.ticks += 5000;
  t.throws(() => probe.sample());
  t.is(scene.asked, asked + 1);
});

test('a driver without a value is asked again, and opened again at the fifth time', (t) => {
  const { scene, probe } = createProbe(() => undefined);
  for (let i = 0; i < 4; i++) {
    t.is(probe.sample(), undefined);
    scene.ticks += 1000;
  }
  t.is(scene.opened, 1);
  t.throws(() => probe.sample(), { message: 'SHT3x: it has no value' });
  scene.ticks += 5000;
  t.is(probe.sample(), undefined);
  t.is(scene.opened, 2);
});

test('a driver may block for a quarter of the time', (t) => {
  const { scene, probe } = createProbe(() => {
    scene.ticks += 2000;
    return GOOD;
  });
  const from = scene.ticks;
  let samples = 0;
  while (scene.ticks < from + 80_000) {
    if (probe.sample() !== undefined) samples += 1;
    scene.ticks += 1000;
  }
  t.is(scene.asked, samples);
  t.true(scene.asked * 2000 <= 20_000 + 2000, `${scene.asked} times`);
  t.true(scene.asked >= 8);
});

test('a missing part affects only its own values', (t) => {
  const clock = { ticks: () => 0, now: () => undefined, set: () => {} };
  const open = () => {
    throw new Error('write failed');
  };
  const probe = new Probe({ part: 'BMP280', values: VALUES, clock, open });
  t.throws(() => probe.sample(), { message: 'BMP280: write failed' });
  probe.close();
});
