// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { readAnswer, writeRequest } from '../../../../hal/esp32/time/sntp-packet.ts';
import { type NtpAnswer, ntpAnswer } from '../../../support/ntp-server.ts';
import fc from '../../../support/property.ts';
import { asked, DAY_MS, NOW_MS } from './sntp-scene.ts';

const REFUSED: readonly (readonly [string, NtpAnswer])[] = [
  ['a question', { mode: 3 }],
  ['a broadcast', { mode: 5 }],
  ['another version', { version: 3 }],
  ['a server without a time', { leap: 3 }],
  ['a server without a source', { stratum: 16 }],
  ['a stratum out of range', { stratum: 255 }],
  ['no time', { sentMs: -Infinity }],
  ['no time of arrival', { receivedMs: -Infinity }],
  ['sent before it was received', { receivedMs: NOW_MS + 10 }],
  ['held for longer than it took', { receivedMs: NOW_MS - 103 }],
  ['a time before the floor', { receivedMs: Date.UTC(2026, 0, 1), sentMs: Date.UTC(2026, 0, 1) }],
];

test('the time inside the server is not part of the delay', (t) => {
  const world = asked();
  world.run(500);
  world.answer(NOW_MS, { receivedMs: NOW_MS - 300 });
  t.deepEqual(world.times, [NOW_MS + 100]);
});

for (const [name, answer] of REFUSED) {
  test(`refused, and the right answer is still awaited: ${name}`, (t) => {
    const world = asked();
    world.run(100);
    world.answer(NOW_MS, answer);
    t.deepEqual(world.times, []);
    world.answer();
    t.deepEqual(world.times, [NOW_MS + 50]);
  });
}

test('refused: what does not come from where it was asked, or not in answer to this question', (t) => {
  const world = asked();
  const right = ntpAnswer(world.request, NOW_MS);
  world.receive(right, '192.0.2.2');
  world.receive(right, '192.0.2.1', 124);
  world.receive(right.subarray(0, 47));
  world.receive(new Uint8Array(0));
  for (let at = 24; at < 32; at++) {
    const wrong = right.slice();
    wrong[at] = (wrong[at] as number) ^ 1;
    world.receive(wrong);
  }
  t.deepEqual(world.times, []);
  world.receive(right);
  world.receive(right);
  t.deepEqual(world.times, [NOW_MS], 'once');
});

test('an answer after the deadline does not count', (t) => {
  const world = asked();
  const late = ntpAnswer(world.request, NOW_MS);
  world.run(2000);
  t.is(world.openPorts, 0);
  world.receive(late);
  world.run(15_000);
  t.is(world.sent.length, 2);
  world.receive(late);
  t.deepEqual(world.times, []);
});

for (const reference of ['DENY', 'RSTR']) {
  test(`an address that says ${reference} is never asked again, others of the name are`, (t) => {
    const world = asked('pool.example');
    world.answer(NOW_MS, { stratum: 0, leap: 3, reference });
    t.is(world.openPorts, 0);
    world.run(10 * DAY_MS);
    t.is(world.sent.length, 1, 'it has no other address');
    world.addresses = ['192.0.2.1', '192.0.2.2'];
    world.run(DAY_MS * 1.1);
    t.deepEqual(new Set(world.sent.slice(1).map(({ to }) => to)), new Set(['192.0.2.2:123']));
    world.run(DAY_MS);
    world.receive(ntpAnswer(world.request, NOW_MS), '192.0.2.2');
    world.sntp.linkChanged(false);
    world.sntp.linkChanged(true);
    world.run(DAY_MS * 1.1);
    t.false(world.sent.slice(1).some(({ to }) => to === '192.0.2.1:123'));
  });
}

test('the memory for refusing addresses is bounded', (t) => {
  const world = asked('pool.example');
  for (let i = 1; i <= 20; i++) {
    world.addresses = [`192.0.2.${i}`, `198.51.100.${i}`];
    const count = world.sent.length;
    for (let day = 0; day < 3 && world.sent.length === count; day++) world.run(DAY_MS);
    const { bytes, to = '' } = world.sent.at(-1) ?? { bytes: world.request };
    world.receive(ntpAnswer(bytes, NOW_MS, { stratum: 0, leap: 3, reference: 'DENY' }), to.replace(':123', ''));
  }
  t.true(world.sent.length >= 20);
  t.true(world.isIdle === false);
});

test('RATE: it is asked again, but each time later, whatever the link does', (t) => {
  const world = asked();
  const waits: number[] = [];
  for (let i = 0; i < 3; i++) {
    const from = world.ticks;
    world.answer(NOW_MS, { stratum: 0, leap: 3, reference: 'RATE' });
    const count = world.sent.length;
    world.sntp.linkChanged(false);
    world.sntp.linkChanged(true);
    while (world.sent.length === count) world.run(500);
    waits.push(world.ticks - from);
  }
  t.deepEqual(waits, [30_000, 60_000, 120_000]);
  world.answer();
  t.is(world.times.length, 1);
});

test('any other kiss means nothing', (t) => {
  const world = asked();
  world.run(100);
  for (const reference of ['INIT', 'STEP', 'X', '']) world.answer(NOW_MS, { stratum: 0, leap: 3, reference });
  world.answer();
  t.deepEqual(world.times, [NOW_MS + 50]);
});

test('a kiss of death counts only in answer to the question', (t) => {
  const world = asked();
  world.receive(
    ntpAnswer(
      writeRequest((into) => into.fill(7)),
      NOW_MS,
      { stratum: 0, leap: 3, reference: 'DENY' },
    ),
  );
  world.answer();
  t.is(world.times.length, 1);
});

test('a timestamp is read as it was written, from 1968 to 2104', (t) => {
  const request = writeRequest((into) => into.fill(1));
  const from = Date.UTC(1968, 0, 21);
  const to = Date.UTC(2104, 1, 26);
  // The last ones of the first era, and the first of the next; its very first moment means that there is none.
  const wrapMs = (2 ** 32 - 2_208_988_800) * 1000;
  const times = fc.oneof(fc.integer({ min: from, max: to }), fc.constantFrom(wrapMs - 1, wrapMs, wrapMs + 1));
  const isReadAsWritten = (ms: number) => {
    const answer = readAnswer(ntpAnswer(request, ms), request);
    if (answer === undefined || typeof answer === 'string') return ms === wrapMs;
    return Math.round(answer.sentMs) === ms && Math.round(answer.receivedMs) === ms;
  };
  t.notThrows(() => fc.assert(fc.property(times, isReadAsWritten)));
});

test('any bytes at all are read without an error', (t) => {
  const request = writeRequest((into) => into.fill(1));
  t.notThrows(() =>
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void readAnswer(bytes, request))),
  );
});
