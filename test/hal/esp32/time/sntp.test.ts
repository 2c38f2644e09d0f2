// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { readServers } from '../../../../hal/esp32/time/sntp.ts';
import { ntpAnswer } from '../../../support/ntp-server.ts';
import { asked, DAY_MS, NOW_MS, World } from './sntp-scene.ts';

test('a question contains no other data, and no two questions are the same', (t) => {
  const { request, sent } = asked();
  t.is(request.length, 48);
  t.is(request[0], 0x23);
  t.true(request.subarray(1, 40).every((byte) => byte === 0));
  t.true(request.subarray(40).some((byte) => byte !== 0));
  t.notDeepEqual(request, asked().request);
  t.is(sent[0]?.to, '192.0.2.1:123');
});

test('nothing is asked before the link is up; the answer ends it for a day', (t) => {
  const world = new World();
  world.run(DAY_MS);
  t.deepEqual(world.resolved, []);
  world.sntp.linkChanged(true);
  world.run(500);
  world.run(100);
  world.answer(NOW_MS);
  t.deepEqual(world.times, [NOW_MS + 50], 'half of the way is on top');
  t.is(world.openPorts, 0);
  world.run(DAY_MS * 0.9 - 1);
  t.is(world.sent.length, 1);
  world.run(1);
  t.is(world.sent.length, 2);
});

test('where nothing comes through: four questions with growing waits, then none for a day', (t) => {
  for (const random of [0, 0.999]) {
    const world = new World();
    world.random = random;
    world.sntp.linkChanged(true);
    world.run(DAY_MS / 2);
    t.is(world.sent.length, 4);
    t.is(world.openPorts, 0);
    const gaps = world.sent.slice(1).map(({ ticks }, i) => ticks - (world.sent[i]?.ticks ?? 0));
    t.true(gaps.every((gap, i) => gap >= 15_000 * 2 ** i && gap <= 22_500 * 2 ** i + 2000));
    world.run(DAY_MS * 0.7);
    t.is(world.sent.length, 8);
  }
});

test('a silent address is reported, so that the next question goes to another one', (t) => {
  const world = asked('a.example');
  world.run(2000);
  t.deepEqual(world.silent, ['a.example 192.0.2.1']);
  world.addresses = ['192.0.2.2'];
  world.run(15_000);
  t.is(world.sent.at(-1)?.to, '192.0.2.2:123');
  world.receive(ntpAnswer(world.request, NOW_MS), '192.0.2.2');
  t.is(world.times.length, 1);
  world.run(DAY_MS / 2);
  t.is(world.silent.length, 1);
});

test('a name that is not found, a resolver that is silent, a socket that refuses: tries like any other', (t) => {
  const world = new World();
  world.addresses = [];
  world.sntp.linkChanged(true);
  world.run(17_499);
  t.is(world.resolved.length, 1);
  world.isSlow = true;
  world.run(1);
  t.is(world.resolved.length, 2);
  world.run(3000);
  world.addresses = ['192.0.2.1'];
  world.resolveLater?.();
  t.is(world.openPorts, 0, 'nobody waits for it any more');
  world.isSlow = false;
  world.refusesToSend = true;
  world.run(29_000);
  t.is(world.resolved.length, 3);
  world.refusesToSend = false;
  world.run(62_000);
  world.answer();
  t.is(world.times.length, 1);
});

test('the next question goes to the next server', (t) => {
  const world = asked('a.example, b.example:1123');
  world.run(17_000);
  t.deepEqual(world.resolved, ['a.example', 'b.example']);
  t.is(world.sent.at(-1)?.to, '192.0.2.1:1123');
});

test('without a link nothing is under way, and a link that comes and goes does not make for more questions', (t) => {
  const world = asked();
  world.sntp.linkChanged(false);
  t.is(world.openPorts, 0);
  t.true(world.isIdle);
  for (let i = 0; i < 14; i++) {
    world.sntp.linkChanged(true);
    world.run(500);
    world.sntp.linkChanged(false);
    world.run(500);
  }
  t.is(world.sent.length, 1);
  world.sntp.linkChanged(true);
  world.run(1000);
  t.is(world.sent.length, 2);
  world.answer();
  for (let i = 0; i < 20; i++) {
    world.sntp.linkChanged(false);
    world.sntp.linkChanged(true);
    world.run(3_600_000);
  }
  t.is(world.sent.length, 2, 'the time is known: once a day');
  world.run(DAY_MS * 0.9 - 20 * 3_600_000);
  t.is(world.sent.length, 3);
});

test('when the time is in doubt, it is asked as soon as that may be, once', (t) => {
  const world = asked();
  world.answer();
  world.run(3_600_000);
  world.sntp.again();
  world.sntp.again();
  world.run(0);
  t.is(world.sent.length, 2);
  world.sntp.again();
  world.answer();
  t.is(world.times.length, 2);
  world.sntp.again();
  world.run(14_999);
  t.is(world.sent.length, 2);
  world.run(1);
  t.is(world.sent.length, 3);
  world.sntp.linkChanged(false);
  world.sntp.again();
  t.true(world.isIdle);
  const none = new World('none');
  none.sntp.linkChanged(true);
  none.sntp.again();
  t.true(none.isIdle);
});

test('no servers: nothing at all', (t) => {
  const world = asked('none');
  world.run(DAY_MS);
  t.deepEqual(world.resolved, []);
});

test('the key ntpServers lists hosts with optional ports', (t) => {
  t.deepEqual(readServers(), [{ host: 'pool.ntp.org', port: 123 }]);
  t.deepEqual(readServers('a.example, 192.0.2.1:1123'), [
    { host: 'a.example', port: 123 },
    { host: '192.0.2.1', port: 1123 },
  ]);
  for (const off of ['', 'none']) t.deepEqual(readServers(off), []);
  for (const wrong of [7, 'a b', ',', 'a,', 'a:0', 'a:65536', 'a:', 'http://a', '-a', 'a,b,c,d,e']) {
    t.is(readServers(wrong), undefined, String(wrong));
  }
});
