// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { createSettled, createWorld, listening, logged } from '../scene.ts';
import { bayeux, isEnded, nextMs, order, prove, testOnBoth, Workshop } from './operating.ts';

testOnBoth('swallowed polls are tried ever more rarely, and operations are listed instead', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config }, ['pending-missing', 'connect-gap']);
  const pass = world.onRequest;
  world.onRequest = ({ body }) => !Buffer.from(body).includes('/meta/connect');
  world.cutConnections('reset');
  // The first poll is silent for the longest time allowed.
  world.run(1_200_000);
  const recoveries = () => world.device.lines.filter((line) => line.includes('works again')).length;
  const known = recoveries();
  const before = world.requests;
  for (let at = 0; at < 12; at++) {
    const operation = order(world, { x_Work: { n: at } });
    const since = world.time.nowMs;
    world.runUntil(() => isEnded(operation), 300_000);
    t.true(world.time.nowMs - since < 90_000, `${world.time.nowMs - since} ms`);
    world.run(300_000 - (world.time.nowMs - since));
  }
  t.true(bayeux(world, 'connect', before).length <= 20, `${bayeux(world, 'connect', before).length} polls in an hour`);
  t.false(listening(world));
  t.is(recoveries(), known);
  world.onRequest = pass;
  world.runUntil(() => listening(world), 400_000);
  t.is(recoveries(), known + 1);
});

test('a device whose first poll is swallowed detects it within half a minute', (t) => {
  const world = createWorld(t, {}, ['pending-missing', 'connect-gap']);
  world.onRequest = ({ body }) => !Buffer.from(body).includes('/meta/connect');
  world.start();
  world.runUntil(() => logged(world, 'listening for operations'), 60_000);
  world.runUntil(() => logged(world, 'connect: no answer in time'), 30_000);
  const operation = order(world, { x_Unknown: {} });
  world.runUntil(() => isEnded(operation), 90_000);
  t.is(operation.status, 'FAILED');
});

test('after a swallowed poll a short one shows that polls work', (t) => {
  const world = createSettled(t, { config: { pollTimeout: '300' } });
  prove(world);
  const pass = world.onRequest;
  world.onRequest = ({ body }) => !Buffer.from(body).includes('/meta/connect');
  world.cutConnections('reset');
  world.runUntil(() => logged(world, 'connect: no answer in time'), 400_000);
  world.onRequest = pass;
  nextMs(world, 2000);
  t.regex(bayeux(world, 'connect').at(-1)?.body ?? '', /"timeout":5000/);
  // The platform has not heard from the device for so long that it requires a new session.
  world.runUntil(() => listening(world), 10_000);
  prove(world);
  const longMs = nextMs(world, 400_000);
  t.true(longMs > 290_000, `${longMs} ms`);
  t.notRegex(bayeux(world, 'connect').at(-1)?.body ?? '', /"timeout":5000/);
});
