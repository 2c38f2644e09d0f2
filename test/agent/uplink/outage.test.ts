// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import type { Verdict } from '../../../hal/fake/network.ts';
import type { RawConfig } from '../../../src/index.ts';
import { World } from '../../../tools/simulate/machine/world.ts';
import { Author, counted, quiet, range } from '../records/reporting.ts';
import { createSettled, logged, settle } from '../scene.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function create(t: ExecutionContext, options: { config?: RawConfig; nor?: object | undefined } = {}) {
  const author = new Author();
  const { config, nor } = { nor: {}, ...options };
  const machine = nor === undefined ? {} : { nor };
  const world = createSettled(t, { app: author.app, config: { ...quiet, ...config }, machine }, ['connect-gap']);
  return { world, author };
}

/** From now on no server is reachable, although the link is up. */
function isolate(world: World, verdict: Verdict = 'timeout'): void {
  world.network.decide = () => verdict;
  world.cutConnections('vanish');
}

/** Times of the log lines with this text, in ms. */
function moments(world: World, text: string): number[] {
  return world.device.machine.lines.filter(({ line }) => line.includes(text)).map(({ atMs }) => atMs);
}

const resets = (world: World) => moments(world, 'the link is reset');
const restarts = (world: World) => world.device.machine.restarts;
const renewals = (world: World) => moments(world, 'new connections');

for (const verdict of ['timeout', 'unreachable', 'dns', 'hang'] as const) {
  test(`without any answer (${verdict}): new connections, then the link, then a restart, each on evidence`, (t) => {
    const { world, author } = create(t);
    isolate(world, verdict);
    const sinceMs = world.time.nowMs;
    author.count(1, 3);
    world.run(9 * minuteMs);
    t.is(renewals(world).length, 0, 'ten minutes are nothing');
    world.run(5 * minuteMs);
    t.is(renewals(world).length, 1);
    t.is(resets(world).length, 0);
    world.run(12 * minuteMs);
    t.is(resets(world).length, 1);
    t.deepEqual(restarts(world), []);
    world.run(13 * minuteMs);
    t.deepEqual(restarts(world), ['no answer for long, nor after the link was reset']);
    t.true(world.time.nowMs - sinceMs < 40 * minuteMs);
    world.network.decide = () => 'accept';
    settle(world);
    world.run(minuteMs);
    t.deepEqual(counted(world), range(1, 3), 'and nothing is lost');
    t.false(world.device.machine.flash.values.has('uplink'));
  });
}

test('the link is reset, and the device restarted, at most every fifteen minutes; without success, once a day', (t) => {
  const { world } = create(t, { config: { progressTimeout: '60' } });
  world.run(2 * hourMs);
  isolate(world);
  const startMs = world.time.nowMs;
  world.run(72 * hourMs);
  t.is(restarts(world).length, 3);
  const all = resets(world);
  t.true(all.length > 3 && all.length <= 72 * 4 + 1, `${all.length}`);
  for (let i = 1; i < all.length; i++) t.true((all[i] ?? 0) - (all[i - 1] ?? 0) >= 15 * minuteMs, `reset ${i}`);
  t.true((all[0] ?? 0) > startMs + 2 * minuteMs);
  world.network.decide = () => 'accept';
  settle(world);
  // Success resets the escalation: the next trouble is a new one.
  world.run(20 * minuteMs);
  isolate(world);
  world.run(30 * minuteMs);
  t.is(restarts(world).length, 4);
});

for (const verdict of ['refused', 'tls-untrusted', 'reset'] as const) {
  test(`any answer shows that the link works: ${verdict}`, (t) => {
    const { world } = create(t);
    isolate(world, verdict);
    world.run(24 * hourMs);
    t.true(renewals(world).length > 10);
    t.deepEqual([resets(world).length, restarts(world).length], [0, 0]);
    world.network.decide = () => 'accept';
    settle(world);
  });
}

test('certificates refused for their dates: new connections, then a restart that forgets the time; without success, once a day', (t) => {
  const { world, author } = create(t);
  isolate(world, 'tls-date');
  author.count(1, 3);
  world.run(14 * minuteMs);
  t.is(renewals(world).length, 1);
  t.deepEqual(restarts(world), []);
  world.run(26 * minuteMs);
  t.deepEqual(restarts(world), ['certificates are refused for their dates: the clock may be wrong']);
  world.run(60 * hourMs);
  t.is(restarts(world).length, 3);
  t.is(resets(world).length, 0, 'the link is innocent');
  world.network.decide = () => 'accept';
  settle(world);
  world.run(minuteMs);
  t.deepEqual(counted(world), range(1, 3), 'and nothing is lost');
});

for (const status of [401, 404, 500, 503]) {
  test(`a platform that answers ${status} for a day triggers no escalation`, (t) => {
    const { world } = create(t, { config: { rebootstrapAfter: '0' } });
    for (const path of ['/notification/operations', '/inventory/managedObjects', '/devicecontrol/operations']) {
      world.platform.order({ kind: 'status', status, path, times: 1e6 });
    }
    world.cutConnections('reset');
    world.run(24 * hourMs);
    t.deepEqual([resets(world).length, restarts(world).length], [0, 0]);
    world.platform.cancel();
    settle(world);
  });
}

test('one working connection counts as progress', (t) => {
  const { world } = create(t, { config: { measurementInterval: '60' } });
  world.network.decide = () => 'accept';
  world.platform.order({ kind: 'dropBefore', path: '/notification/operations', times: 1e6 });
  world.cutConnections('reset');
  world.run(5 * hourMs);
  t.deepEqual([renewals(world).length, resets(world).length, restarts(world).length], [0, 0, 0]);
});

test('a link that is down is reset now and then, and causes a restart only after a day', (t) => {
  const { world } = create(t);
  world.device.linkDown();
  world.run(23 * hourMs);
  t.true(resets(world).length > 20);
  t.deepEqual(restarts(world), []);
  world.run(2 * hourMs);
  t.is(restarts(world).length, 1);
});

test('without flash a restart would lose waiting records: only after a day', (t) => {
  const { world, author } = create(t, { nor: undefined });
  isolate(world);
  author.count(1, 3);
  world.run(23 * hourMs);
  t.deepEqual(restarts(world), []);
  world.network.decide = () => 'accept';
  settle(world);
  world.run(minuteMs);
  t.deepEqual(counted(world), range(1, 3));
});

test('no memory for a connection: a restart, and the link is left alone', (t) => {
  const { world } = create(t);
  isolate(world, 'no-memory');
  world.run(40 * minuteMs);
  t.is(resets(world).length, 0);
  t.is(restarts(world).length, 1);
});

test('a quiet device with a long poll of hours is not in trouble', (t) => {
  const { world } = create(t, { config: { pollTimeout: '7200', requiredAvailability: '0' } });
  world.run(24 * hourMs);
  t.false(logged(world, 'new connections'));
  t.deepEqual([resets(world).length, restarts(world).length], [0, 0]);
});

test('devices that lost the platform together make new connections at different times', (t) => {
  const moment = (seed: number) => {
    const world = new World({ seed, config: quiet });
    world.start();
    settle(world);
    const sinceMs = world.time.nowMs;
    world.network.decide = () => 'refused';
    world.cutConnections('reset');
    world.run(14 * minuteMs);
    return (renewals(world)[0] ?? 0) - sinceMs;
  };
  const all = range(1, 20).map(moment);
  t.true(Math.min(...all) >= 10 * minuteMs);
  t.true(Math.max(...all) - Math.min(...all) > minuteMs, `${all}`);
});
