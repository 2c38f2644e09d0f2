// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { bodyOf, createSettled, createWorld, gaps, objectOf, settle } from '../scene.ts';
import {
  bayeux,
  isEnded,
  listings,
  onChannel,
  order,
  orderWork,
  runToEnd,
  statuses,
  testOnBoth,
  updates,
  Workshop,
} from './operating.ts';

const pollTimeoutMs = 300_000;

/** The Bayeux message of a request. */
function message(exchange: { readonly body: string } | undefined): Record<string, unknown> {
  const [first] = JSON.parse(exchange?.body ?? '[]') as Record<string, unknown>[];
  return first ?? {};
}

/** Whether all gaps between polls are at most this long. */
function checkGaps(world: World, mostMs: number): boolean {
  return gaps(bayeux(world, 'connect')).every((gap) => gap <= pollTimeoutMs + mostMs);
}

test('handshake, subscribe and connect come in this order, and connect does not wait for the pages of PENDING', (t) => {
  const world = createSettled(t, { app: new Workshop().app });
  world.device.powerCut();
  const operations = orderWork(world, 35);
  const before = world.requests;
  world.device.start();
  runToEnd(world, operations);
  const steps = world.exchanges
    .filter(({ number, path }) => number > before && /operations/.test(path))
    .map(({ path, body }) => /meta\/\w+|status=\w+/.exec(body + path)?.[0] ?? '')
    .filter((step) => step !== '');
  t.is(steps[0], 'status=EXECUTING');
  t.deepEqual(steps.slice(1, 3), ['meta/handshake', 'meta/subscribe']);
  const [connect] = bayeux(world, 'connect', before);
  const pages = listings(world, 'PENDING', before);
  t.true(pages.length >= 4);
  t.true((connect?.number ?? 0) < (pages[1]?.number ?? 0), 'the first poll hangs while pages are read');
  t.not(connect?.connection, pages[0]?.connection, 'on the other connection');
  t.true(operations.every(({ status }) => status === 'SUCCESSFUL'));
});

test('each message has the members that Bayeux requires, and pollTimeout is sent as advice.timeout', (t) => {
  const world = createSettled(t, { config: { pollTimeout: '77' } });
  const [handshake] = bayeux(world, 'handshake');
  t.like(message(handshake), {
    version: '1.0',
    supportedConnectionTypes: ['long-polling'],
    advice: { timeout: 77_000 },
  });
  const clientId = [...world.platform.core.sessions.keys()][0];
  t.like(message(bayeux(world, 'subscribe')[0]), { clientId, subscription: `/${objectOf(world).id}` });
  t.like(message(bayeux(world, 'connect')[0]), { clientId, connectionType: 'long-polling' });
  const before = world.requests;
  world.run(77_000 * 5);
  const polls = bayeux(world, 'connect', before);
  t.is(polls.length, 5);
  for (const gap of gaps(polls)) t.true(gap >= 77_000 && gap < 78_000, `${gap} ms`);
});

testOnBoth('all pages of pending operations are executed, in order of creation', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  world.device.powerCut();
  const operations = orderWork(world, 43);
  world.device.start();
  runToEnd(world, operations, 600_000);
  t.deepEqual(
    workshop.begun,
    operations.map(({ id }) => id),
  );
  for (const operation of operations) t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
  t.is(updates(world).length, 2 * operations.length);
});

for (const [what, settings] of [
  ['every page names a next one', { alwaysNext: true }],
  ['pages are shorter than asked for', { mostPageSize: 3 }],
] as const) {
  testOnBoth(`a list is read to its end although ${what}`, (t, config) => {
    const workshop = new Workshop();
    const world = createSettled(t, { app: workshop.app, config, platform: { settings } });
    world.device.powerCut();
    const operations = orderWork(world, 17);
    world.device.start();
    runToEnd(world, operations, 600_000);
    t.is(workshop.begun.length, 17);
    const before = world.requests;
    world.run(60_000);
    t.deepEqual(listings(world, 'PENDING', before), [], 'and it ends');
  });
}

testOnBoth('what waits behind a page that cannot begin is found, in short pages too', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config, platform: { settings: { mostPageSize: 2 } } }, [
    'operation-order',
  ]);
  world.device.powerCut();
  const stuck = orderWork(world, 6);
  const free = orderWork(world, 3);
  for (const { id } of stuck) {
    world.platform.order({
      ...{ kind: 'status', status: 404, method: 'PUT', path: `/devicecontrol/operations/${id}`, times: 1000 },
      ...{ body: '{"error":"devicecontrol/Not Found","message":"gone"}' },
    });
  }
  world.device.start();
  runToEnd(world, free, 600_000);
  t.deepEqual(
    workshop.begun,
    free.map(({ id }) => id),
  );
});

testOnBoth('an operation pushed during a poll is executed at once', (t, config) => {
  const world = createSettled(t, { app: new Workshop().app, config });
  world.run(30_000);
  const operation = order(world, { x_Work: {} });
  world.runUntil(() => isEnded(operation), config.connections === '2' ? 250 : 12_000);
  t.is(operation.status, 'SUCCESSFUL');
});

