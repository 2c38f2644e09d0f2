// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Desk } from '../desk.ts';

const path = '/devicecontrol/deviceCredentials';
const requests = '/devicecontrol/newDeviceRequests';

function poll(desk: Desk, id = 'd1', more: Record<string, string> = {}) {
  return desk.send('POST', path, { as: 'bootstrap', body: { id, ...more } });
}

test('a device gets its credentials once the operator accepts it after its first poll', (t) => {
  const desk = new Desk();
  t.is(poll(desk).status, 404);
  t.is(desk.send('POST', requests, { body: { id: 'd1' } }).json['status'], 'WAITING_FOR_CONNECTION');
  t.is(desk.send('PUT', `${requests}/d1`, { body: { status: 'ACCEPTED' } }).status, 422, 'it has not connected yet');
  t.is(poll(desk).status, 404);
  t.is(desk.send('GET', `${requests}/d1`).json['status'], 'PENDING_ACCEPTANCE');
  t.is(desk.send('PUT', `${requests}/d1`, { body: { status: 'ACCEPTED' } }).status, 200);
  const delivered = poll(desk);
  t.is(delivered.status, 200);
  t.like(delivered.json, { id: 'd1', tenantId: 't1000', username: 'device_d1' });
  t.is(desk.send('GET', `${requests}/d1`).status, 404, 'the request is used up');
  const authorization = `Basic ${btoa(`t1000/device_d1:${delivered.json['password']}`)}`;
  t.is(desk.send('GET', '/user/currentUser', { as: 'none', headers: { authorization } }).json['userName'], 'device_d1');
  t.deepEqual(desk.broken, []);
});

test('credentials come with 201 where a test wants that', (t) => {
  const desk = new Desk({ accept: true });
  desk.platform.settings.credentialsStatus = 201;
  poll(desk);
  t.is(poll(desk).status, 201);
});

test('with accept every device that asks is accepted, and asking after delivery is a breach', (t) => {
  const desk = new Desk({ accept: true });
  t.is(poll(desk).status, 404);
  t.is(poll(desk).status, 200);
  t.deepEqual(desk.broken, []);
  poll(desk);
  t.deepEqual(desk.broken, ['credentials-twice']);
});

test('credentials may be asked for again after a lost answer, a power cut or a new registration', (t) => {
  const desk = new Desk({ accept: true });
  poll(desk);
  desk.platform.order({ kind: 'dropAfter', path });
  t.true(poll(desk).isDropped);
  poll(desk);
  t.is(poll(desk).status, 200);
  desk.platform.forgive('device_d1');
  poll(desk);
  t.is(poll(desk).status, 200);
  desk.send('POST', requests, { body: { id: 'd1' } });
  poll(desk);
  t.deepEqual(desk.broken, []);
});

test('acceptAll takes what is pending, but nobody with a security token', (t) => {
  const desk = new Desk();
  for (const id of ['d1', 'd2', 'd3']) desk.send('POST', requests, { body: { id } });
  poll(desk, 'd1');
  poll(desk, 'd2', { securityToken: 'secret' });
  const accepted = desk.send('POST', `${requests}/acceptAll`).json['newDeviceRequests'];
  t.deepEqual(
    (accepted as { id: string }[]).map(({ id }) => id),
    ['d1'],
  );
  t.is(desk.send('GET', `${requests}/d2`).json['status'], 'PENDING_ACCEPTANCE');
  t.is(desk.send('GET', `${requests}/d3`).json['status'], 'WAITING_FOR_CONNECTION');
});

test('a security token must be repeated by the operator; three wrong ones block the device', (t) => {
  const desk = new Desk();
  desk.send('POST', requests, { body: { id: 'd1' } });
  poll(desk, 'd1', { securityToken: 'right' });
  const accept = (securityToken: string) =>
    desk.send('PUT', `${requests}/d1`, { body: { status: 'ACCEPTED', securityToken } }).status;
  t.is(accept('wrong'), 422);
  t.is(accept('right'), 200);
  t.is(poll(desk, 'd1').status, 422, 'the device has to send it too');
  t.is(poll(desk, 'd1', { securityToken: 'right' }).status, 200);
  desk.send('POST', requests, { body: { id: 'd2' } });
  poll(desk, 'd2', { securityToken: 'right' });
  const refuse = () =>
    desk.send('PUT', `${requests}/d2`, { body: { status: 'ACCEPTED', securityToken: 'wrong' } }).status;
  t.deepEqual([refuse(), refuse(), refuse()], [422, 422, 422]);
  t.is(desk.send('GET', `${requests}/d2`).json['status'], 'BLOCKED');
});

for (const [policy, deviceSends, status] of [
  ['IGNORED', 'token', 200],
  ['OPTIONAL', undefined, 200],
  ['REQUIRED', undefined, 422],
] as const) {
  test(`security token policy ${policy}, device sends ${deviceSends ?? 'none'}: accepting answers ${status}`, (t) => {
    const desk = new Desk();
    const option = { category: 'device-registration', key: 'security-token.policy', value: policy };
    desk.send('POST', '/tenant/options', { body: option });
    desk.send('POST', requests, { body: { id: 'd1' } });
    poll(desk, 'd1', deviceSends === undefined ? {} : { securityToken: deviceSends });
    t.is(desk.send('PUT', `${requests}/d1`, { body: { status: 'ACCEPTED' } }).status, status);
  });
}

test('what cannot be registered or asked for is refused', (t) => {
  const desk = new Desk();
  t.is(desk.send('POST', requests, { body: {} }).status, 422);
  t.is(desk.send('POST', requests, { body: { id: 'a/b' } }).status, 422);
  t.is(desk.send('POST', requests, { body: { id: 'd1' } }).status, 201);
  t.is(desk.send('POST', requests, { body: { id: 'd1' } }).status, 409);
  t.is(desk.send('PUT', `${requests}/d1`, { body: {} }).status, 422);
  t.is(desk.send('DELETE', `${requests}/d1`).status, 204);
  t.is(desk.send('DELETE', `${requests}/d1`).status, 404);
  t.deepEqual(desk.send('GET', `${requests}/limit`).json, { isReached: false });
  t.is(desk.send('POST', path, { as: 'none', body: { id: 'd1' } }).status, 401);
  t.is(desk.send('POST', path, { as: desk.user('d2'), body: { id: 'd1' } }).status, 403);
  t.is(desk.send('GET', '/inventory/managedObjects', { as: 'bootstrap' }).status, 403);
});
