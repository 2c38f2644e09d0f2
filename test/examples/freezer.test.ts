// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { World } from 'fractus/test';
import { app } from '../../examples/freezer/app.ts';

/** A freezer whose temperature is what the test says. */
function createFreezer() {
  const inside = { temperature: -20 };
  const sensors = { thermometer: { sample: () => inside } };
  const world = new World({ app, machine: { sensors }, config: { measurementInterval: '10' } });
  world.connect();
  return { world, inside };
}

test('an open door for a minute is no alarm', (t) => {
  const { world, inside } = createFreezer();
  inside.temperature = -10;
  world.run(60_000);
  inside.temperature = -19;
  world.run(600_000);
  t.deepEqual(world.alarms, []);
  world.finish();
});

test('warm for five minutes is one alarm, cleared when it is really cold again', (t) => {
  const { world, inside } = createFreezer();
  inside.temperature = -10;
  world.run(900_000);
  t.is(world.alarms.length, 1);
  const [alarm] = world.alarms;
  const { type, severity, text, status } = alarm?.fragments ?? {};
  t.deepEqual({ type, severity, status }, { type: 'acme_FreezerWarm', severity: 'CRITICAL', status: 'ACTIVE' });
  t.is(text, 'Freezer above -15 °C for five minutes');

  inside.temperature = -16;
  world.run(600_000);
  t.is(alarm?.fragments['status'], 'ACTIVE', 'below the limit, but not back');
  inside.temperature = -18.5;
  world.run(60_000);
  t.is(alarm?.fragments['status'], 'CLEARED');
  t.is(world.alarms.length, 1);
  world.finish();
});
