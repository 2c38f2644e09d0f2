// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Fault, Misbehaviour } from '../../../tools/platform/faults.ts';
import { alarmsOf } from '../../../tools/platform/operator.ts';
import { createWorld, logged, objectOf, settle } from '../scene.ts';
import { alarms, createAuthored, path, raise, requests, states, type } from './alarming.ts';
import { Author, quiet } from './reporting.ts';

const disturbances: readonly Misbehaviour[] = [
  { kind: 'dropBefore' },
  { kind: 'dropAfter' },
  { kind: 'status', status: 500, applied: true },
  { kind: 'status', status: 502, html: true, applied: true },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 504, html: true },
  { kind: 'status', status: 429, retryAfterSeconds: 3 },
  { kind: 'status', status: 404, html: true },
  { kind: 'delay', ms: 40_000, after: true },
];

for (const fault of disturbances) {
  for (const method of ['GET', 'POST', 'PUT']) {
    for (const times of [1, 3]) {
      test(`one alarm although ${method} meets ${JSON.stringify(fault)}, ${times} times`, (t) => {
        const { author, world } = createAuthored(t);
        world.platform.order({ ...fault, method, path: `${path}**`, times } as Fault);
        raise(author);
        world.run(400_000);
        t.deepEqual(states(world), ['ACTIVE']);
        t.is(alarms(world)[0]?.count, 1);
        author.device.clear(type);
        world.run(400_000);
        t.deepEqual(states(world), ['CLEARED']);
      });
    }
  }
}

test('an answer that does not name the raised alarm: the device looks it up when it clears it', (t) => {
  const { author, world } = createAuthored(t);
  world.platform.order({ kind: 'status', status: 201, body: '{}', applied: true, method: 'POST', path });
  raise(author);
  world.run(10_000);
  author.device.clear(type);
  world.run(10_000);
  t.deepEqual(states(world), ['CLEARED']);
  t.deepEqual(requests(world), ['GET', 'POST', 'GET', 'PUT']);
});

for (const status of [400, 403, 409, 422]) {
  test(`an alarm refused with ${status} is logged and blocks no other`, (t) => {
    for (const method of ['GET', 'POST', 'PUT']) {
      const { author, world } = createAuthored(t);
      world.platform.order({ kind: 'status', status, method, path: `${path}**` });
      raise(author);
      world.run(1000);
      author.device.clear(type);
      author.device.alarm('x_Other', 'MINOR', 'other');
      world.run(60_000);
      t.deepEqual(states(world, 'x_Other'), ['ACTIVE']);
      t.true(logged(world, `alarm ${type} of the device: the platform refuses it`));
      raise(author);
      world.run(10_000);
      author.device.clear(type);
      world.run(10_000);
      t.true(states(world).every((state) => state === 'CLEARED'));
    }
  });
}

test('only the last state counts while the link is down', (t) => {
  const { author, world } = createAuthored(t);
  world.device.linkDown();
  world.run(1000);
  raise(author, 'first');
  world.run(60_000);
  author.device.clear(type);
  world.run(60_000);
  raise(author, 'second');
  const since = world.platform.core.now();
  author.device.alarm('x_Gone', 'MINOR', 'gone');
  author.device.clear('x_Gone');
  world.run(120_000);
  world.device.linkUp();
  world.run(10_000);
  t.deepEqual(states(world), ['ACTIVE']);
  t.is(alarms(world)[0]?.fragments['text'], 'second');
  t.true(Math.abs((alarms(world)[0]?.timeMs ?? 0) - since) < 1500, 'with its own time');
  t.deepEqual(states(world, 'x_Gone'), []);
});

test('states that change during a request', (t) => {
  const { author, world } = createAuthored(t);
  world.platform.order({ kind: 'delay', ms: 2000, after: true, path: `${path}**`, times: 1000 });
  for (let i = 0; i < 12; i++) {
    raise(author);
    world.run(500 * (i + 1));
    author.device.clear(type);
    world.run(700);
  }
  world.run(60_000);
  t.true(states(world).every((state) => state === 'CLEARED'));
  raise(author);
  world.run(60_000);
  t.is(states(world).at(-1), 'ACTIVE');
});

test('many alarms are sent one by one, and none is lost', (t) => {
  const { author, world } = createAuthored(t);
  for (let i = 0; i < 40; i++) author.device.alarm(`x_Alarm${i}`, 'WARNING', `alarm ${i}`);
  world.run(60_000);
  t.is(alarmsOf(world.platform, objectOf(world).id).length, 40);
  for (let i = 0; i < 40; i++) author.device.clear(`x_Alarm${i}`);
  world.run(60_000);
  t.true(alarmsOf(world.platform, objectOf(world).id).every(({ fragments }) => fragments['status'] === 'CLEARED'));
});

test('an alarm from before the time is known has its true time', (t) => {
  const author = new Author();
  const world = createWorld(t, { app: author.app, config: quiet, platform: { accept: false } });
  world.start();
  world.run(30_000);
  raise(author);
  const trueMs = world.platform.core.now();
  world.platform.core.registrations.clear();
  Object.assign(world.platform.core, { acceptAll: true });
  settle(world);
  t.deepEqual(states(world), ['ACTIVE']);
  t.true(Math.abs((alarms(world)[0]?.timeMs ?? 0) - trueMs) < 1500);
});
