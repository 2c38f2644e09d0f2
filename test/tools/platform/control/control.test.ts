// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Json, JsonObject } from '../../../../tools/platform/model.ts';
import { Desk } from '../desk.ts';

function control(desk: Desk, method: string, path: string, body?: Json) {
  return desk.send(method, `/emulator/${path}`, { as: 'none', ...(body === undefined ? {} : { body }) });
}

test('breaches and requests are listed and reset; the own API is in neither', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  desk.send('PUT', `/inventory/managedObjects/${id}?withChildren=false`, {
    as: user,
    body: { name: 'x' },
    extra: { connection: 4, sizeBytes: 321 },
  });
  t.like(control(desk, 'GET', 'breaches').json, { breaches: [{ rule: 'name-updated', user }] });
  const requests = control(desk, 'GET', 'requests').json['requests'] as Json[];
  t.is(requests.length, 4);
  t.like(requests[3] as object, {
    method: 'PUT',
    path: `/inventory/managedObjects/${id}?withChildren=false`,
    user,
    port: 'api',
    connection: 4,
    sizeBytes: 321,
    bodyBytes: 12,
    status: 200,
  });
  t.is(control(desk, 'DELETE', 'breaches').status, 204);
  t.is(control(desk, 'DELETE', 'requests').status, 204);
  t.deepEqual(control(desk, 'GET', 'breaches').json, { breaches: [] });
  t.deepEqual(control(desk, 'GET', 'requests').json, { requests: [] });
});

test('faults are ordered, listed and taken back', (t) => {
  const desk = new Desk();
  const fault = { kind: 'status', status: 503, path: '/alarm/**', times: 2 };
  const ordered = control(desk, 'POST', 'faults', fault);
  t.is(ordered.status, 201);
  t.deepEqual(control(desk, 'GET', 'faults').json, { faults: [{ id: ordered.json['id'] ?? 0, fault, left: 2 }] });
  control(desk, 'POST', 'faults', { kind: 'empty' });
  t.is(control(desk, 'DELETE', `faults/${ordered.json['id']}`).status, 204);
  t.is((control(desk, 'GET', 'faults').json['faults'] as unknown[]).length, 1);
  t.is(control(desk, 'DELETE', 'faults').status, 204);
  t.deepEqual(control(desk, 'GET', 'faults').json, { faults: [] });
});

const badFaults: readonly [Json, RegExp][] = [
  [{}, /^kind: one of delay, /],
  [{ kind: 'explode' }, /^kind: one of delay, /],
  [{ kind: 'delay' }, /^ms: number expected/],
  [{ kind: 'delay', ms: '5' }, /^ms: number expected/],
  [{ kind: 'delay', ms: -5 }, /^ms: not negative expected/],
  [{ kind: 'status', status: 500, retryAfter: 5 }, /^retryAfter: unknown for status/],
  [{ kind: 'empty', times: 'x' }, /^times: number expected/],
  [{ kind: 'advice', advice: null }, /^advice: object expected/],
  [[], /^body: JSON object expected/],
];
for (const [body, message] of badFaults) {
  test(`an order that is refused: ${JSON.stringify(body)}`, (t) => {
    const answer = control(new Desk(), 'POST', 'faults', body);
    t.is(answer.status, 422);
    t.regex(String(answer.json['error']), message);
  });
}

test('settings are read and changed', (t) => {
  const desk = new Desk();
  t.like(control(desk, 'GET', 'settings').json, { heartbeatMs: 600_000, cookie: false });
  t.like(control(desk, 'PUT', 'settings', { heartbeatMs: 50, cookie: true }).json, { heartbeatMs: 50, cookie: true });
  t.is(desk.platform.settings.heartbeatMs, 50);
});

for (const [body, message] of [
  [{ heartbeat: 5 }, /^heartbeat: one of heartbeatMs, /],
  [{ heartbeatMs: 'x' }, /^heartbeatMs: milliseconds from 1 expected/],
  [{ heartbeatMs: 0 }, /^heartbeatMs: milliseconds from 1 expected/],
  [{ pollTimeoutMs: -1 }, /^pollTimeoutMs: milliseconds from 0/],
  [{ dateSkewMs: 1e300 }, /^dateSkewMs: milliseconds of at most/],
  [{ hosts: 'x' }, /^hosts: array of/],
  [{ hosts: ['a b'] }, /^hosts: array of/],
  [{ toString: true }, /^toString: one of/],
  [{ credentialsStatus: 204 }, /^credentialsStatus: 200 or 201/],
] as [JsonObject, RegExp][]) {
  test(`a setting that is refused: ${JSON.stringify(body)}`, (t) => {
    const answer = control(new Desk(), 'PUT', 'settings', body);
    t.is(answer.status, 422);
    t.regex(String(answer.json['error']), message);
  });
}

test('tokens and sessions expire, power cuts are forgiven, connections are counted', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  desk.listen(device);
  const user = desk.platform.core.findUser('t1000', device.user);
  const token = user === undefined ? '' : desk.platform.core.tokens.issue(user, 3600);
  t.is(control(desk, 'POST', 'tokens/expire', { user: 'somebody' }).status, 204);
  t.is(desk.platform.core.tokens.verify(token).verdict, 'valid');
  t.is(control(desk, 'POST', 'tokens/expire').status, 204);
  t.is(desk.platform.core.tokens.verify(token).verdict, 'expired');
  t.is(control(desk, 'POST', 'sessions/expire', { user: device.user }).status, 204);
  t.is(desk.platform.core.sessions.size, 0);
  t.is(control(desk, 'POST', 'forgive', { user: device.user }).status, 204);
  t.is(control(desk, 'POST', 'forgive', {}).status, 422);
  t.deepEqual(control(desk, 'GET', 'connections').json, { accepted: 0, open: 0 });
});

test('what the emulator does not know is 404 with what it knows', (t) => {
  const answer = control(new Desk(), 'GET', 'everything');
  t.is(answer.status, 404);
  t.regex(String(answer.json['error']), /GET \/emulator\/breaches/);
});
