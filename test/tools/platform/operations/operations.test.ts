// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { JsonObject } from '../../../../tools/platform/model.ts';
import { Desk } from '../desk.ts';

const path = '/devicecontrol/operations';

function ids(desk: Desk, query: string): string[] {
  return (desk.send('GET', `${path}?pageSize=100&${query}`).json['operations'] as JsonObject[]).map(({ id }) =>
    String(id),
  );
}

test('an operation goes from PENDING over EXECUTING to SUCCESSFUL', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const operation = desk.operation(id, { c8y_Command: { text: 'help' }, description: 'x' });
  t.like(desk.send('GET', `${path}/${operation}`, { as: user }).json, {
    id: operation,
    deviceId: id,
    status: 'PENDING',
    creationTime: '2026-01-15T12:00:00.000Z',
    c8y_Command: { text: 'help' },
    description: 'x',
  });
  const put = (body: JsonObject) => desk.send('PUT', `${path}/${operation}`, { as: user, body });
  t.is(put({ status: 'EXECUTING' }).status, 200);
  const done = put({ status: 'SUCCESSFUL', c8y_Command: { text: 'help', result: 'ok' } });
  t.like(done.json, { status: 'SUCCESSFUL', c8y_Command: { text: 'help', result: 'ok' } });
  t.deepEqual(
    desk.platform.core.operations.get(operation)?.history.map(({ status }) => status),
    ['PENDING', 'EXECUTING', 'SUCCESSFUL'],
  );
  t.deepEqual(desk.broken, []);
});

test('a failed operation has a reason, the others have none', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const url = `${path}/${desk.operation(id)}`;
  t.is(desk.send('PUT', url, { as: user, body: { status: 'EXECUTING', failureReason: 'x' } }).status, 422);
  desk.send('PUT', url, { as: user, body: { status: 'EXECUTING' } });
  desk.send('PUT', url, { as: user, body: { status: 'FAILED', failureReason: 'no relay' } });
  t.like(desk.send('GET', url).json, { status: 'FAILED', failureReason: 'no relay' });
});

test('lists are oldest first, by agent with all its children, by device, status and fragment', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const child = desk.child(device, 'd1:c');
  const elsewhere = desk.device('d2');
  const [a, b] = [desk.operation(device.id), desk.operation(child, { c8y_Relay: { relayState: 'OPEN' } })];
  const c = desk.operation(elsewhere.id);
  desk.send('PUT', `${path}/${a}`, { as: device.user, body: { status: 'EXECUTING' } });
  t.deepEqual(ids(desk, `agentId=${device.id}`), [a, b]);
  t.deepEqual(ids(desk, `agentId=${device.id}&revert=true`), [b, a]);
  t.deepEqual(ids(desk, `deviceId=${child}`), [b]);
  t.deepEqual(ids(desk, 'status=PENDING'), [b, c]);
  t.deepEqual(ids(desk, 'fragmentType=c8y_Relay'), [b]);
  t.deepEqual(ids(desk, 'dateFrom=2026-01-16'), []);
  t.deepEqual(ids(desk, 'dateTo=2026-01-16'), [a, b, c]);
  const [listed] = desk.send('GET', `${path}?agentId=${device.id}`).json['operations'] as JsonObject[];
  t.like(listed, { deviceName: 'ESP32 d1', agentId: device.id });
  t.deepEqual(listed?.['deviceExternalIDs'], { externalIds: [{ type: 'c8y_Serial', externalId: 'd1' }] });
});

test('six pending operations need a second page', (t) => {
  const desk = new Desk();
  const { id } = desk.device('d1');
  for (let n = 0; n < 6; n++) desk.operation(id);
  const page = desk.send('GET', `${path}?agentId=${id}&status=PENDING`).json;
  t.is((page['operations'] as unknown[]).length, 5);
  t.true(String(page['next']).includes('currentPage=2'));
});

const refusals: readonly [string, string, JsonObject | undefined, number][] = [
  ['unknown operation', 'GET /1', undefined, 404],
  ['unknown device', 'POST ', { deviceId: '1' }, 422],
  ['no device', 'POST ', {}, 422],
  ['unknown status', 'PUT /1', { status: 'x' }, 404],
];
for (const [name, request, body, status] of refusals) {
  test(`refused: ${name}`, (t) => {
    const [method = '', tail = ''] = request.split(' ');
    const options = body === undefined ? {} : { body };
    t.is(new Desk().send(method, `${path}${tail}`, options).status, status);
  });
}

test('an update needs a known status and the right user', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const url = `${path}/${desk.operation(id)}`;
  t.is(desk.send('PUT', url, { as: user, body: {} }).status, 422);
  t.is(desk.send('PUT', url, { as: user, body: { status: 'DONE' } }).status, 422);
  t.is(desk.send('PUT', url, { as: desk.user('d2'), body: { status: 'EXECUTING' } }).status, 403);
  t.is(desk.send('GET', `${path}?status=DONE`).status, 422);
  t.is(desk.send('GET', `${path}?dateFrom=yesterday`).status, 422);
});

test('the agent that owns the parent may finish what its child has to do', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const child = desk.child(device, 'd1:c');
  desk.send('PUT', `/inventory/managedObjects/${child}`, { body: { owner: 'somebody' } });
  const url = `${path}/${desk.operation(child)}`;
  t.is(desk.send('PUT', url, { as: device.user, body: { status: 'EXECUTING' } }).status, 200);
});

test('operators delete operations by filter', (t) => {
  const desk = new Desk();
  const { id } = desk.device('d1');
  desk.operation(id);
  t.is(desk.send('DELETE', `${path}?deviceId=${id}`).status, 204);
  t.deepEqual(ids(desk, `deviceId=${id}`), []);
});
