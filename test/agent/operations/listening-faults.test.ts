// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Fault, Misbehaviour } from '../../../tools/platform/faults.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { calls, createSettled, gaps, listening, logged, settle } from '../scene.ts';
import {
  bayeux,
  isEnded,
  listings,
  nextMs,
  onChannel,
  order,
  pollMs,
  prove,
  runToEnd,
  statuses,
  testOnBoth,
  updates,
  Workshop,
} from './operating.ts';

/** Runs until the platform has just accepted a poll. */
function atPoll(world: World): void {
  const before = world.requests;
  world.runUntil(() => bayeux(world, 'connect', before).length > 0, 700_000);
}

for (const [pollTimeout, heartbeatMs, deadMs] of [
  ['10', 600_000, 25_000],
  ['300', 600_000, 315_000],
  ['735', 700_000, 750_000],
  ['7200', 600_000, 765_000],
] as const) {
  test(`pollTimeout=${pollTimeout}: a poll without a byte is dead after ${deadMs / 1000} s, not before`, (t) => {
    const world = createSettled(t, { config: { pollTimeout }, platform: { settings: { heartbeatMs } } });
    prove(world);
    const since = pollMs(world);
    world.cutConnections('vanish');
    nextMs(world, deadMs + 10_000);
    const silentMs = pollMs(world) - since;
    t.true(silentMs >= deadMs && silentMs <= deadMs + 2000, `${silentMs} ms`);
    settle(world);
    t.true(listening(world));
  });
}

test('a poll is held for hours while blanks arrive, and is dead 765 s after the last one', (t) => {
  const config = { pollTimeout: '7200', measurementInterval: '3600' };
  const world = createSettled(t, { config, platform: { settings: { heartbeatMs: 600_000 } } });
  prove(world);
  const since = pollMs(world);
  world.run(3_650_000);
  t.is(pollMs(world), since);
  world.cutConnections('vanish');
  nextMs(world, 800_000);
  const lastBlankMs = since + 6 * 600_000;
  const silentMs = pollMs(world) - lastBlankMs;
  t.true(silentMs >= 765_000 && silentMs <= 767_000, `${silentMs} ms`);
});

testOnBoth('a dead link is detected, and operations ordered meanwhile are executed', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  atPoll(world);
  world.run(100);
  world.cutConnections('vanish');
  const operations = [1, 2, 3].map((n) => order(world, { x_Work: { n } }));
  runToEnd(world, operations, 340_000);
  t.deepEqual(
    workshop.begun,
    operations.map(({ id }) => id),
  );
});

for (const channel of ['connect', 'subscribe'] as const) {
  for (const cookie of [true, false]) {
    const next = cookie ? 'handshake' : channel;
    // The lost session is the first of the three failures.
    const times = channel === 'connect' ? 3 : 2;
    testOnBoth(`${times} ${channel}s fail, ${cookie ? 'with' : 'without'} a cookie: ${next} follows`, (t, config) => {
      const world = createSettled(t, { app: new Workshop().app, config, platform: { settings: { cookie } } });
      world.platform.order({ kind: 'status', status: 503, times, ...onChannel(channel) });
      if (channel === 'subscribe') world.platform.expireSessions();
      const before = world.requests;
      order(world, { x_Work: {} });
      const failed = () => bayeux(world, channel, before).filter(({ status }) => status === 503);
      world.runUntil(() => failed().length === times, 60_000);
      const after = failed().at(-1)?.number;
      world.run(20_000);
      const [first] = calls(world, 'POST', '/notification/operations', after);
      t.regex(first?.body ?? '', new RegExp(`"/meta/${next}"`));
      // RFC 6265 defines no sessions; a balancer leads a client without a cookie to a working node.
      t.is(first?.headers['cookie'], undefined);
    });
  }
}

/** Invalid answers to a poll. */
const bad: readonly Misbehaviour[] = [
  { kind: 'status', status: 200, html: true },
  { kind: 'status', status: 404, html: true },
  { kind: 'status', status: 502, html: true },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 504, html: true },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 429 },
  { kind: 'status', status: 408 },
  { kind: 'status', status: 200, body: '' },
  { kind: 'status', status: 200, body: '[]' },
  { kind: 'status', status: 200, body: '{}' },
  { kind: 'status', status: 200, body: 'null' },
  { kind: 'status', status: 200, body: '[{"channel":"/meta/connect","successful":true}' },
  { kind: 'status', status: 200, body: '[{"channel":"/meta/connect","successful":true}]]' },
  { kind: 'status', status: 200, body: '[{"channel":"/x","data":{}}]' },
  { kind: 'status', status: 204, body: '' },
  { kind: 'empty' },
  { kind: 'truncate', bytes: 0 },
  { kind: 'truncate', bytes: 1 },
  { kind: 'truncate', bytes: 40 },
  { kind: 'dropBefore' },
  { kind: 'dropAfter' },
  { kind: 'cut', ms: 2000 },
];

for (const fault of bad) {
  for (const channel of ['handshake', 'subscribe', 'connect'] as const) {
    testOnBoth(`listening goes on after ${JSON.stringify(fault)} to ${channel}`, (t, config) => {
      const workshop = new Workshop();
      const world = createSettled(t, { app: workshop.app, config });
      world.platform.order({ ...fault, times: 2, ...onChannel(channel) } as Fault);
      if (channel !== 'connect') world.platform.expireSessions();
      const operations = [order(world, { x_Work: {} })];
      world.run(1000);
      operations.push(order(world, { x_Work: {} }));
      runToEnd(world, operations, 30_000);
      t.deepEqual(
        workshop.begun,
        operations.map(({ id }) => id),
      );
      for (const operation of operations) t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
      t.true(listening(world) || config.connections === '1');
    });
  }
}

