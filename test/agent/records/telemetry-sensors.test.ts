// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type App, measurement } from '../../../src/index.ts';
import type { JsonObject } from '../../../tools/platform/model.ts';
import { alarmsOf, measurementsOf } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { createSettled, createWorld, logged, objectOf, settle } from '../scene.ts';

const GOOD = measurement({ type: 'x_Good', fragments: { x_Good: { n: { of: 'n', unit: '1', decimals: 0 } } } });
const BAD = measurement({
  type: 'x_Bad',
  fragments: { x_Bad: { a: { of: 'a', unit: 'A' }, b: { of: 'b' } }, x_More: { c: { of: 'c', decimals: 0 } } },
});

/** A device with a working sensor before and after the one under test. */
function besides(sample: () => unknown): App {
  let n = 0;
  return (board) => {
    board.sensor({ reports: GOOD, sensor: { sample: () => ({ n: ++n }) } });
    board.sensor({
      reports: BAD,
      sensor: { sample: () => sample() as Record<string, unknown> },
      rules: [
        { of: 'a', above: 10, type: 'x_High', severity: 'MAJOR', text: 'high' },
        { of: 'b', below: 0, type: 'x_Low', severity: 'MINOR', text: 'low' },
      ],
    });
    board.sensor({ reports: GOOD, sensor: { sample: () => ({ n: 1000 }) } });
  };
}

function values(world: World, type: string): JsonObject[] {
  return measurementsOf(world.platform, objectOf(world).id)
    .filter(({ fragments }) => fragments['type'] === type)
    .map(({ fragments: { type: _type, ...rest } }) => rest);
}

const thrower = (what: unknown) => () => {
  throw what;
};
const getters = (a: () => unknown) => () =>
  Object.defineProperty({ b: 2, c: 3 } as Record<string, unknown>, 'a', { get: a, enumerable: true });

const b = { b: { value: 2 } };
const c = { c: { value: 3 } };

for (const [what, sample, expected] of [
  ['throws an Error', thrower(new Error('no answer on the bus')), undefined],
  ['throws a text', thrower('no'), undefined],
  ['throws nothing', thrower(undefined), undefined],
  ['throws null', thrower(null), undefined],
  ['throws a symbol', thrower(Symbol('x')), undefined],
  ['returns nothing', () => undefined, undefined],
  ['returns null', () => null, undefined],
  ['returns a number', () => 7, undefined],
  ['returns NaN', () => Number.NaN, undefined],
  ['returns a text', () => 'warm', undefined],
  ['returns true', () => true, undefined],
  ['returns a list', () => [1, 2, 3], undefined],
  ['returns a function', () => () => 1, undefined],
  ['returns a promise', () => Promise.resolve({ a: 1 }), undefined],
  ['returns an empty object', () => ({}), undefined],
  ['returns other names', () => ({ temperature: 20 }), undefined],
  ['returns NaN in all of it', () => ({ a: Number.NaN, b: Number.NaN, c: Number.NaN }), undefined],
  ['returns NaN in one', () => ({ a: Number.NaN, b: 2, c: 3 }), { x_Bad: b, x_More: c }],
  ['returns Infinity in one', () => ({ a: Number.POSITIVE_INFINITY, b: 2, c: 3 }), { x_Bad: b, x_More: c }],
  ['returns -Infinity in one', () => ({ a: Number.NEGATIVE_INFINITY, b: 2, c: 3 }), { x_Bad: b, x_More: c }],
  ['returns a text in one', () => ({ a: '5', b: 2, c: 3 }), { x_Bad: b, x_More: c }],
  ['returns null in one', () => ({ a: null, b: 2, c: 3 }), { x_Bad: b, x_More: c }],
  ['returns a bigint in one', () => ({ a: 5n, b: 2, c: 3 }), { x_Bad: b, x_More: c }],
  ['returns a symbol in one', () => ({ a: Symbol('5'), b: 2, c: 3 }), { x_Bad: b, x_More: c }],
  ['returns an object in one', () => ({ a: { value: 5 }, b: 2, c: 3 }), { x_Bad: b, x_More: c }],
  ['returns a list in one', () => ({ a: [5], b: 2, c: 3 }), { x_Bad: b, x_More: c }],
  [
    'returns a hostile object in one',
    () => ({ a: { valueOf: thrower(new Error('x')) }, b: 2, c: 3 }),
    { x_Bad: b, x_More: c },
  ],
  ['has a getter that throws', getters(thrower(new Error('x'))), { x_Bad: b, x_More: c }],
  ['has nothing in a fragment', () => ({ c: 3 }), { x_More: c }],
  ['has a prototype', () => Object.create({ a: 1, b: 2 }), { x_Bad: { a: { value: 1, unit: 'A' }, ...b } }],
  ['has no prototype', () => Object.assign(Object.create(null), { c: 3 }), { x_More: c }],
] as const) {
  test(`a sensor that ${what} costs only its own reading`, (t) => {
    const world = createSettled(t, { app: besides(sample) });
    world.run(300_000);
    const good = values(world, 'x_Good').map(({ x_Good }) => (x_Good as { n: { value: number } }).n.value);
    t.deepEqual(
      good.filter((n) => n < 1000),
      [1, 2, 3, 4, 5, 6],
    );
    t.is(good.length, 12);
    t.deepEqual(values(world, 'x_Bad'), expected === undefined ? [] : Array.from({ length: 6 }, () => expected));
    t.deepEqual(alarmsOf(world.platform, objectOf(world).id), []);
    t.false(logged(world, 'error'));
  });
}

