// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import mod from '../../examples/mod/mod.ts';
import { app } from '../../src/app.ts';
import { createOperation, measurementsOf } from '../../tools/platform/operator.ts';
import { World } from '../../tools/simulate/machine/world.ts';

test("the mod adds a measurement and a command to the firmware's app", (t) => {
  const sensors = { thermometer: { sample: () => ({ temperature: 12.345 }) } };
  const world = new World({
    app: (board) => mod(board, app),
    machine: { sensors },
    config: { measurementInterval: '60' },
  });
  world.start();
  world.runUntil(() => world.object !== undefined, 60_000);
  world.run(90_000);
  const id = world.object?.id ?? '';
  const types = measurementsOf(world.platform, id).map(({ fragments }) => fragments['type']);
  t.deepEqual([...new Set(types)].sort(), ['acme_Cellar', 'c8y_TemperatureMeasurement']);
  const operation = createOperation(world.platform, id, { c8y_Command: { text: 'cellar' } });
  world.runUntil(() => operation.status === 'SUCCESSFUL', 10_000);
  t.is((operation.fragments['c8y_Command'] as { result?: string }).result, '12.345 °C');
  world.finish();
});

test('a board without a thermometer has all of its firmware', (t) => {
  const world = new World({ app: (board) => mod(board, app), machine: { sensors: {} } });
  world.start();
  world.run(120_000);
  t.deepEqual(measurementsOf(world.platform, world.object?.id ?? ''), []);
  world.finish();
});
