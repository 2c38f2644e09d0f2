// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { app } from '../../../../hal/esp32/entry/app.ts';
import { measurementsOf } from '../../../../tools/platform/operator.ts';
import { World } from '../../../../tools/simulate/machine/world.ts';

test('a bare board reports its radio and its chip, and a missing value affects no other value', (t) => {
  let rssi: number | undefined = -61;
  const radio = { sample: () => (rssi === undefined ? undefined : { rssi }) };
  const chip = { sample: () => ({ temperature: 41.7 }) };
  const world = new World({ app, machine: { sensors: { radio, chip } }, config: { measurementInterval: '60' } });
  world.start();
  world.run(90_000);
  const fragments = () => measurementsOf(world.platform, world.object?.id ?? '').map((each) => each.fragments);
  const [first, second] = fragments();
  t.deepEqual(first?.['c8y_SignalStrength'], { rssi: { value: -61, unit: 'dBm' } });
  t.deepEqual(second?.['fractus_Chip'], { T: { value: 42, unit: '°C' } });
  rssi = undefined;
  const before = fragments().length;
  world.run(60_000);
  t.deepEqual(
    fragments()
      .slice(before)
      .map(({ type }) => type),
    ['fractus_Chip'],
  );
  world.finish();
});
