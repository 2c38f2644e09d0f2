// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { RCODES } from '../../../support/name-server.ts';
import { DnsWorld, found, foundFor, Listener } from './dns-world.ts';
import { BOTH, code, NOBODY, ONE, silent, THREE, TWO } from './resolving.ts';

test('all addresses, in the order of the server; asked once for as long as they hold', (t) => {
  const world = new DnsWorld(foundFor(60, ONE, TWO));
  t.deepEqual(world.resolve(), [BOTH]);
  t.true(world.isIdle);
  world.time.run(59_000);
  t.deepEqual(world.resolve(), [BOTH]);
  t.is(world.asked.length, 1);
  world.time.run(1000);
  t.deepEqual(world.resolve(), [BOTH]);
  t.is(world.asked.length, 2);
  t.deepEqual(world.platformAsked, []);
});

test('nobody is told within the call', (t) => {
  const world = new DnsWorld(found(ONE));
  for (const host of ['a.example', 'a.example', '192.0.2.7', 'not a name']) {
    const listener = world.listen(host);
    t.deepEqual(listener.told, []);
    world.time.run(10_000);
    t.is(listener.told.length, 1);
  }
});

test('an address is used as it is, and no DNS server is asked for local names', (t) => {
  const world = new DnsWorld(found(ONE));
  t.deepEqual(world.resolve('192.0.2.7'), ['192.0.2.7']);
  t.deepEqual(world.resolve('2001:db8::7'), ['2001:db8::7']);
  t.deepEqual(world.platformAsked, []);
  world.platform = (_, answer) => answer(THREE);
  for (const host of ['localhost', 'a.localhost', 'printer.local', 'Printer.LOCAL.']) {
    t.deepEqual(world.resolve(host), [THREE], host);
  }
  t.deepEqual(world.asked, []);
  t.is(world.platformAsked.length, 4);
});

test('an invalid DNS name is left to the platform', (t) => {
  const world = new DnsWorld(found(ONE));
  world.platform = (_, answer) => answer(THREE);
  t.deepEqual(world.resolve('bücher.example'), [THREE]);
  t.deepEqual(world.asked, []);
});

test('several requests for the same name at the same time: one question', (t) => {
  const world = new DnsWorld(found(ONE));
  const listeners = [world.listen(), world.listen(), world.listen('b.example')];
  world.time.run(100);
  t.deepEqual(
    listeners.map(({ told }) => told),
    [[ONE], [ONE], [ONE]],
  );
  t.deepEqual(world.asked.map(({ name }) => name).sort(), ['a.example', 'b.example']);
});

test('a cancelled request gets no answer; the next request gets it', (t) => {
  const world = new DnsWorld(found(ONE));
  const listener = world.listen();
  world.resolver.forget(listener);
  world.resolver.forget(new Listener());
  world.time.run(100);
  t.deepEqual(listener.told, []);
  t.deepEqual(world.resolve(), [ONE]);
  t.is(world.asked.length, 1);
});

test('four names at the same time, and no more', (t) => {
  const world = new DnsWorld(silent);
  const listeners = ['a', 'b', 'c', 'd', 'e'].map((name) => world.listen(`${name}.example`));
  world.time.run(10);
  t.is(world.openPorts, 4);
  t.deepEqual(listeners[4]?.told, ['e.example was not looked up: too many names at the same time']);
  world.time.run(60_000);
  t.true(listeners.every(({ told }) => told.length === 1));
  t.true(world.isIdle);
});

test('a server that is silent: four questions, growing waits, then the platform, within ten seconds', (t) => {
  const world = new DnsWorld(silent);
  world.platform = () => {};
  t.deepEqual(world.resolve('a.example', 11_000), [NOBODY]);
  t.deepEqual(
    world.asked.map(({ atMs }) => atMs),
    [0, 1000, 2000, 4000],
  );
  t.is(world.time.nowMs, 10_000);
  t.true(world.isIdle);
});

test('servers are asked in turn; each answer counts, also one that comes late', (t) => {
  const world = new DnsWorld(silent, found(ONE));
  t.deepEqual(world.resolve(), [ONE]);
  t.deepEqual(
    world.asked.map(({ server }) => server),
    ['192.0.2.53', '192.0.2.54'],
  );
  const late = new DnsWorld(silent, silent);
  const listener = late.listen();
  late.time.run(1500);
  const [first] = late.asked;
  for (const receive of late.receivers) if (first) receive(found(TWO)(first.request) as Uint8Array, first.server, 53);
  t.deepEqual(listener.told, [TWO]);
  t.true(late.isIdle);
});

