// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { agentDocument, Desk } from '../desk.ts';

const path = '/inventory/managedObjects';

test('a created object has an increasing id, an owner, times, references and its location', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const object = desk.send('GET', `${path}/${id}`, { as: user }).json;
  t.like(object, { id, owner: user, name: 'ESP32 d1', creationTime: '2026-01-15T12:00:00.000Z' });
  t.is(object['self'], `http://platform.test:8080${path}/${id}`);
  t.deepEqual(object['childDevices'], { references: [], self: `http://platform.test:8080${path}/${id}/childDevices` });
  const next = desk.send('POST', path, { body: {} });
  t.true(Number(next.id) > Number(id));
  t.is(next.headers['Location'], `http://platform.test:8080${path}/${next.id}`);
});

test('POST and PUT without Accept have no body', (t) => {
  const desk = new Desk();
  const created = desk.send('POST', path, { body: {}, headers: { accept: undefined } });
  t.is(created.status, 201);
  t.is(created.text, '');
  t.is(created.headers['Content-Length'], '0');
  const url = String(created.headers['Location']).replace('http://platform.test:8080', '');
  t.is(desk.send('PUT', url, { body: { a: 1 }, headers: { accept: undefined } }).text, '');
  t.not(desk.send('GET', url, { headers: { accept: undefined } }).text, '');
});

test('answers have the vendor type, or plain JSON for those who ask for it', (t) => {
  const desk = new Desk();
  const vendor = 'application/vnd.com.nsn.cumulocity.managedobject+json';
  const type = (accept: string) => desk.send('POST', path, { body: {}, headers: { accept } }).headers['Content-Type'];
  t.is(type(vendor), `${vendor};charset=UTF-8;ver=0.9`);
  t.is(type('application/json'), 'application/json;charset=UTF-8;ver=0.9');
});

const merges: readonly [string, object, object, object][] = [
  ['adds a fragment', { a: { x: 1 } }, { b: { y: 2 } }, { a: { x: 1 }, b: { y: 2 } }],
  ['replaces a fragment as a whole', { a: { x: 1, y: 2 } }, { a: { z: 3 } }, { a: { z: 3 } }],
  ['null deletes a fragment', { a: { x: 1 }, b: 2 }, { a: null }, { b: 2 }],
  ['null inside a fragment stays', { a: { x: 1 } }, { a: { x: null } }, { a: { x: null } }],
  ['replaces arrays', { a: ['x', 'y'] }, { a: ['z'] }, { a: ['z'] }],
];
for (const [name, before, change, after] of merges) {
  test(`PUT ${name}`, (t) => {
    const desk = new Desk();
    const { id } = desk.send('POST', path, { body: before as never });
    desk.send('PUT', `${path}/${id}`, { body: change as never });
    t.deepEqual(desk.platform.core.objects.get(id)?.fragments, after as never);
  });
}

test('what the platform maintains is not changed by PUT, the owner only by people', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const forged = { id: '1', creationTime: 'x', childDevices: {}, owner: 'somebody' };
  desk.send('PUT', `${path}/${id}`, { as: user, body: forged });
  const object = desk.send('GET', `${path}/${id}`).json;
  t.like(object, { id, owner: user, creationTime: '2026-01-15T12:00:00.000Z' });
  desk.send('PUT', `${path}/${id}`, { body: { ...object, owner: 'device_new' } });
  t.is(desk.send('GET', `${path}/${id}`).json['owner'], 'device_new');
  t.is(desk.send('PUT', `${path}/${id}`, { as: user, body: { a: 1 } }).status, 403, 'it belongs to another user now');
});

