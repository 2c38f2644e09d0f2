// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Advice } from '../../../tools/platform/faults.ts';
import type { JsonObject } from '../../../tools/platform/model.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { createSettled, createWorld, gaps, logged, settle } from '../scene.ts';
import { bayeux, isEnded, listings, onChannel, order, reply, runToEnd, testOnBoth, Workshop } from './operating.ts';

/** The next reply to a connect is this text. */
function answerConnect(world: World, body: string, times = 1): void {
  world.platform.order({ kind: 'status', status: 200, body, times, ...onChannel('connect') });
}

/** Checks that an operation is pushed and executed. */
function works(world: World, withinMs = 30_000): boolean {
  const operation = order(world, { x_Work: {} });
  world.runUntil(() => isEnded(operation), withinMs);
  return operation.status === 'SUCCESSFUL';
}

testOnBoth('advice retry: the session goes on', (t, config) => {
  const world = createSettled(t, { app: new Workshop().app, config });
  world.platform.order({ kind: 'advice', advice: { reconnect: 'retry', interval: 0 }, ...onChannel('connect') });
  const before = world.requests;
  t.true(works(world));
  t.true(works(world));
  t.is(bayeux(world, 'handshake', before).length, 0);
});

testOnBoth('advice handshake: subscribed and PENDING listed again, soon', (t, config) => {
  const world = createSettled(t, { app: new Workshop().app, config });
  world.platform.order({ kind: 'advice', advice: { reconnect: 'handshake' }, ...onChannel('connect') });
  const before = world.requests;
  t.true(works(world));
  world.run(4000);
  t.is(bayeux(world, 'handshake', before).length, 1);
  t.is(bayeux(world, 'subscribe', before).length, 1);
  t.true(listings(world, 'PENDING', before).length >= 1);
  t.true(works(world));
});

testOnBoth('advice handshake with an interval: no connect before', (t, config) => {
  const world = createSettled(t, { app: new Workshop().app, config });
  const advice = { reconnect: 'handshake', interval: 20_000 } as const;
  world.platform.order({ kind: 'advice', advice, ...onChannel('connect') });
  t.true(works(world));
  const before = world.requests;
  world.run(18_000);
  t.is(bayeux(world, 'connect', before).length, 0);
  world.run(10_000);
  t.is(bayeux(world, 'handshake', before).length, 1);
  t.true(works(world));
});

testOnBoth('advice none: the device leaves the platform alone for a while, then starts a new session', (t, config) => {
  const world = createSettled(t, { app: new Workshop().app, config });
  world.platform.order({ kind: 'advice', advice: { reconnect: 'none' }, ...onChannel('connect') });
  t.true(works(world));
  const before = world.requests;
  const since = world.time.nowMs;
  world.runUntil(() => bayeux(world, 'handshake', before).length > 0, 120_000);
  const waited = world.time.nowMs - since;
  t.true(waited >= 35_000 && waited <= 80_000, `${waited} ms`);
  t.is(bayeux(world, 'connect', before).length, 0);
  t.true(logged(world, 'not to be called'));
  world.run(5000);
  t.true(listings(world, 'PENDING', before).length >= 1);
  t.true(works(world));
});

testOnBoth('advice interval: a pause of this length before each connect, without a listing', (t, config) => {
  const world = createSettled(t, { app: new Workshop().app, config });
  const intervalMs = 25_000;
  world.platform.order({ kind: 'advice', advice: { interval: intervalMs }, times: 1000, ...onChannel('connect') });
  t.true(works(world));
  world.run(4000);
  const before = world.requests;
  const since = world.time.nowMs;
  world.run(600_000);
  const first = bayeux(world, 'connect', before)[0];
  t.true((first?.atMs ?? 0) - since > 10_000, 'the platform has been told of the pause, so nothing gets lost in it');
  for (const gap of gaps(bayeux(world, 'connect', before))) t.true(gap >= intervalMs, `${gap} ms`);
  t.is(bayeux(world, 'handshake', before).length, 0);
  t.is(listings(world, 'PENDING', before).length, 0);
  world.platform.cancel();
  t.true(works(world, 360_000));
});

for (const [advice, channel] of [
  [{ reconnect: 'none' }, 'handshake'],
  [{ reconnect: 'handshake', interval: 40_000 }, 'handshake'],
] as const)
  testOnBoth(`a link that returns does not cut short what is advised: ${JSON.stringify(advice)}`, (t, config) => {
    const world = createSettled(t, { app: new Workshop().app, config });
    world.platform.order({ kind: 'advice', advice, ...onChannel('connect') });
    t.true(works(world));
    const before = world.requests;
    world.run(5000);
    world.device.linkDown();
    world.run(2000);
    world.device.linkUp();
    world.run(25_000);
    t.is(bayeux(world, channel, before).length, 0);
    t.is(bayeux(world, 'connect', before).length, 0);
    settle(world);
    t.true(works(world));
  });

