// SPDX-License-Identifier: Apache-2.0

import { gunzipSync } from 'node:zlib';
import test from 'ava';
import type { Fault, FaultKind } from '../../../../tools/platform/faults.ts';
import type { Lie } from '../../../../tools/platform/lies.ts';
import type { JsonObject } from '../../../../tools/platform/model.ts';
import { createBinary } from '../../../../tools/platform/operator.ts';
import { type Answer, handshakeMessage } from '../desk.ts';
import { change, objects, scene } from './fault-scene.ts';

/** A held connect with two operations, answered. */
function pushed(fault: Fault, operations: number): { answer: Answer; ids: string[] } {
  const { desk, user, id } = scene();
  const clientId = desk.listen({ user, id });
  desk.platform.order(fault);
  const answer = desk.connect(user, clientId);
  return { answer, ids: Array.from({ length: operations }, () => desk.operation(id)) };
}

function dataIds(answer: Answer): unknown[] {
  return answer.list.filter(({ data }) => data !== undefined).map(({ data }) => (data as JsonObject)['id']);
}

const kinds = new Set<FaultKind>();

/** A test of one kind; the last test sees that none is left out. */
function testKind(kind: FaultKind, name: string, run: (t: import('ava').ExecutionContext) => void): void {
  kinds.add(kind);
  test(`${kind}: ${name}`, run);
}

testKind('delay', 'the request is applied late', (t) => {
  const there = scene();
  there.desk.platform.order({ kind: 'delay', ms: 5000 });
  const { answer, isApplied } = change(there);
  t.false(isApplied());
  there.desk.time.advance(4999);
  t.is(answer.status, undefined);
  there.desk.time.advance(1);
  t.true(isApplied());
  t.is(answer.status, 200);
});

testKind('delay', 'a request whose connection goes meanwhile has no effect', (t) => {
  for (const cut of [true, false]) {
    const there = scene();
    there.desk.platform.order({ kind: 'delay', ms: 5000 });
    if (cut) there.desk.platform.order({ kind: 'cut', ms: 700 });
    const { isApplied } = change(there);
    if (!cut) there.desk.platform.forgive(there.user);
    there.desk.time.advance(10_000);
    t.false(isApplied());
  }
});

testKind('delay', 'the answer is late', (t) => {
  const there = scene();
  there.desk.platform.order({ kind: 'delay', ms: 5000, after: true });
  const { answer, isApplied } = change(there);
  t.true(isApplied());
  t.is(answer.status, undefined);
  there.desk.time.advance(5000);
  t.is(answer.status, 200);
  t.is(answer.json['c8y_X'], 1);
});

testKind('dropBefore', 'no effect, no answer', (t) => {
  const there = scene();
  there.desk.platform.order({ kind: 'dropBefore' });
  const { answer, isApplied } = change(there);
  t.true(answer.isDropped);
  t.false(isApplied());
});

testKind('dropAfter', 'an effect, no answer', (t) => {
  const there = scene();
  there.desk.platform.order({ kind: 'dropAfter' });
  const { answer, isApplied } = change(there);
  t.true(answer.isDropped);
  t.is(answer.status, undefined);
  t.true(isApplied());
});

testKind('cut', 'a held poll ends in the middle', (t) => {
  const { desk, user, id } = scene();
  const clientId = desk.listen({ user, id });
  desk.platform.order({ kind: 'cut', ms: 1000, channel: '/meta/connect' });
  const answer = desk.connect(user, clientId);
  desk.time.advance(1000);
  t.true(answer.isDropped);
  t.is(answer.status, 200, 'the head was out');
  desk.operation(id);
  t.is(desk.connect(user, clientId).list.length, 2, 'the session is still there');
});

testKind('status', 'nothing is applied, with Retry-After', (t) => {
  const there = scene();
  there.desk.platform.order({ kind: 'status', status: 429, retryAfterSeconds: 7 });
  const { answer, isApplied } = change(there);
  t.is(answer.status, 429);
  t.is(answer.headers['Retry-After'], '7');
  t.like(answer.json, { error: 'general/ordered' });
  t.false(isApplied());
  t.is(change(there).answer.status, 200, 'once only');
});

