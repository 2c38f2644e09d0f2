// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { app } from '../../examples/tracker/app.ts';
import { app as replayed } from '../../examples/tracker/desk.ts';
import { eventsOf, measurementsOf } from '../../tools/platform/operator.ts';
import { World } from '../../tools/simulate/machine/world.ts';

function start(world: World): World {
  world.start();
  world.runUntil(() => world.object !== undefined, 60_000);
  return world;
}

/** Where it has said that it was, in order. */
function positions(world: World): { lat: number; lng: number }[] {
  return eventsOf(world.platform, world.object?.id ?? '')
    .filter(({ fragments }) => fragments['type'] === 'c8y_LocationUpdate')
    .map(({ fragments }) => fragments['c8y_Position'] as { lat: number; lng: number });
}

test('along a recorded track the inventory follows, and nothing is said while it stands still', (t) => {
  const world = start(new World({ app: replayed, config: { measurementInterval: '10' } }));
  // The minute beside the road, a drive of two minutes, and standing again.
  world.run(50_000 - world.time.nowMs);
  t.is(positions(world).length, 1);
  world.run(190_000 - world.time.nowMs);
  const way = positions(world);
  t.true(way.length >= 7 && way.length <= 12, `${way.length}`);
  t.deepEqual(world.object?.fragments['c8y_Position'], way[way.length - 1]);
  const [first, last] = [way[0], way[way.length - 1]];
  t.true((last?.lat ?? 0) - (first?.lat ?? 0) > 0.009, 'it has gone north');
  world.run(45_000);
  t.is(positions(world).length, way.length);
  const speeds = measurementsOf(world.platform, world.object?.id ?? '').map(
    ({ fragments }) => (fragments['c8y_SpeedMeasurement'] as { speed: { value: number } }).speed.value,
  );
  t.true(Math.max(...speeds) === 12.5 && Math.min(...speeds) < 0.3, `${speeds}`);
  world.finish();
});

test('a board without a receiver is registered and says nothing of where it is', (t) => {
  const world = start(new World({ app }));
  world.run(300_000);
  t.deepEqual(positions(world), []);
  world.finish();
});
