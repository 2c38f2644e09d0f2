// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { JsonObject } from '../../../../tools/platform/model.ts';
import { type Answer, Desk, handshakeMessage } from '../desk.ts';

const url = '/notification/operations';
const minuteMs = 60_000;

/** Channels of the replies, in order. */
function channels(answer: Answer): unknown[] {
  return answer.list.map(({ channel }) => channel);
}

function meta(answer: Answer): JsonObject | undefined {
  return answer.list.find(({ channel }) => channel === '/meta/connect');
}

test('a handshake gives a clientId and echoes id and ack', (t) => {
  const desk = new Desk();
  const { user } = desk.device('d1');
  const handshake = { ...handshakeMessage, id: '7', ext: { ack: true } };
  const answer = desk.bayeux(user, [handshake]);
  t.is(answer.status, 200);
  const [reply] = answer.list;
  t.like(reply, { channel: '/meta/handshake', successful: true, version: '1.0', id: '7', ext: { ack: true } });
  t.regex(String(reply?.['clientId']), /^[a-z0-9]{26,64}$/);
});

test('a connect is held with its head out, and answered when an operation comes', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const clientId = desk.listen(device);
  const answer = desk.connect(device.user, clientId, { id: '3' });
  t.is(answer.status, 200);
  t.is(answer.headers['Content-Length'], undefined);
  t.false(answer.isEnded);
  const operation = desk.operation(device.id);
  t.true(answer.isEnded);
  t.deepEqual(channels(answer), [`/${device.id}`, '/meta/connect']);
  t.like(answer.list[0], { data: { id: operation, deviceId: device.id, status: 'PENDING', c8y_Restart: {} } });
  t.deepEqual(answer.list[1], {
    channel: '/meta/connect',
    successful: true,
    id: '3',
    advice: { reconnect: 'retry', interval: 0, timeout: 5_400_000 },
  });
  t.deepEqual(desk.broken, []);
});

test('an operation for a child reaches the agent', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const child = desk.child(device, 'd1:c');
  const answer = desk.connect(device.user, desk.listen(device));
  desk.operation(child);
  t.like(answer.list[0], { channel: `/${device.id}`, data: { deviceId: child } });
});

test('operations between two connects wait for the next one', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const clientId = desk.listen(device);
  const [a, b] = [desk.operation(device.id), desk.operation(device.id)];
  const answer = desk.connect(device.user, clientId);
  t.deepEqual(
    answer.list.slice(0, 2).map(({ data }) => (data as JsonObject)['id']),
    [a, b],
  );
  t.not(answer.headers['Content-Length'], undefined, 'answered at once, so with a length');
});

test('spaces keep a held connect alive', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const answer = desk.connect(device.user, desk.listen(device));
  desk.time.advance(25 * minuteMs);
  t.is(answer.text, '  ', 'every ten minutes by default');
  desk.operation(device.id);
  t.is(answer.list.length, 2, 'JSON after white space');
  desk.platform.settings.heartbeatMs = 1000;
  const quick = desk.connect(device.user, desk.listen(device));
  desk.time.advance(3500);
  t.is(quick.text, '   ');
});

const holds: readonly [string, JsonObject, JsonObject, number][] = [
  ['90 minutes by default', {}, {}, 90 * minuteMs],
  ['as the handshake advised', { advice: { timeout: 60_000 } }, {}, minuteMs],
  ['as the connect advised', { advice: { timeout: 60_000 } }, { advice: { timeout: 5000 } }, 5000],
  ['at most two hours', { advice: { timeout: 99_999_999 } }, {}, 120 * minuteMs],
];
for (const [name, handshake, connect, ms] of holds) {
  test(`a connect is held ${name}`, (t) => {
    const desk = new Desk();
    const device = desk.device('d1');
    const answer = desk.connect(device.user, desk.listen(device, handshake), connect);
    desk.time.advance(ms - 1);
    t.false(answer.isEnded);
    desk.time.advance(1);
    t.deepEqual(channels(answer), ['/meta/connect']);
  });
}

test('a connect with time-out 0 is answered at once, and so is the first one where that is set', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const clientId = desk.listen(device);
  t.true(desk.connect(device.user, clientId, { advice: { timeout: 0 } }).isEnded);
  desk.platform.settings.firstConnectImmediate = true;
  const fresh = desk.listen(device);
  t.true(desk.connect(device.user, fresh).isEnded);
  t.false(desk.connect(device.user, fresh).isEnded);
});

test('a session ends ten seconds after the last connect', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const clientId = desk.listen(device);
  desk.time.advance(9999);
  const held = desk.connect(device.user, clientId);
  desk.time.advance(30_000);
  desk.operation(device.id);
  t.true(held.isEnded);
  desk.time.advance(10_000);
  const late = desk.connect(device.user, clientId);
  t.deepEqual(late.list, [
    {
      channel: '/meta/connect',
      successful: false,
      error: '402::Unknown client',
      advice: { interval: 0, reconnect: 'handshake' },
    },
  ]);
  t.deepEqual(desk.broken, ['connect-gap']);
});

test('an announced interval makes the session live longer', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const clientId = desk.listen(device);
  desk.connect(device.user, clientId, { advice: { timeout: 0, interval: 60_000 } });
  desk.time.advance(69_999);
  t.is(meta(desk.connect(device.user, clientId, { advice: { timeout: 0 } }))?.['successful'], true);
  const patient = desk.listen(device, { advice: { interval: 30_000 } });
  desk.time.advance(39_999);
  t.is(meta(desk.connect(device.user, patient, { advice: { timeout: 0 } }))?.['successful'], true);
  t.deepEqual(desk.broken, []);
});

