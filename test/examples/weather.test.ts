import test from 'ava';
import { app } from '../../examples/weather/app.ts';
import { measurementsOf } from '../../tools/platform/operator.ts';
import { World } from '../../tools/simulate/world.ts';

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