for (const heartbeatMs of [50, 1000, 60_000]) {
  testOnBoth(`blanks in the poll (every ${heartbeatMs} ms) are no answer and no trouble`, (t, config) => {
    const world = createSettled(t, { app: new Workshop().app, config, platform: { settings: { heartbeatMs } } });
    const before = world.requests;
    world.run(120_000);
    t.is(bayeux(world, 'handshake', before).length, 0);
    const operation = order(world, { x_Work: {} });
    runToEnd(world, [operation], 15_000);
    t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
    t.is(updates(world, operation.id).length, 2);
  });
}

for (const cookie of [false, true]) {
  testOnBoth(
    `cookies ${cookie ? 'of the server are returned on its endpoint only' : 'are not needed'}`,
    (t, config) => {
      const world = createSettled(t, { app: new Workshop().app, config, platform: { settings: { cookie } } });
      world.run(20_000);
      world.platform.expireSessions();
      world.run(20_000);
      const operation = order(world, { x_Work: {} });
      runToEnd(world, [operation]);
      t.is(operation.status, 'SUCCESSFUL');
      for (const { path, headers, body } of world.exchanges) {
        const expected = cookie && path === '/notification/operations' && !body.includes('/meta/handshake');
        t.is(headers['cookie'] !== undefined, expected, `${path} ${body}`);
      }
    },
  );
}

testOnBoth('the first connect may be answered at once', (t, config) => {
  const settings = { firstConnectImmediate: true };
  const world = createSettled(t, { app: new Workshop().app, config, platform: { settings } });
  t.true(bayeux(world, 'connect').length >= 2);
  world.run(60_000);
  t.is(bayeux(world, 'handshake').length, 1);
  const operation = order(world, { x_Work: {} });
  runToEnd(world, [operation]);
  t.is(operation.status, 'SUCCESSFUL');
});

testOnBoth('an operation that is listed and pushed is executed once', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  world.device.powerCut();
  const before = order(world, { x_Work: {} });
  let late: ReturnType<typeof order> | undefined;
  // Ordered between subscription and listing: the platform both queues it for the poll and lists it.
  world.onRequest = ({ path }) => {
    if (path.includes('status=PENDING')) late ??= order(world, { x_Work: {} });
    return true;
  };
  world.device.start();
  settle(world);
  const operations = [before, ...(late === undefined ? [] : [late])];
  t.is(operations.length, 2);
  runToEnd(world, operations);
  world.run(30_000);
  t.deepEqual(
    workshop.begun,
    operations.map(({ id }) => id),
  );
  for (const { id } of operations) t.is(updates(world, id).length, 2);
});

testOnBoth('an operation that is pushed twice is executed once', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  world.platform.order({ kind: 'duplicatePush', times: 2, ...onChannel('connect') });
  const first = order(world, { x_Work: { ms: 3000 } });
  world.run(8000);
  const second = order(world, { x_Work: {} });
  runToEnd(world, [first, second]);
  t.deepEqual(workshop.begun, [first.id, second.id]);
  for (const { id } of [first, second]) t.is(updates(world, id).length, 2);
});

testOnBoth('two operations with the same content are executed separately', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  world.platform.order({ kind: 'pairPushes', ...onChannel('connect') });
  const operations = [order(world, { x_Work: { n: 1 } }), order(world, { x_Work: { n: 1 } })];
  runToEnd(world, operations);
  t.is(workshop.begun.length, 2);
});

test('a day of silence: polls follow each other at once, and nothing is listed again', (t) => {
  const world = createSettled(t, { config: { measurementInterval: '3600' } });
  const before = world.requests;
  world.run(86_400_000);
  t.true(checkGaps(world, 500));
  t.is(bayeux(world, 'handshake', before).length, 0);
  t.is(listings(world, 'PENDING', before).length, 0);
  t.is(world.connections, 2);
});

testOnBoth('polls on one connection let other requests through within seconds', (t, config) => {
  const world = createSettled(t, { config: { ...config, measurementInterval: '10' } });
  const before = world.requests;
  world.run(600_000);
  const measurements = world.exchanges.filter(
    ({ number, path }) => number > before && path === '/measurement/measurements',
  );
  t.true(measurements.length >= 59);
  t.true(measurements.every(({ status }) => status === 201));
  for (const gap of gaps(measurements)) t.true(gap < 16_000, `${gap} ms`);
  t.is(bayeux(world, 'handshake', before).length, 0, 'and the session lives on');
});

test('the subscription follows the device to another managed object', (t) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app });
  const { id } = objectOf(world);
  world.device.powerCut();
  world.platform.core.objects.delete(id);
  world.platform.core.externalIds.clear();
  world.device.start();
  settle(world);
  t.not(objectOf(world).id, id);
  t.is(message(bayeux(world, 'subscribe').at(-1))['subscription'], `/${objectOf(world).id}`);
  const operation = order(world, { x_Work: {} });
  runToEnd(world, [operation]);
  t.is(operation.status, 'SUCCESSFUL');
  t.is(bodyOf(updates(world, operation.id)[0])['status'], 'EXECUTING');
});

test('a device that stops listening leaves no request under way', (t) => {
  const world = createWorld(t);
  world.start();
  settle(world);
  t.true(world.stop() <= 2000);
  const before = world.requests;
  world.run(600_000);
  t.is(world.requests, before);
});