testKind('status', 'applied, with a page of a load balancer', (t) => {
  const there = scene();
  there.desk.platform.order({ kind: 'status', status: 502, html: true, applied: true });
  const { answer, isApplied } = change(there);
  t.is(answer.status, 502);
  t.is(answer.headers['Content-Type'], 'text/html');
  t.regex(answer.text, /^<html>/);
  t.true(isApplied());
});

testKind('status', 'a body of choice', (t) => {
  const there = scene();
  there.desk.platform.order({ kind: 'status', status: 200, body: '{"id":' });
  t.is(change(there).answer.text, '{"id":');
});

testKind('truncate', 'so many bytes of the body', (t) => {
  const there = scene();
  there.desk.platform.order({ kind: 'truncate', bytes: 10 });
  const { answer } = change(there);
  t.is(answer.text.length, 10);
  t.true(Number(answer.headers['Content-Length']) > 10);
  t.true(answer.isDropped);
});

testKind('trickle', 'piece by piece', (t) => {
  const there = scene();
  there.desk.platform.order({ kind: 'trickle', ms: 100, bytes: 50 });
  const { answer } = change(there);
  t.is(answer.text.length, 50);
  there.desk.time.advance(100);
  t.is(answer.text.length, 100);
  there.desk.time.advance(60_000);
  t.is(answer.json['c8y_X'], 1);
});

testKind('empty', 'the status without a body', (t) => {
  const { desk, user, id } = scene();
  const clientId = desk.listen({ user, id });
  desk.platform.order({ kind: 'empty', channel: '/meta/connect' });
  const answer = desk.connect(user, clientId);
  desk.operation(id);
  t.is(answer.status, 200);
  t.is(answer.headers['Content-Length'], '0');
  t.is(answer.text, '');
});

testKind('lie', 'a coding that nobody has asked for, and an answer that it is not about', (t) => {
  const { desk, user, id } = scene();
  const file = Buffer.from('0123456789'.repeat(100));
  const path = `/inventory/binaries/${createBinary(desk.platform, file).id}`;
  desk.platform.order({ kind: 'lie', about: 'gzip' });
  const { headers, pieces } = desk.send('GET', path, { as: user });
  t.is(headers['Content-Encoding'], 'gzip');
  t.deepEqual(gunzipSync(Buffer.concat(pieces)), file);
  desk.platform.order({ kind: 'lie', about: 'surplus' });
  t.is(desk.send('GET', `${objects}/${id}`, { as: user }).json['id'], id);
  t.throws(() => desk.platform.order({ kind: 'lie', about: 'nothing' as Lie }), { message: /about: one of longer, / });
});

testKind('date', 'the server lies about the time', (t) => {
  const there = scene();
  t.is(change(there).answer.headers['Date'], 'Thu, 15 Jan 2026 12:00:00 GMT');
  there.desk.platform.order({ kind: 'date', skewMs: -86_400_000 });
  t.is(change(there).answer.headers['Date'], 'Wed, 14 Jan 2026 12:00:00 GMT');
  there.desk.platform.settings.dateSkewMs = 3_600_000;
  t.is(change(there).answer.headers['Date'], 'Thu, 15 Jan 2026 13:00:00 GMT');
});

testKind('expireToken', 'the token ends right now', (t) => {
  const { desk, user, id } = scene();
  const found = desk.platform.core.findUser('t1000', user);
  const token = found === undefined ? '' : desk.platform.core.tokens.issue(found, 3600);
  const options = { as: 'none', headers: { authorization: `Bearer ${token}` } };
  t.is(desk.send('GET', `${objects}/${id}`, options).status, 200);
  desk.platform.order({ kind: 'expireToken' });
  t.is(desk.send('GET', `${objects}/${id}`, options).status, 401);
  t.is(desk.send('GET', `${objects}/${id}`, options).status, 401, 'it stays expired');
  t.deepEqual(desk.broken, []);
});

