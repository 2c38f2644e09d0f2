// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { createSettled, createWorld } from './scene.ts';

const machine = { watchdogMs: 10_000 };

test('the watchdog is fed during long silence', (t) => {
  const world = createSettled(t, { machine, config: { measurementInterval: '3600' } });
  world.run(1_800_000);
  t.deepEqual(world.device.machine.restarts, []);
});

test('the watchdog is fed whether or not the platform can be reached', (t) => {
  const world = createWorld(t, { machine });
  world.start();
  world.device.linkDown();
  world.run(600_000);
  t.deepEqual(world.device.machine.restarts, []);
});
