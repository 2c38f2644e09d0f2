// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from 'node:url';
import test from 'ava';
import { app } from '../../examples/weather/app.ts';
import { createOperation, findDevice, measurementsOf } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../tools/platform/server.ts';
import { World } from '../../tools/simulate/machine/world.ts';
import { DeviceProcess } from '../support/device-process.ts';

test('the platform gets a temperature every measurementInterval', (t) => {
  const sensors = { thermometer: { sample: () => ({ temperature: 21.26 }) } };
  const world = new World({ app, machine: { sensors }, config: { measurementInterval: '30' } });
  world.start();
  world.run(120_000);
  const measurements = measurementsOf(world.platform, world.object?.id ?? '');
  t.is(measurements.length, 4);
  for (const { fragments } of measurements) {
    t.is(fragments['type'], 'c8y_TemperatureMeasurement');
    t.deepEqual(fragments['c8y_TemperatureMeasurement'], { T: { value: 21.3, unit: '°C' } });
  }
  const times = measurements.map(({ timeMs }) => timeMs);
  t.deepEqual(
    times.slice(1).map((timeMs, i) => timeMs - (times[i] ?? 0)),
    [30_000, 30_000, 30_000],
  );
  world.finish();
});

test('a board without a thermometer reports nothing', (t) => {
  const world = new World({ app, machine: { sensors: {} } });
  world.start();
  world.run(120_000);
  t.is(measurementsOf(world.platform, world.object?.id ?? '').length, 0);
  world.finish();
});

test('it runs on Node and comes back after a restart', async (t) => {
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const script = fileURLToPath(new URL('../../examples/weather/main.ts', import.meta.url));
  const args = [server.url, platform.core.bootstrap.password ?? ''];
  const station = new DeviceProcess(t, { command: ['--import=tsx', script], args });
  await station.saying(/listening for operations/);
  const deviceId = /esp32-[0-9a-f]{12}/.exec(station.output)?.[0] ?? '';
  const object = findDevice(platform, deviceId);
  const operation = createOperation(platform, object?.id ?? '', { c8y_Restart: {} });
  await station.saying(/listening for operations/, 2);
  t.is(operation.status, 'SUCCESSFUL');
  t.true(measurementsOf(platform, object?.id ?? '').length > 0);
  station.child.kill('SIGINT');
  t.is(await station.exit(), 0);
  t.deepEqual(platform.breaches, []);
});