testOnBoth('after a lost poll the next one follows well within ten seconds, and PENDING is listed', (t, config) => {
  for (const how of ['end', 'reset'] as const) {
    const world = createSettled(t, { app: new Workshop().app, config });
    atPoll(world);
    world.run(500);
    world.cutConnections(how);
    const before = world.requests;
    const after = nextMs(world, 10_000);
    t.true(after < 5000, `${after} ms`);
    world.run(7000);
    t.is(bayeux(world, 'handshake', before).length, 0, 'the session is still there');
    t.true(listings(world, 'PENDING', before).length >= 1);
  }
});

test('a poll that breaks every two minutes is followed by the next one within seconds each time', (t) => {
  const world = createSettled(t, { app: new Workshop().app, config: { requiredAvailability: '0' } });
  for (let i = 0; i < 8; i++) {
    world.run(120_000);
    t.true(listening(world));
    world.cutConnections('reset');
    world.run(3000);
    t.true(listening(world), `after ${i + 1} times`);
  }
});

for (const kind of ['dropBefore', 'dropAfter', 'truncate'] as const) {
  testOnBoth(`a poll that is lost with the push in it (${kind}): the operation is found by asking`, (t, config) => {
    const workshop = new Workshop();
    const world = createSettled(t, { app: workshop.app, config });
    const disturbed = kind === 'truncate' ? { kind, bytes: 60 } : { kind };
    world.platform.order({ ...disturbed, times: 3, ...onChannel('connect') });
    const operation = order(world, { x_Work: {} });
    runToEnd(world, [operation], 30_000);
    t.deepEqual(workshop.begun, [operation.id]);
    t.is(updates(world, operation.id).length, 2);
  });
}

testOnBoth('a gap of more than ten seconds: PENDING is listed, because the platform kept no push', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  atPoll(world);
  world.run(100);
  world.device.linkDown();
  const operation = order(world, { x_Work: {} });
  world.run(60_000);
  const before = world.requests;
  world.device.linkUp();
  runToEnd(world, [operation], 15_000);
  t.deepEqual(workshop.begun, [operation.id]);
  t.true(listings(world, 'PENDING', before).length >= 1);
  t.is(bayeux(world, 'handshake', before).length, 1, 'the session is over by then');
});

testOnBoth('an operation ordered during a short link failure is executed', (t, config) => {
  for (const downMs of [100, 3000, 9000, 11_000]) {
    const workshop = new Workshop();
    const world = createSettled(t, { app: workshop.app, config });
    world.device.linkDown();
    const operation = order(world, { x_Work: {} });
    world.run(downMs);
    world.device.linkUp();
    runToEnd(world, [operation], 20_000);
    t.deepEqual(workshop.begun, [operation.id], `${downMs} ms`);
  }
});

testOnBoth('sessions that expire again and again', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  const operations = [];
  for (let i = 0; i < 20; i++) {
    world.platform.expireSessions();
    operations.push(order(world, { x_Work: { i } }));
    world.run(i * 700);
  }
  runToEnd(world, operations, 300_000);
  t.deepEqual(
    workshop.begun,
    operations.map(({ id }) => id),
  );
});

test('a platform that is away for an hour is asked ever more rarely, at random times', (t) => {
  const world = createSettled(t);
  world.platform.order({ kind: 'status', status: 503, times: 1000, path: '/notification/operations' });
  world.cutConnections('reset');
  world.run(600_000);
  const before = world.requests;
  world.run(3_000_000);
  const all = gaps(bayeux(world, 'connect', before));
  t.true(all.length >= 10 && all.length <= 50, `${all.length}`);
  t.true(Math.max(...all) <= 301_000);
  t.true(new Set(all).size > all.length / 2);
  world.platform.cancel();
  settle(world);
  world.run(15_000);
  t.true(logged(world, 'works again'));
});

test('a platform that answers every poll at once and empty is not polled in a tight loop', (t) => {
  const world = createSettled(t, { app: new Workshop().app });
  const body =
    '[{"channel":"/meta/connect","successful":true,"advice":{"reconnect":"retry","interval":0,"timeout":0}}]';
  world.platform.order({ kind: 'status', status: 200, body, times: 1_000_000, ...onChannel('connect') });
  world.cutConnections('reset');
  const before = world.requests;
  world.run(600_000);
  const polls = bayeux(world, 'connect', before).length;
  t.true(polls < 700, `${polls} polls in ten minutes`);
  world.platform.cancel();
  settle(world);
  const operation = order(world, { x_Work: {} });
  world.runUntil(() => isEnded(operation), 5000);
  t.is(operation.status, 'SUCCESSFUL');
});

testOnBoth('a poll that gets a byte now and then for ever is given up shortly after the agreed time', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config: { ...config, pollTimeout: '60' } }, [
    'pending-missing',
    'connect-gap',
  ]);
  world.platform.order({ kind: 'trickle', ...onChannel('connect'), ms: 10_000, bytes: 1, times: 1e6 });
  world.run(600_000);
  for (let at = 0; at < 10; at++) {
    const operation = order(world, { x_Work: { n: at } });
    const since = world.time.nowMs;
    world.runUntil(() => isEnded(operation), 600_000);
    t.true(world.time.nowMs - since < 240_000);
    world.run(170_000);
  }
  world.platform.cancel();
  settle(world);
});
