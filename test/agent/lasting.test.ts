// SPDX-License-Identifier: Apache-2.0
/** One request fails for ever: the rate of its repetitions, its report, and that everything else continues. */

import test from 'ava';
import { alarmsOf, eventsOf, findDevice, measurementsOf } from '../../tools/platform/operator.ts';
import type { World } from '../../tools/simulate/machine/world.ts';
import { childOf, level, linked, objects, plain } from './devices/family.ts';
import { bayeux, isEnded, onChannel, order, reply, testOnBoth, Workshop } from './operations/operating.ts';
import { Author, posts, quiet } from './records/reporting.ts';
import { calls, createSettled, createWorld, listening, logged, objectOf, owned, settle } from './scene.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const forbidden = '{"error":"security/Forbidden","message":"Access is denied"}';
const failing = '{"error":"general/internalError","message":"Something is wrong"}';

/** Orders an operation of the board; returns its final status, which it reaches within seconds. */
function ends(world: World, withinMs = 20_000): string {
  const operation = order(world, { c8y_Command: { text: 'help' } });
  world.runUntil(() => isEnded(operation), withinMs);
  return operation.status;
}

for (const path of ['/measurement/measurements', '/event/events']) {
  testOnBoth(`403 on ${path}, though the board may do all else`, (t, config) => {
    const author = new Author();
    const world = createSettled(t, { app: author.app, config: { ...config, ...quiet } });
    world.platform.order({ kind: 'status', status: 403, body: forbidden, method: 'POST', path, times: 1e6 });
    const before = world.requests;
    if (path.startsWith('/measurement')) author.count(1, 1);
    else author.device.event('x_Event', 'text');
    world.run(10 * minuteMs);
    const asked = calls(world, 'POST', path, before).length;
    const others = world.exchanges.filter(
      ({ number, path: each }) => number > before && /identity|inventory/.test(each),
    );
    t.true(asked > 5 && asked <= 20, `${asked} attempts in ten minutes`);
    t.true(others.length <= 15, `and ${others.length} looks whose fault it is`);
    t.is(ends(world), 'SUCCESSFUL');
  });
}

for (const fault of [
  { kind: 'status', status: 500, body: failing },
  { kind: 'dropBefore' },
  { kind: 'dropAfter' },
] as const) {
  test(`a creation that never gets an answer: ${JSON.stringify(fault)}`, (t) => {
    const world = createWorld(t);
    world.platform.order({ ...fault, method: 'POST', path: objects, times: 1e6 });
    world.start();
    world.run(10 * minuteMs);
    const before = world.requests;
    world.run(hourMs);
    // Each try is a search and a creation.
    t.true(world.requests - before <= 80, `${world.requests - before} requests in an hour`);
    t.is(owned(world).length, fault.kind === 'dropAfter' ? 1 : 0);
  });
  testOnBoth(`an alarm that never comes to an answer: ${JSON.stringify(fault)}`, (t, config) => {
    const author = new Author();
    const world = createSettled(t, { app: author.app, config: { ...config, ...quiet, pollTimeout: '7200' } });
    world.platform.order({ ...fault, method: 'POST', path: '/alarm/alarms', times: 1e6 });
    author.device.alarm('x_Alarm', 'MAJOR', 'text');
    world.run(10 * minuteMs);
    const before = world.requests;
    world.run(hourMs);
    const asked = world.exchanges.filter(({ number, path }) => number > before && path.startsWith('/alarm'));
    t.true(asked.length <= 40, `${asked.length} requests in an hour`);
    t.is(alarmsOf(world.platform, objectOf(world).id).length, fault.kind === 'dropAfter' ? 1 : 0);
    t.is(ends(world), 'SUCCESSFUL');
  });
}

test('creations whose answers name no object, and whose objects no list contains', (t) => {
  const world = createWorld(t, {}, ['second-object']);
  world.platform.order({
    kind: 'status',
    status: 201,
    body: '',
    applied: true,
    method: 'POST',
    path: objects,
    times: 1e6,
  });
  world.platform.order({
    kind: 'status',
    status: 200,
    body: '{"managedObjects":[]}',
    method: 'GET',
    path: objects,
    times: 1e6,
  });
  world.start();
  world.run(hourMs);
  t.true(owned(world).length <= 12, `${owned(world).length} objects in an hour`);
  t.true(world.requests <= 80, `${world.requests} requests in an hour`);
});

testOnBoth('Retry-After of an hour for measurements binds measurements only', (t, config) => {
  const author = new Author();
  const world = createSettled(t, { app: author.app, config: { ...config, ...quiet } });
  const path = '/measurement/measurements';
  world.platform.order({ kind: 'status', status: 503, retryAfterSeconds: 3600, body: failing, path, times: 1e6 });
  author.count(1, 1);
  world.run(minuteMs);
  t.is(ends(world), 'SUCCESSFUL');
  author.device.event('x_Event', 'text');
  world.run(20_000);
  t.is(eventsOf(world.platform, objectOf(world).id).length, 1);
  world.run(50 * minuteMs);
  t.is(posts(world).length, 1);
  world.platform.cancel();
  world.run(15 * minuteMs);
  t.is(measurementsOf(world.platform, objectOf(world).id).length, 1);
});

