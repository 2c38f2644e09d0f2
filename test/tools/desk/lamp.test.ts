// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { LitThermometer } from '../../../tools/desk/lamp.ts';
import { alarmsOf } from '../../../tools/platform/operator.ts';
import { World } from '../../../tools/simulate/machine/world.ts';

test('the lamp is an alarm for the app that runs by default, and then it is over', (t) => {
  let nowMs = 0;
  const clock = { ticks: () => nowMs, now: () => undefined, set: () => {} };
  const thermometer = new LitThermometer({ sample: () => ({ temperature: 20 }) }, clock);
  const world = new World({ machine: { sensors: { thermometer } }, config: { measurementInterval: '3' } });
  const run = (durationMs: number) => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 1000) {
      nowMs += 1000;
      world.run(1000);
    }
  };
  world.start();
  run(10_000);
  const statuses = () => alarmsOf(world.platform, world.object?.id ?? '').map(({ fragments }) => fragments['status']);
  t.deepEqual(statuses(), []);
  thermometer.light();
  run(44_000);
  t.deepEqual(statuses(), ['ACTIVE']);
  run(30_000);
  t.deepEqual(statuses(), ['CLEARED']);
  world.finish();
});