testOnBoth('a link that returns does not cut short what is advised after a trouble', (t, config) => {
  const world = createSettled(t, { app: new Workshop().app, config });
  world.platform.order({ kind: 'advice', advice: { reconnect: 'handshake' }, ...onChannel('connect') });
  world.platform.order({ kind: 'advice', advice: { reconnect: 'retry', interval: 40_000 }, ...onChannel('subscribe') });
  order(world, { x_Work: {} });
  const before = world.requests;
  world.runUntil(() => bayeux(world, 'subscribe', before).length > 0, 60_000);
  world.run(5000);
  const since = world.requests;
  world.device.linkDown();
  world.run(2000);
  world.device.linkUp();
  world.run(25_000);
  t.is(bayeux(world, 'subscribe', before).length, 1);
  t.is(bayeux(world, 'connect', since).length, 0);
  settle(world);
  t.true(works(world));
});

test("advice timeout: the server's value overrides pollTimeout", (t) => {
  const world = createSettled(t, { app: new Workshop().app });
  world.platform.order({ kind: 'advice', advice: { timeout: 600_000 }, ...onChannel('connect') });
  t.true(works(world));
  world.run(1000);
  // A poll without an answer: dead after the server's timeout, not after the requested one.
  const poll = bayeux(world, 'connect').at(-1);
  world.cutConnections('vanish');
  const before = world.requests;
  world.runUntil(() => bayeux(world, 'connect', before).length > 0, 1_000_000);
  const deadMs = world.time.nowMs - (poll?.atMs ?? 0);
  t.true(deadMs >= 615_000 && deadMs < 620_000, `${deadMs} ms`);
});

for (const advice of [{ reconnect: 'perhaps' }, { reconnect: 7 }, { interval: -5 }, { interval: 'x' }, { timeout: {} }])
  testOnBoth(`advice that means nothing is passed over: ${JSON.stringify(advice)}`, (t, config) => {
    const world = createSettled(t, { app: new Workshop().app, config });
    world.platform.order({ kind: 'advice', advice: advice as Advice, times: 3, ...onChannel('connect') });
    const before = world.requests;
    for (let i = 0; i < 4; i++) t.true(works(world));
    t.is(bayeux(world, 'handshake', before).length, 0);
  });

for (const advice of [null, 'none', 3, [], [{ reconnect: 'none' }]])
  testOnBoth(`advice that is none is passed over: ${JSON.stringify(advice)}`, (t, config) => {
    const world = createSettled(t, { app: new Workshop().app, config });
    answerConnect(world, JSON.stringify([reply('connect', { advice })]));
    const before = world.requests;
    for (let i = 0; i < 2; i++) t.true(works(world));
    t.is(bayeux(world, 'handshake', before).length, 0);
  });

for (const channel of ['connect', 'subscribe'] as const) {
  testOnBoth(
    `402 on ${channel}: a new session, a new subscription, PENDING anew, all within ten seconds`,
    (t, config) => {
      const world = createSettled(t, { app: new Workshop().app, config });
      world.platform.order({ kind: 'bayeuxError', ...onChannel(channel) });
      const before = world.requests;
      // Pushes that waited in the old session are lost with it.
      if (channel === 'subscribe') world.platform.expireSessions();
      world.run(6000);
      order(world, { x_Work: {} });
      const since = world.time.nowMs;
      world.runUntil(() => listings(world, 'PENDING', before).length > 0, 10_000);
      t.true(world.time.nowMs - since < 10_000);
      t.is(bayeux(world, 'handshake', before).length, channel === 'subscribe' ? 2 : 1);
      world.run(3000);
      t.true(works(world));
    },
  );
}

