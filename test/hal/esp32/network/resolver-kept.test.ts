// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { addressRecords, alias, dnsAnswer, RCODES } from '../../../support/name-server.ts';
import { DnsWorld, found, foundFor } from './dns-world.ts';
import { BOTH, code, NOBODY, ONE, silent, THREE, TWO } from './resolving.ts';

test('a name that does not exist: reported at once, not kept, and the former addresses are forgotten', (t) => {
  const world = new DnsWorld(foundFor(1, ONE));
  world.platform = (_, answer) => answer(THREE);
  world.resolve();
  world.time.run(2000);
  for (const reply of [code(RCODES.nameError), (request: Uint8Array) => dnsAnswer(request, [])]) {
    world.servers.set('192.0.2.53', reply);
    t.deepEqual(world.resolve(), ['there is no address of a.example']);
    t.deepEqual(world.resolve(), ['there is no address of a.example']);
  }
  t.is(world.asked.length, 5);
  t.deepEqual(world.platformAsked, [], 'a server has said so');
  world.servers.set('192.0.2.53', silent);
  world.platform = undefined;
  t.deepEqual(world.resolve(), [NOBODY]);
});

test('without servers, and without sockets, the platform is asked; its answer holds for a minute', (t) => {
  const world = new DnsWorld();
  world.platform = (_, answer) => answer(THREE);
  t.deepEqual(world.resolve(), [THREE]);
  t.is(world.time.nowMs, 0);
  world.time.run(59_000);
  world.resolve();
  t.is(world.platformAsked.length, 1);
  world.time.run(1000);
  world.resolve();
  t.is(world.platformAsked.length, 2);
  for (const lack of ['hasNoSocket', 'hasNoWay'] as const) {
    const other = new DnsWorld(found(ONE));
    other[lack] = true;
    other.platform = (_, answer) => answer(THREE);
    t.deepEqual(other.resolve(), [THREE]);
    t.true(other.isIdle);
  }
});

test('a socket that is there again is used', (t) => {
  const world = new DnsWorld(found(ONE));
  world.hasNoSocket = true;
  const listener = world.listen();
  world.time.run(500);
  world.hasNoSocket = false;
  world.time.run(1000);
  t.deepEqual(listener.told, [ONE]);
});

test('while DNS is silent, the addresses of last time do, and it is not asked again for half a minute', (t) => {
  const world = new DnsWorld(foundFor(10, ONE, TWO));
  world.resolve();
  world.servers.clear();
  world.time.run(100_000);
  t.deepEqual(world.resolve(), [BOTH]);
  t.is(world.asked.length, 5);
  world.time.run(29_000);
  t.deepEqual(world.resolve(), [BOTH]);
  t.is(world.asked.length, 5);
  world.time.run(2000);
  t.deepEqual(world.resolve(), [BOTH]);
  t.is(world.asked.length, 9);
});

test('the platform: one that throws, never answers, or answers too late', (t) => {
  const throwing = new DnsWorld();
  throwing.platform = () => {
    throw new RangeError('no memory');
  };
  t.deepEqual(throwing.resolve(), ['no DNS server tells the address of a.example']);
  const wild = new DnsWorld(silent);
  const other = wild.listen('b.example');
  wild.time.run(100);
  wild.nameServers = [];
  wild.platform = (_, answer) => {
    answer(THREE);
    throw new RangeError('no memory');
  };
  t.deepEqual(wild.resolve(), [THREE]);
  wild.platform = undefined;
  wild.time.run(60_000);
  t.deepEqual(other.told, ['no DNS server tells the address of b.example']);
  const mute = new DnsWorld();
  const answers: ((address: string | undefined) => void)[] = [];
  mute.platform = (_, answer) => answers.push(answer);
  for (let i = 0; i < 6; i++) t.deepEqual(mute.resolve(), [NOBODY]);
  t.is(mute.platformAsked.length, 4, 'no more are left waiting');
  answers[0]?.(THREE);
  t.deepEqual(mute.resolve(), [NOBODY], 'too late');
  t.is(mute.platformAsked.length, 5);
  t.true(mute.isIdle);
});