test('a getter with changing values costs no other reading', (t) => {
  let calls = 0;
  const world = createSettled(t, { app: besides(getters(() => (++calls % 2 === 1 ? 5 : Number.NaN))) });
  world.run(300_000);
  for (const each of values(world, 'x_Bad')) t.deepEqual(each['x_More'], c);
  t.is(values(world, 'x_Good').length, 12);
});

test('an exception of a sensor is logged once, until it differs', (t) => {
  let what = 'no answer';
  const world = createSettled(t, {
    app: besides(() => {
      throw new Error(what);
    }),
  });
  world.run(600_000);
  const lines = () => world.device.lines.filter((line) => line.includes('sensor for x_Bad'));
  t.deepEqual(lines(), ['warn: sensor for x_Bad: no answer']);
  what = 'wrong checksum';
  world.run(600_000);
  t.deepEqual(lines(), ['warn: sensor for x_Bad: no answer', 'warn: sensor for x_Bad: wrong checksum']);
});

test('a sensor that recovers reports again', (t) => {
  let broken = true;
  const world = createSettled(t, {
    app: besides(() => {
      if (broken) throw new Error('not yet');
      return { a: 1, b: 2, c: 3 };
    }),
  });
  world.run(120_000);
  broken = false;
  world.run(60_000);
  t.is(values(world, 'x_Bad').length, 1);
});

test('a sample object that is reused is copied at once', (t) => {
  const sample = { n: 0 };
  const world = createSettled(t, {
    app: (board) => {
      board.sensor({
        reports: GOOD,
        sensor: {
          sample() {
            sample.n += 1;
            return sample;
          },
        },
      });
    },
  });
  world.device.linkDown();
  world.run(300_000);
  world.device.linkUp();
  world.run(60_000);
  const numbers = values(world, 'x_Good').map(({ x_Good }) => (x_Good as { n: { value: number } }).n.value);
  t.deepEqual(
    numbers,
    numbers.map((_, i) => i + 1),
  );
});

test('extreme values arrive unchanged, up to the declared digits', (t) => {
  const all = [0, -0, 1e-7, -0.004, 0.005, 123456.789, -1e9, 4e15, 1e21, 1.7e308, 5e-324, -2147483649];
  const queue = [...all];
  const PLAIN = measurement({ type: 'x_Plain', fragments: { x_Plain: { n: { of: 'n', decimals: 6 } } } });
  const world = createSettled(t, {
    config: { measurementInterval: '1' },
    app: (board) => {
      board.sensor({ reports: PLAIN, sensor: { sample: () => (queue.length > 0 ? { n: queue.shift() } : undefined) } });
    },
  });
  world.run(60_000);
  const numbers = values(world, 'x_Plain').map(({ x_Plain }) => (x_Plain as { n: { value: number } }).n.value);
  t.is(numbers.length, all.length);
  numbers.forEach((number, i) => {
    const value = all[i] ?? Number.NaN;
    t.true(Math.abs(number - value) <= Math.max(1e-6, Math.abs(value) * 1e-9), `${number} for ${value}`);
  });
});

test('a measurement has the names, units and digits of its definition, the time and the source', (t) => {
  const world = createWorld(t, { app: besides(() => ({ a: 1.006, b: -2.5, c: 3.49 })) });
  world.start();
  settle(world);
  t.deepEqual(values(world, 'x_Bad'), [
    { x_Bad: { a: { value: 1.01, unit: 'A' }, b: { value: -2.5 } }, x_More: { c: { value: 3 } } },
  ]);
});