test('a gap after a lost connection is no breach', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const clientId = desk.listen(device);
  desk.connect(device.user, clientId).close();
  desk.time.advance(60_000);
  t.is(meta(desk.connect(device.user, clientId))?.['error'], '402::Unknown client');
  t.deepEqual(desk.broken, []);
});

test('a second connect ends the first one, unless that was lost', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const clientId = desk.listen(device);
  const first = desk.connect(device.user, clientId);
  const second = desk.connect(device.user, clientId);
  t.true(first.isDropped);
  t.deepEqual(desk.broken, ['second-connect']);
  second.close();
  const third = desk.connect(device.user, clientId);
  desk.operation(device.id);
  t.true(third.isEnded);
  t.deepEqual(desk.broken, ['second-connect']);
});

test('an operation that went into a broken socket is lost, unless it was to be acknowledged', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const plain = desk.listen(device);
  const first = desk.connect(device.user, plain);
  desk.operation(device.id);
  first.close();
  t.deepEqual(channels(desk.connect(device.user, plain, { advice: { timeout: 0 } })), ['/meta/connect']);
  desk.bayeux(device.user, [{ channel: '/meta/disconnect', clientId: plain }]);

  const careful = desk.listen(device, { ext: { ack: true } });
  const held = desk.connect(device.user, careful, { ext: { ack: 0 } });
  desk.operation(device.id);
  t.like(meta(held), { ext: { ack: 1 } });
  t.is(desk.connect(device.user, careful, { ext: { ack: 0 } }).list.length, 2, 'sent again');
  const done = desk.connect(device.user, careful, { ext: { ack: 1 }, advice: { timeout: 0 } });
  t.deepEqual(channels(done), ['/meta/connect']);
});

test('disconnect answers the held connect; unsubscribe ends the stream', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const clientId = desk.listen(device);
  const held = desk.connect(device.user, clientId);
  t.like(desk.bayeux(device.user, [{ channel: '/meta/disconnect', clientId }]).list[0], { successful: true });
  t.true(held.isEnded);
  t.is(meta(desk.connect(device.user, clientId))?.['successful'], false);
  const other = desk.listen(device);
  desk.bayeux(device.user, [{ channel: '/meta/unsubscribe', clientId: other, subscription: `/${device.id}` }]);
  desk.operation(device.id);
  t.deepEqual(channels(desk.connect(device.user, other, { advice: { timeout: 0 } })), ['/meta/connect']);
});

test('402 on a subscription carries no advice; several channels may be subscribed at once', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  t.deepEqual(desk.bayeux(user, [{ channel: '/meta/subscribe', clientId: 'gone', subscription: `/${id}` }]).list, [
    { channel: '/meta/subscribe', successful: false, error: '402::Unknown client', subscription: `/${id}` },
  ]);
  const [reply] = desk.bayeux(user, [handshakeMessage]).list;
  const subscription = [`/${id}`];
  const message = { channel: '/meta/subscribe', clientId: reply?.['clientId'] ?? null, subscription };
  t.like(desk.bayeux(user, [message]).list[0], { successful: true, subscription });
});

test('a cookie binds the session where that is on', (t) => {
  const desk = new Desk();
  desk.platform.settings.cookie = true;
  const { user, id } = desk.device('d1');
  const handshake = desk.bayeux(user, [handshakeMessage]);
  const cookie = String(handshake.headers['Set-Cookie']).split(';', 1)[0] ?? '';
  const clientId = handshake.list[0]?.['clientId'] ?? null;
  const subscribe = [{ channel: '/meta/subscribe', clientId, subscription: `/${id}` }];
  t.like(desk.bayeux(user, subscribe, { headers: { cookie } }).list[0], { successful: true });
  t.like(desk.bayeux(user, subscribe).list[0], { successful: false, error: '402::Unknown client' });
  t.deepEqual(desk.broken, ['cookie']);
});

test('a session belongs to its user', (t) => {
  const desk = new Desk();
  const clientId = desk.listen(desk.device('d1'));
  t.is(meta(desk.connect(desk.device('d2').user, clientId))?.['error'], '402::Unknown client');
});

test('the eleventh session of a user ends the first', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const sessions = Array.from({ length: 11 }, () => desk.listen(device));
  t.is(desk.platform.core.sessions.size, 10);
  t.false(desk.platform.core.sessions.has(sessions[0] ?? ''));
});

test('expired sessions hear 402, also while they are held', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const clientId = desk.listen(device);
  const held = desk.connect(device.user, clientId, { id: '9' });
  desk.platform.expireSessions(device.user);
  t.like(meta(held), { id: '9', error: '402::Unknown client', advice: { reconnect: 'handshake' } });
  t.is(meta(desk.connect(device.user, clientId))?.['successful'], false);
  t.deepEqual(desk.broken, []);
});

for (const [name, bytes] of [
  ['no JSON', '{['],
  ['no array', '{"channel":"/meta/connect"}'],
  ['an empty array', '[]'],
  ['an array of something else', '[1]'],
] as const) {
  test(`${name} is answered with 400`, (t) => {
    const desk = new Desk();
    const { user } = desk.device('d1');
    t.is(desk.send('POST', url, { as: user, bytes: Buffer.from(bytes) }).status, 400);
  });
}

test('without credentials there is a challenge', (t) => {
  const answer = new Desk().send('POST', url, { as: 'none', body: [] });
  t.is(answer.status, 401);
  t.regex(String(answer.headers['WWW-Authenticate']), /^Basic/);
});