for (const channel of ['handshake', 'subscribe'] as const) {
  testOnBoth(`an interval advised with the ${channel} is no reason to begin again`, (t, config) => {
    const world = createWorld(t, { app: new Workshop().app, config });
    world.platform.order({ kind: 'advice', advice: { reconnect: 'retry', interval: 2000 }, ...onChannel(channel) });
    world.start();
    settle(world);
    world.run(10_000);
    t.is(bayeux(world, 'handshake').length, 1);
    const [{ atMs: askedMs = NaN } = {}, ...more] = bayeux(world, 'subscribe');
    t.is(more.length, 0);
    // Bayeux §3.9.2: subsequent connects, which includes the first one.
    const waitedMs = (bayeux(world, 'connect')[0]?.atMs ?? NaN) - askedMs;
    t.true(waitedMs >= 1990, `${waitedMs} ms`);
    t.true(works(world));
  });

  testOnBoth(`advice none with the ${channel} is kept`, (t, config) => {
    const world = createWorld(t, { app: new Workshop().app, config });
    world.platform.order({ kind: 'advice', advice: { reconnect: 'none' }, ...onChannel(channel) });
    world.start();
    settle(world);
    const [first, second] = bayeux(world, 'handshake');
    const gapMs = (second?.atMs ?? 0) - (first?.atMs ?? 0);
    t.true(gapMs > 40_000 && gapMs < 80_000, `${gapMs} ms`);
    t.true(works(world));
  });

  testOnBoth(`403 on ${channel} is no reason to hurry`, (t, config) => {
    const world = createWorld(t, { app: new Workshop().app, config });
    world.platform.order({ kind: 'bayeuxError', error: '403::denied', times: 3, ...onChannel(channel) });
    world.start();
    settle(world);
    for (const gap of gaps(bayeux(world, 'handshake'))) t.true(gap > 40_000, `${gap} ms`);
    t.is(bayeux(world, 'handshake').length, 4);
    t.true(works(world));
  });
}

for (const channel of ['handshake', 'subscribe', 'connect'] as const) {
  testOnBoth(`a platform that answers every ${channel} with 402 is asked ever more slowly`, (t, config) => {
    const world = createWorld(t, { app: new Workshop().app, config });
    world.platform.order({ kind: 'bayeuxError', times: 900, ...onChannel(channel) });
    world.start();
    world.run(1_800_000);
    const tries = bayeux(world, 'handshake').length;
    t.true(tries >= 20 && tries <= 110, `${tries} in half an hour`);
    world.platform.cancel();
    settle(world);
    t.true(works(world));
  });
}

const operation = (id: string, status = 'PENDING'): JsonObject => ({ id, deviceId: '1', status, x_Work: {} });

for (const [what, replies] of [
  ['the reply alone', [reply('connect')]],
  ['strangers around it', [{ channel: '/meta/what' }, {}, reply('connect'), { channel: 7 }, null, 'x', []]],
  ['another member order', [{ successful: true, advice: { reconnect: 'retry' }, channel: '/meta/connect' }]],
  ['data that is none', [{ channel: '/1', data: null }, { channel: '/1', data: [] }, reply('connect')]],
  ['an operation without an id', [{ channel: '/1', data: { status: 'PENDING', x_Work: {} } }, reply('connect')]],
  ['an operation without a status', [{ channel: '/1', data: { id: '7', x_Work: {} } }, reply('connect')]],
  ['an operation that is over', [{ channel: '/1', data: operation('7', 'SUCCESSFUL') }, reply('connect')]],
  ['an operation under way', [{ channel: '/1', data: operation('7', 'EXECUTING') }, reply('connect')]],
  ['a thousand messages', [...Array.from({ length: 1000 }, () => ({ channel: '/x' })), reply('connect')]],
] as const) {
  testOnBoth(`a reply with ${what} is understood`, (t, config) => {
    const workshop = new Workshop();
    const world = createSettled(t, { app: workshop.app, config });
    answerConnect(world, JSON.stringify(replies));
    const before = world.requests;
    t.true(works(world));
    t.true(works(world));
    t.is(workshop.begun.length, 2);
    t.is(bayeux(world, 'handshake', before).length, 0);
  });
}

for (const fault of ['connectFirst', 'pairPushes', 'duplicatePush'] as const) {
  testOnBoth(`operations come in any order and number: ${fault}`, (t, config) => {
    const workshop = new Workshop();
    const world = createSettled(t, { app: workshop.app, config });
    world.platform.order({ kind: fault, times: 3, ...onChannel('connect') });
    const operations = Array.from({ length: 6 }, () => order(world, { x_Work: { ms: 500 } }));
    runToEnd(world, operations);
    t.deepEqual(
      workshop.begun,
      operations.map(({ id }) => id),
    );
  });
}

testOnBoth('more than ten pushes at once wait and none is lost', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  const operations = Array.from({ length: 60 }, (_, n) => order(world, { x_Work: { n, ms: 100 } }));
  runToEnd(world, operations, 1_200_000);
  t.deepEqual(
    workshop.begun,
    operations.map(({ id }) => id),
  );
});