test('what throws while a question begins keeps no name from being asked for again', (t) => {
  const world = new DnsWorld(found(ONE));
  const servers = world.nameServers;
  for (const host of ['a', 'b', 'c', 'd'].map((name) => `${name}.example`)) {
    Object.defineProperty(world, 'nameServers', {
      configurable: true,
      get: () => {
        throw new Error('no entropy');
      },
    });
    t.deepEqual(world.resolve(host), [`no DNS server tells the address of ${host}`]);
    Object.defineProperty(world, 'nameServers', { configurable: true, value: servers });
    t.deepEqual(world.resolve(host), [ONE]);
  }
  t.is(world.thrown.length, 4);
  t.true(world.isIdle);
});

test('how long an answer holds: a second at least, a day at most', (t) => {
  const world = new DnsWorld(foundFor(0, ONE));
  world.resolve();
  world.resolve();
  t.is(world.asked.length, 1);
  world.time.run(1000);
  world.resolve();
  t.is(world.asked.length, 2);
  const long = new DnsWorld(foundFor(2 ** 31 - 1, ONE));
  long.resolve();
  long.time.run(86_399_000);
  long.resolve();
  t.is(long.asked.length, 1);
  long.time.run(1000);
  long.resolve();
  t.is(long.asked.length, 2);
});

test('the shortest time of a chain counts', (t) => {
  const world = new DnsWorld((request) =>
    dnsAnswer(request, [alias('a.example', 'b.example', 5), ...addressRecords('b.example', [ONE], 3600)]),
  );
  world.resolve();
  world.time.run(5000);
  world.resolve();
  t.is(world.asked.length, 2);
});

test('an address that has worked comes first, also after DNS was asked again; one that has failed comes last', (t) => {
  const world = new DnsWorld(foundFor(60, ONE, TWO, THREE));
  world.resolve();
  world.resolver.worked('a.example', TWO);
  t.deepEqual(world.resolve(), [`${TWO} ${ONE} ${THREE}`]);
  world.time.run(60_000);
  t.deepEqual(world.resolve(), [`${TWO} ${ONE} ${THREE}`]);
  world.resolver.failed('a.example', TWO);
  t.deepEqual(world.resolve(), [`${ONE} ${THREE} ${TWO}`]);
  world.resolver.failed('a.example', ONE);
  t.deepEqual(world.resolve(), [`${THREE} ${TWO} ${ONE}`]);
  world.resolver.failed('a.example', THREE);
  t.deepEqual(world.resolve(), [`${TWO} ${ONE} ${THREE}`], 'all have: that of which it is longest ago');
  world.resolver.worked('a.example', ONE);
  t.deepEqual(world.resolve(), [`${ONE} ${TWO} ${THREE}`]);
  world.servers.set('192.0.2.53', foundFor(60, THREE, TWO));
  world.time.run(60_000);
  t.deepEqual(world.resolve(), [`${TWO} ${THREE}`], 'what DNS does not name any more is gone');
  world.resolver.worked('unknown.example', ONE);
  world.resolver.failed('unknown.example', ONE);
});

test('after a failure, DNS is asked before the next connection', (t) => {
  const world = new DnsWorld(foundFor(3600, ONE));
  world.resolve();
  world.servers.set('192.0.2.53', foundFor(3600, TWO));
  t.deepEqual(world.resolve(), [ONE]);
  world.resolver.failed('a.example', ONE);
  t.deepEqual(world.resolve(), [TWO]);
});

test('four hosts are kept, those used last', (t) => {
  const world = new DnsWorld(found(ONE));
  for (const host of ['a', 'b', 'c', 'd', 'a', 'e']) world.resolve(host);
  t.is(world.asked.length, 5);
  for (const host of ['a', 'c', 'd', 'e']) world.resolve(host);
  t.is(world.asked.length, 5);
  world.resolve('b');
  t.is(world.asked.length, 6);
});
