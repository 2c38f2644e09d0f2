// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { World } from 'fractus/test';
import { app } from '../../examples/battery/app.ts';

const HOUR_MS = 3_600_000;

/** A board on a battery, with flash; how moist the soil is is what the test says. */
function createSoil(app_ = app) {
  const soil = { moisture: 40 };
  const world = new World({
    app: app_,
    machine: { sensors: { soil: { sample: () => soil } }, sleeps: true, nor: { sectors: 16 } },
    config: { requiredAvailability: '150' },
  });
  world.connect();
  return { world, soil };
}

test('a day: a sample every quarter of an hour, the radio on for less than three minutes, no alarm', (t) => {
  const { world } = createSoil();
  world.run(24 * HOUR_MS);
  const { radioMs, bootCount } = world.device.machine;
  t.true(bootCount >= 95 && bootCount <= 97, `${bootCount} starts`);
  t.true(world.connections <= 2 * 26, `${world.connections} connections`);
  t.true(radioMs < 180_000, `${radioMs} ms`);
  t.deepEqual(world.alarms, []);
  const times = world.measurements.map(({ timeMs }) => timeMs);
  t.true(times.length >= 92, `${times.length} measurements`);
  for (let i = 1; i < times.length; i++) {
    t.true(Math.abs((times[i] ?? 0) - (times[i - 1] ?? 0) - 900_000) < 5000, new Date(times[i] ?? 0).toISOString());
  }
  world.finish();
});

test('a new alarm does not wait for the hour; its end does', (t) => {
  const { world, soil } = createSoil();
  world.run(HOUR_MS + 60_000);
  soil.moisture = 5;
  world.run(HOUR_MS / 4 + 60_000);
  t.is(world.alarms.length, 1);
  soil.moisture = 30;
  world.run(HOUR_MS + 60_000);
  t.is(world.alarms[0]?.fragments['status'], 'CLEARED');
  world.finish();
});

test('an operation is executed when the device is online next', (t) => {
  const { world } = createSoil();
  world.run(HOUR_MS + 60_000);
  const operation = world.operate({ c8y_Command: { text: 'status' } }, { withinMs: HOUR_MS + 60_000 });
  t.is(operation.status, 'SUCCESSFUL');
  world.finish();
});

test('without a platform it sleeps all the same, and nothing is lost', (t) => {
  const { world } = createSoil();
  world.run(HOUR_MS + 60_000);
  const before = world.device.machine.radioMs;
  world.device.linkDown();
  world.run(6 * HOUR_MS);
  t.true(world.device.machine.radioMs - before < 6 * 130_000, `${world.device.machine.radioMs - before} ms`);
  world.device.linkUp();
  world.run(HOUR_MS + 120_000);
  t.true(world.measurements.length >= 4 * 8, `${world.measurements.length}`);
  world.finish();
});
