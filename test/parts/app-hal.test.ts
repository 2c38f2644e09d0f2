// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { World } from 'fractus/test';
import type { AppChild, AppDevice } from '../../src/index.ts';

const FOR_APPS = [
  'actuators',
  'board',
  'clock',
  'createTimer',
  'firmware',
  'log',
  'network',
  'random',
  'resource',
  'secureRandom',
  'sensors',
];

test('an app and its children get the members of the HAL for apps; the agent has all members', (t) => {
  const devices: AppDevice[] = [];
  let ticks = 0;
  const world = new World({
    machine: {
      nor: { sectors: 16 },
      sleeps: true,
      firmwareBytes: 100_000,
      sensors: { soil: { sample: () => ({ a: 1 }) } },
    },
    app(board) {
      devices.push(board, board.child('gate', {}));
      const { hal } = board;
      hal
        .createTimer(() => {
          ticks = hal.clock.ticks();
          hal.log('info', `address ${hal.network.address}, up ${hal.network.up}`);
        })
        .start(30_000);
    },
  });
  world.connect();
  world.run(60_000);
  for (const device of devices) t.deepEqual(Object.keys(device.hal).sort(), FOR_APPS);
  t.deepEqual(Object.keys(devices[0]?.hal.network ?? {}).sort(), ['address', 'connect', 'signalDbm', 'up']);
  t.true(ticks >= 30_000);
  t.true(world.device.lines.some((line) => /address [\d.]+, up true/.test(line)));
  t.is((devices[1] as AppChild).childId, 'gate');
  (devices[1] as AppChild).remove();
  world.run(60_000);
  world.finish();
});
