import assert from 'node:assert/strict';
import test from 'node:test';
import { World } from 'fractus/test';
import { app } from '../app.ts';

/** A device whose air has the temperature that a test says. */
function createDevice(temperature: number) {
  const sensors = { thermometer: { sample: () => ({ temperature }) } };
  const world = new World({ app, machine: { sensors } });
  world.connect();
  return world;
}

test('the temperature is measured every minute', () => {
  const world = createDevice(21.26);
  world.run(180_000);
  assert.deepEqual(
    world.measurements.map(({ fragments }) => fragments.c8y_TemperatureMeasurement),
    Array(4).fill({ T: { value: 21.3, unit: '°C' } }),
  );
  world.finish();
});

test('an operator asks how warm it is', () => {
  const world = createDevice(21.26);
  const operation = world.operate({ c8y_Command: { text: 'warm' } });
  assert.equal(operation.status, 'SUCCESSFUL');
  assert.deepEqual(operation.fragments.c8y_Command, { text: 'warm', result: '21.26 °C' });
  world.finish();
});