test('of more than three servers, the first three', (t) => {
  const world = new DnsWorld(silent, silent, silent, found(ONE));
  t.deepEqual(world.resolve(), [NOBODY]);
  t.deepEqual(
    world.asked.map(({ server }) => server),
    ['192.0.2.53', '192.0.2.54', '192.0.2.55', '192.0.2.53'],
  );
});

test('a server that cannot tell is left alone, and the next is asked at once', (t) => {
  for (const rcode of [RCODES.serverFailure, RCODES.refused, RCODES.formatError]) {
    const world = new DnsWorld(code(rcode), found(ONE));
    t.deepEqual(world.resolve(), [ONE]);
    t.true(world.time.nowMs < 100);
    const alone = new DnsWorld(code(rcode));
    t.deepEqual(alone.resolve(), [NOBODY]);
    t.is(alone.asked.length, 1);
    t.true(alone.time.nowMs < 100);
    t.deepEqual(alone.platformAsked, ['a.example']);
  }
});

test('a server that fails while another is asked does not shorten the time of the other', (t) => {
  const world = new DnsWorld(silent, silent);
  const listener = world.listen();
  world.time.run(1500);
  const [first] = world.asked;
  const answer = first && code(RCODES.serverFailure)(first.request);
  for (const receive of world.receivers) if (first && answer) receive(answer, first.server, 53);
  world.time.run(20_000);
  t.deepEqual(listener.told, [NOBODY]);
  t.deepEqual(
    world.asked.map(({ server, atMs }) => `${server} ${atMs}`),
    ['192.0.2.53 0', '192.0.2.54 1000', '192.0.2.54 2000', '192.0.2.54 4000'],
  );
});

test('packets from elsewhere or for another question do not count; the right answer does', (t) => {
  const world = new DnsWorld(silent, found(TWO));
  const listener = world.listen();
  world.time.run(10);
  const [asked] = world.asked;
  if (asked === undefined) return t.fail();
  const right = found(ONE)(asked.request) as Uint8Array;
  const wrong = right.slice();
  wrong[0] = (wrong[0] ?? 0) ^ 1;
  for (const receive of [...world.receivers]) {
    receive(right, '192.0.2.99', 53);
    receive(right, '192.0.2.53', 54);
    receive(right, '192.0.2.54', 53); // Not asked yet.
    receive(wrong, '192.0.2.53', 53);
    receive(new Uint8Array(0), '192.0.2.53', 53);
    receive(right.subarray(0, 20), '192.0.2.53', 53);
    receive(new Uint8Array(2000), '192.0.2.53', 53);
    t.deepEqual(listener.told, []);
    receive(right, '192.0.2.53', 53);
    receive(right, '192.0.2.53', 53);
  }
  world.time.run(5000);
  t.deepEqual(listener.told, [ONE], 'once');
});

test('each lookup has a socket and an identity of its own', (t) => {
  const world = new DnsWorld(foundFor(1, ONE));
  for (let i = 0; i < 20; i++) {
    world.resolve();
    world.time.run(2000);
  }
  const identities = new Set(world.asked.map(({ request }) => `${request[0]} ${request[1]}`));
  t.is(world.asked.length, 20);
  t.true(identities.size > 15);
});

test('the network is gone: nothing is left, nobody is told, and the next one is asked again', (t) => {
  const world = new DnsWorld(foundFor(3600, ONE, TWO));
  world.resolve();
  world.servers.clear();
  world.platform = () => {};
  for (const ms of [0, 10, 7000]) {
    const listener = world.listen('b.example');
    world.time.run(ms);
    world.resolver.reset();
    t.true(world.isIdle, `after ${ms} ms`);
    world.time.run(60_000);
    t.deepEqual(listener.told, []);
  }
  const { length } = world.asked;
  t.deepEqual(world.resolve(), [BOTH], 'known from before');
  t.is(world.asked.length, length + 4);
});

test('an exception of a user is reported, and the others get their answers', (t) => {
  const world = new DnsWorld(found(ONE));
  const wild = {
    addressed() {
      throw new Error('wild');
    },
  };
  world.resolver.resolve('a.example', wild);
  const listener = world.listen();
  world.time.run(100);
  t.deepEqual(listener.told, [ONE]);
  t.is(world.thrown.length, 1);
});
