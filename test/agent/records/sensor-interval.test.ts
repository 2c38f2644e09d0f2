// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type AppBoard, measurement, type Sensor } from '../../../src/index.ts';
import { createOperation, measurementsOf } from '../../../tools/platform/operator.ts';
import { createSettled, objectOf } from '../scene.ts';

const slow = measurement({ type: 'acme_Slow', fragments: { acme_Slow: { v: { of: 'value' } } } });
const fast = measurement({ type: 'acme_Fast', fragments: { acme_Fast: { v: { of: 'value' } } } });
const usual = measurement({ type: 'acme_Usual', fragments: { acme_Usual: { v: { of: 'value' } } } });
const sensor = { sample: () => ({ value: 1 }) };

test('each sensor may have its own interval, and stops when it is removed', (t) => {
  let board: AppBoard | undefined;
  const quick: Sensor = { sample: () => ({ value: 2 }) };
  const world = createSettled(t, {
    config: { measurementInterval: '60' },
    app(given) {
      board = given;
      given.sensor({ reports: usual, sensor });
      given.sensor({ reports: slow, sensor, intervalS: 600 });
      given.sensor({ reports: fast, sensor: quick, intervalS: 10 });
    },
  });
  const count = (type: string) =>
    measurementsOf(world.platform, objectOf(world).id).filter(({ fragments }) => fragments['type'] === type).length;
  const counts = () => ['acme_Usual', 'acme_Slow', 'acme_Fast'].map(count);
  const before = counts();
  t.deepEqual(before.slice(0, 2), [1, 1], 'all are sampled at the start');
  world.run(1_200_000);
  t.deepEqual(
    counts().map((each, i) => each - (before[i] ?? 0)),
    [20, 2, 120],
  );
  createOperation(world.platform, objectOf(world).id, { c8y_MeasurementRequestOperation: { requestName: 'LOG' } });
  world.run(3000);
  t.is(count('acme_Slow'), 4, 'all are sampled when the platform asks');
  board?.removeSensor(quick);
  world.run(1000);
  const fastBefore = count('acme_Fast');
  world.run(600_000);
  t.is(count('acme_Fast'), fastBefore);
});

test('a sensor that is declared later begins at once', (t) => {
  const world = createSettled(t, {
    app(board) {
      board.hal.createTimer(() => board.sensor({ reports: slow, sensor, intervalS: 86_400 })).start(100_000);
    },
  });
  world.run(200_000);
  t.is(measurementsOf(world.platform, objectOf(world).id).length, 1);
});

for (const intervalS of [0, 86_401, NaN]) {
  test(`an invalid interval is an error of the app: ${intervalS}`, (t) => {
    createSettled(t, {
      app(board) {
        t.throws(() => board.sensor({ reports: slow, sensor, intervalS }), {
          instanceOf: RangeError,
          message: /^sensor for acme_Slow: intervalS .*allowed: 1 to 86400/,
        });
      },
    });
  });
}
