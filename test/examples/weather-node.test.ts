// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { World } from 'fractus/test';
import { app } from '../../examples/weather-node/app.ts';

/** A greenhouse whose air a test changes. */
function createGreenhouse() {
  const air = { temperature: 21.26, humidity: 54.6, pressure: 100_653.4 };
  const world = new World({
    app,
    machine: { sensors: { weather: { sample: () => air } } },
    config: { measurementInterval: '60' },
  });
  world.connect();
  return { world, air };
}

test('temperature, humidity and pressure in one measurement', (t) => {
  const { world } = createGreenhouse();
  world.run(180_000);
  const [first] = world.measurements;
  t.deepEqual(first?.fragments['c8y_TemperatureMeasurement'], { T: { value: 21.3, unit: '°C' } });
  t.deepEqual(first?.fragments['c8y_HumidityMeasurement'], { h: { value: 55, unit: '%RH' } });
  t.deepEqual(first?.fragments['acme_Pressure'], { p: { value: 100653, unit: 'Pa' } });
  world.finish();
});

test('frost that stays raises an alarm, which goes with it', (t) => {
  const { world, air } = createGreenhouse();
  const status = () => world.alarms.map(({ fragments }) => fragments['status']);
  air.temperature = 1;
  world.run(100_000);
  t.deepEqual(status(), []);
  world.run(150_000);
  t.deepEqual(status(), ['ACTIVE']);
  air.temperature = 5;
  world.run(120_000);
  t.deepEqual(status(), ['CLEARED']);
  world.finish();
});

test('the fan is switched by the operation of the platform', (t) => {
  const { world } = createGreenhouse();
  const operate = (relayState: string) => world.operate({ c8y_Relay: { relayState } }).status;
  t.is(operate('CLOSED'), 'SUCCESSFUL');
  t.is(world.device.machine.outputs['relay'], 1);
  t.is(operate('OPEN'), 'SUCCESSFUL');
  t.is(world.device.machine.outputs['relay'], 0);
  t.is(operate('AJAR'), 'FAILED');
  world.finish();
});