testKind('duplicatePush', 'an operation twice', (t) => {
  const { answer, ids } = pushed({ kind: 'duplicatePush' }, 1);
  t.deepEqual(dataIds(answer), [ids[0], ids[0]]);
});

testKind('pairPushes', 'two operations in one reply', (t) => {
  const { answer, ids } = pushed({ kind: 'pairPushes' }, 2);
  t.deepEqual(dataIds(answer), ids);
});

testKind('connectFirst', 'the reply before the operation', (t) => {
  const { answer } = pushed({ kind: 'connectFirst' }, 1);
  t.is(answer.list[0]?.['channel'], '/meta/connect');
  t.is(answer.list.length, 2);
});

for (const channel of ['/meta/handshake', '/meta/subscribe', '/meta/connect']) {
  testKind('bayeuxError', `${channel} fails and the session is over`, (t) => {
    const { desk, user, id } = scene();
    desk.platform.order({ kind: 'bayeuxError', channel, error: '403::Denied', advice: { reconnect: 'none' } });
    const [handshake] = desk.bayeux(user, [handshakeMessage]).list;
    const clientId = String(handshake?.['clientId']);
    const [subscribe] = desk.bayeux(user, [{ channel: '/meta/subscribe', clientId, subscription: `/${id}` }]).list;
    const connect = desk.connect(user, clientId);
    const replies = [handshake, subscribe, connect.isEnded ? connect.list[0] : undefined];
    t.like(
      replies.find((reply) => reply?.['channel'] === channel),
      { successful: false, error: '403::Denied', advice: { reconnect: 'none' } },
    );
    t.is(desk.platform.core.sessions.size, 0);
  });
}

testKind('bayeuxError', '402 by default', (t) => {
  const { desk, user, id } = scene();
  const clientId = desk.listen({ user, id });
  desk.platform.order({ kind: 'bayeuxError', channel: '/meta/connect' });
  t.like(desk.connect(user, clientId).list[0], { error: '402::Unknown client', advice: { reconnect: 'handshake' } });
});

testKind('advice', 'an interval and a time-out', (t) => {
  const { desk, user, id } = scene();
  const clientId = desk.listen({ user, id });
  desk.platform.order({ kind: 'advice', channel: '/meta/connect', advice: { interval: 5000, timeout: 30_000 } });
  const answer = desk.connect(user, clientId, { advice: { timeout: 0 } });
  t.deepEqual(answer.list[0]?.['advice'], { reconnect: 'retry', interval: 5000, timeout: 30_000 });
  t.is(desk.platform.core.sessions.size, 1);
});

for (const reconnect of ['handshake', 'none'] as const) {
  testKind('advice', `${reconnect} ends the session`, (t) => {
    const { desk, user, id } = scene();
    const clientId = desk.listen({ user, id });
    desk.platform.order({ kind: 'advice', channel: '/meta/connect', advice: { reconnect } });
    const answer = desk.connect(user, clientId, { advice: { timeout: 0 } });
    t.like(answer.list[0], { successful: true, advice: { reconnect } });
    t.is(desk.platform.core.sessions.size, 0);
  });
}

testKind('advice', 'on a handshake', (t) => {
  const { desk, user } = scene();
  desk.platform.order({ kind: 'advice', channel: '/meta/handshake', advice: { interval: 1 } });
  t.like(desk.bayeux(user, [handshakeMessage]).list[0], { advice: { interval: 1 } });
});

test('every kind is tested', (t) => {
  const known: Record<FaultKind, true> = {
    delay: true,
    dropBefore: true,
    dropAfter: true,
    cut: true,
    status: true,
    truncate: true,
    trickle: true,
    empty: true,
    lie: true,
    date: true,
    expireToken: true,
    duplicatePush: true,
    pairPushes: true,
    connectFirst: true,
    bayeuxError: true,
    advice: true,
  };
  t.deepEqual([...kinds].sort(), Object.keys(known).sort());
});
