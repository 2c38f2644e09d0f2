// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { app } from '../../examples/freezer/app.ts';
import { alarmsOf } from '../../tools/platform/operator.ts';
import { World } from '../../tools/simulate/world.ts';

/** A freezer whose temperature is what the test says. */
function createFreezer() {
  const inside = { temperature: -20 };
  const sensors = { thermometer: { sample: () => inside } };
  const world = new World({ app, machine: { sensors }, config: { measurementInterval: '10' } });
  world.start();
  world.runUntil(() => world.object !== undefined, 60_000);
  const alarms = () => alarmsOf(world.platform, world.object?.id ?? '');
  return { world, inside, alarms };
}

test('an open door for a minute is no alarm', (t) => {
  const { world, inside, alarms } = createFreezer();
  inside.temperature = -10;
  world.run(60_000);
  inside.temperature = -19;
  world.run(600_000);
  t.deepEqual(alarms(), []);
  world.finish();
});

test('warm for five minutes is one alarm, cleared when it is really cold again', (t) => {
  const { world, inside, alarms } = createFreezer();
  inside.temperature = -10;
  world.run(900_000);
  t.is(alarms().length, 1);
  const [alarm] = alarms();
  const { type, severity, text, status } = alarm?.fragments ?? {};
  t.deepEqual({ type, severity, status }, { type: 'acme_FreezerWarm', severity: 'CRITICAL', status: 'ACTIVE' });
  t.is(text, 'Freezer above -15 °C for five minutes');

  inside.temperature = -16;
  world.run(600_000);
  t.is(alarm?.fragments['status'], 'ACTIVE', 'below the limit, but not back');
  inside.temperature = -18.5;
  world.run(60_000);
  t.is(alarm?.fragments['status'], 'CLEARED');
  t.is(alarms().length, 1);
  world.finish();
});