test('a child that the platform does not put under the board is reported and retried', (t) => {
  const world = createWorld(t, {
    app: (board) => {
      for (const id of ['a', 'b']) board.child(id, {}).sensor({ reports: level, sensor: { sample: () => plain } });
    },
  });
  world.onRequest = ({ method, path, body }) => {
    const isFirst = Buffer.from(body).includes(`"${findDevice(world.platform, `${world.device.deviceId}:a`)?.id}"`);
    if (method === 'POST' && path.endsWith('/childDevices') && isFirst) {
      world.platform.order({ kind: 'status', status: 422, method, path });
    }
    return true;
  };
  world.start();
  settle(world);
  world.run(hourMs);
  t.deepEqual(linked(world), [childOf(world, 'b').id]);
  t.is(ends(world), 'SUCCESSFUL');
  const told = () => eventsOf(world.platform, objectOf(world).id).map(({ fragments }) => fragments['text']);
  t.deepEqual(told(), ['Child a: the child is not put under the device']);
  t.is(world.device.lines.filter((line) => /^error: child a: the child is not put/.test(line)).length, 1);
  const links = calls(world, 'POST', `${objects}/*/childDevices`).length;
  t.true(links > 20 && links <= 40, `${links} attempts`);
  world.onRequest = undefined;
  world.run(10 * minuteMs);
  t.is(linked(world).length, 2);
  t.deepEqual(told().slice(1), [`Registered after failures: child a (${childOf(world, 'a').id})`]);
});

for (const fault of [{ kind: 'status', status: 500, body: failing }, { kind: 'dropBefore' }] as const) {
  testOnBoth(
    `a child that is never created keeps its sisters and the board from nothing: ${JSON.stringify(fault)}`,
    (t, config) => {
      const world = createWorld(t, {
        config,
        app: (board) => {
          for (const id of ['a', 'b', 'c'])
            board.child(id, {}).sensor({ reports: level, sensor: { sample: () => plain } });
        },
      });
      world.platform.order({ ...fault, method: 'POST', path: objects, contains: '"name":"a"', times: 1e6 });
      world.start();
      settle(world, minuteMs);
      t.is(ends(world), 'SUCCESSFUL');
      world.run(10 * minuteMs);
      t.deepEqual(
        linked(world),
        ['b', 'c'].map((id) => childOf(world, id).id),
      );
      for (const id of ['b', 'c']) t.true(measurementsOf(world.platform, childOf(world, id).id).length >= 9);
      const before = world.requests;
      world.run(hourMs);
      const { length } = calls(world, 'POST', objects, before);
      t.true(length > 0 && length <= 20, `${length} creations in an hour`);
    },
  );
}

testOnBoth(
  'the long poll never works: operations are listed instead, and the platform gets an event at the begin and at the end',
  (t, config) => {
    const workshop = new Workshop();
    const world = createSettled(t, { app: workshop.app, config: { ...config, ...quiet } }, [
      'pending-before-subscribe',
      'connect-gap',
      'pending-missing',
    ]);
    const path = '/notification/operations';
    world.platform.order({ kind: 'status', status: 502, html: true, path, times: 1e6 });
    world.cutConnections('reset');
    world.run(10 * minuteMs);
    const told = () => eventsOf(world.platform, objectOf(world).id).map(({ fragments }) => fragments['type']);
    t.deepEqual(told(), ['fractus_LongPollFails']);
    const since = world.requests;
    for (let n = 0; n < 5; n++) {
      t.is(ends(world, 65_000), 'SUCCESSFUL');
      world.run(12 * minuteMs);
    }
    t.true(calls(world, 'POST', path, since).length <= 20);
    t.deepEqual(told(), ['fractus_LongPollFails'], 'once');
    world.platform.cancel();
    settle(world);
    world.run(minuteMs);
    t.deepEqual(told(), ['fractus_LongPollFails', 'fractus_LongPollWorks']);
  },
);

testOnBoth('connects refused without a reason: a new handshake now and then', (t, config) => {
  const world = createSettled(t, { config: { ...config, ...quiet, pollTimeout: '10' } }, [
    'connect-gap',
    'pending-missing',
  ]);
  // The reply of a CometD server that has forgotten the client: no code and no advice.
  const body = JSON.stringify([reply('connect', { successful: false, error: 'Unknown client' })]);
  world.platform.order({ kind: 'status', status: 200, body, ...onChannel('connect'), times: 1e6 });
  world.run(minuteMs);
  t.true(bayeux(world, 'handshake').length >= 2, 'the session may be at an end');
  world.run(10 * minuteMs);
  const before = world.requests;
  world.run(hourMs);
  for (const channel of ['connect', 'handshake'] as const) {
    const { length } = bayeux(world, channel, before);
    t.true(length > 3 && length <= 20, `${length} of ${channel} in an hour`);
  }
  t.is(ends(world, 65_000), 'SUCCESSFUL');
  world.platform.cancel();
  settle(world);
  t.true(listening(world) && logged(world, 'works again'));
});