test('only the owner and people write, everybody reads', (t) => {
  const desk = new Desk();
  const { id } = desk.device('d1');
  const other = desk.user('d2');
  t.is(desk.send('GET', `${path}/${id}`, { as: other }).status, 200);
  t.is(desk.send('PUT', `${path}/${id}`, { as: other, body: { a: 1 } }).status, 403);
  t.is(desk.send('DELETE', `${path}/${id}`, { as: other }).status, 403);
  const time = '2026-01-15T12:00:00Z';
  const measurement = { source: { id }, time, type: 't', f: { s: { value: 1 } } };
  t.is(desk.send('POST', '/measurement/measurements', { as: other, body: measurement }).status, 403);
  t.is(desk.send('PUT', `${path}/${id}`, { body: { a: 1 } }).status, 200);
  t.deepEqual(desk.broken, [], 'a 403 on an object of somebody else is no breach');
});

test('an unknown object answers 404 with the error document', (t) => {
  const answer = new Desk().send('GET', `${path}/0`);
  t.is(answer.status, 404);
  t.is(answer.headers['Content-Type'], 'application/json;charset=UTF-8;ver=0.9');
  t.like(answer.json, {
    error: 'inventory/Not Found',
    message: "Finding device data from database failed : No managedObject for id '0'!",
  });
});

test('deleting an object deletes all its data', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const child = desk.child(device, 'd1:c');
  desk.operation(device.id);
  const time = '2026-01-15T12:00:00Z';
  const source = { id: device.id };
  desk.send('POST', '/event/events', { as: device.user, body: { source, time, type: 't', text: 'x' } });
  desk.send('DELETE', `${path}/${device.id}?cascade=true&withDeviceUser=true`);
  const { objects, externalIds, operations, events } = desk.platform.core;
  t.deepEqual([objects.size, externalIds.size, operations.size, events.size], [0, 0, 0, 0], `child ${child} too`);
  t.is(desk.send('GET', path, { as: device.user }).status, 401);
});

const filters: readonly [string, string[]][] = [
  ['type=c8y_ESP32', ['d1', 'd2']],
  ['fragmentType=c8y_Extra', ['other']],
  ['owner=device_d2', ['d2']],
  ['text=esp32%20D1', ['d1']],
  ['ids=10001,10003', ['d1', 'other']],
  ["query=$filter=(name eq 'ESP32 d*')", ['d1', 'd2']],
  ["query=$filter=(type eq 'x' or c8y_Hardware.serialNumber eq 'd2')$orderby=name asc", ['d2', 'other']],
  ['query=has(c8y_Extra) and not has(c8y_IsDevice)', ['other']],
  ["q=$filter=(name ne 'nothing')", ['d1', 'd2']],
  ["q=$filter=(owner eq 'device_d1')", ['d1']],
];
for (const [query, names] of filters) {
  test(`list by ${query}`, (t) => {
    const desk = new Desk();
    for (const id of ['d1', 'd2']) {
      desk.send('POST', path, { as: desk.user(id), body: agentDocument(id) });
    }
    desk.send('POST', path, { body: { name: 'other', type: 'x', c8y_Extra: {} } });
    const found = desk.send('GET', `${path}?${query.replaceAll(' ', '%20')}`).json['managedObjects'];
    t.deepEqual(
      (found as { name: string }[]).map(({ name }) => name.replace('ESP32 ', '')),
      names,
    );
    t.is(desk.send('GET', `${path}/count?${query.replaceAll(' ', '%20')}`).text, String(names.length));
  });
}

for (const query of ['(name eq', "name is 'x'", 'has name', "name eq 'x' 'y'"]) {
  test(`a query that cannot be understood: ${query}`, (t) => {
    const answer = new Desk().send('GET', `${path}?query=${encodeURIComponent(query)}`);
    t.is(answer.status, 422);
    t.is(answer.json['message'], 'Find by filter query failed : Query could not be understood.');
  });
}

test('an empty update answers the id only', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  t.deepEqual(desk.send('PUT', `${path}/${id}`, { as: user, body: {} }).json, { id });
  t.deepEqual(desk.send('PUT', `${path}/${id}`, { as: user, body: { id } }).json, { id });
});
