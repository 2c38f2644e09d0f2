// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { JsonObject } from '../../../../tools/platform/model.ts';
import { Desk } from '../desk.ts';

const measurements = '/measurement/measurements';
const events = '/event/events';
const alarms = '/alarm/alarms';
const collection = { 'content-type': 'application/vnd.com.nsn.cumulocity.measurementcollection+json' };
const time = '2026-01-15T12:00:00.000Z';

function measurement(id: string, more: JsonObject = {}): JsonObject {
  return { source: { id }, time, type: 'c8y_Temperature', c8y_Temperature: { T: { value: 21.5, unit: 'C' } }, ...more };
}
function event(id: string, more: JsonObject = {}): JsonObject {
  return { source: { id }, time, type: 'c8y_Door', text: 'opened', ...more };
}
function alarm(id: string, more: JsonObject = {}): JsonObject {
  return { source: { id }, time, type: 'c8y_Hot', text: 'hot', severity: 'MAJOR', ...more };
}

test('one measurement, and a collection of them', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const one = desk.send('POST', measurements, { as: user, body: measurement(id) });
  t.is(one.status, 201);
  t.like(one.json, { source: { id, name: 'ESP32 d1' }, time, c8y_Temperature: { T: { value: 21.5, unit: 'C' } } });
  t.is(one.headers['Location'], `http://platform.test:8080${measurements}/${one.id}`);
  const body = { measurements: [measurement(id), measurement(id, { time: '2026-01-15T13:00:00+01:00' })] };
  const many = desk.send('POST', measurements, { as: user, body, headers: collection });
  t.is((many.json['measurements'] as unknown[]).length, 2);
  t.like((many.json['measurements'] as JsonObject[])[1], { time });
  t.deepEqual(desk.broken, []);
});

test('one bad item refuses the whole collection', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const bad = measurement(id, { c8y_Temperature: { T: { unit: 'C' } } });
  const body = { measurements: [measurement(id), bad] };
  t.is(desk.send('POST', measurements, { as: user, body, headers: collection }).status, 422);
  t.is(desk.platform.core.measurements.size, 0);
});

test('an id may be a number', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const body = measurement(id, { source: { id: Number(id) } });
  t.like(desk.send('POST', measurements, { as: user, body }).json, { source: { id } });
});

for (const [path, document, fields] of [
  [measurements, measurement, ['source', 'time', 'type']],
  [events, event, ['source', 'time', 'type', 'text']],
  [alarms, alarm, ['source', 'time', 'type', 'text', 'severity']],
] as const) {
  for (const field of fields) {
    test(`POST ${path} without ${field} is refused`, (t) => {
      const desk = new Desk();
      const { user, id } = desk.device('d1');
      const { [field]: _gone, ...body } = document(id);
      const answer = desk.send('POST', path, { as: user, body });
      t.is(answer.status, 422);
      t.is(answer.json['message'], `Following mandatory fields should be included: ${field}`);
    });
  }
  test(`POST ${path} for an object that does not exist is refused`, (t) => {
    const desk = new Desk();
    const { user } = desk.device('d1');
    const answer = desk.send('POST', path, { as: user, body: document('1') });
    t.is(answer.status, 422);
    t.is(answer.json['message'], 'Source object does not exist in inventory.');
    t.deepEqual(desk.broken, [], 'the object may have been deleted meanwhile');
  });
  test(`GET ${path} by source, type and time, newest or oldest first`, (t) => {
    const desk = new Desk();
    const { user, id } = desk.device('d1');
    const child = desk.child({ user, id }, 'd1:c');
    desk.send('POST', path, { as: user, body: document(child) });
    for (const hour of ['10', '12', '11']) {
      const body = document(id, { time: `2026-01-15T${hour}:00:00Z`, type: `t${hour}` });
      desk.send('POST', path, { as: user, body });
    }
    const hours = (query: string) => {
      const list = Object.values(desk.send('GET', `${path}?source=${id}&${query}`).json).find(Array.isArray);
      return (list as { type: string }[]).map(({ type }) => type);
    };
    const oldest = path === measurements ? '' : 'revert=true';
    const newest = path === measurements ? 'revert=true' : '';
    t.deepEqual(hours(oldest), ['t10', 't11', 't12']);
    t.deepEqual(hours(newest), ['t12', 't11', 't10']);
    t.deepEqual(hours(`${oldest}&dateFrom=2026-01-15T11:00:00Z`), ['t11', 't12'], 'inclusive');
    t.deepEqual(hours(`${oldest}&dateTo=2026-01-15T12:00:00%2B01:00`), ['t10', 't11']);
    t.deepEqual(hours('type=t12'), ['t12']);
    t.is(desk.send('GET', `${path}?dateFrom=x`).status, 422);
  });
}

test('measurements by fragment and series; people delete them', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const { id: first } = desk.send('POST', measurements, { as: user, body: measurement(id) });
  desk.send('POST', measurements, { as: user, body: measurement(id, { c8y_Light: { e: { value: 1 } } }) });
  const count = (query: string) =>
    (desk.send('GET', `${measurements}?${query}`).json['measurements'] as unknown[]).length;
  t.is(count('valueFragmentType=c8y_Temperature'), 2);
  t.is(count('valueFragmentType=c8y_Light&valueFragmentSeries=e'), 1);
  t.is(count('valueFragmentType=c8y_Light&valueFragmentSeries=x'), 0);
  t.is(desk.send('GET', `${measurements}/${first}`).status, 200);
  t.is(desk.send('DELETE', `${measurements}/${first}`).status, 204);
  t.is(desk.send('GET', `${measurements}/${first}`).status, 404);
  t.is(desk.send('DELETE', `${measurements}?source=${id}`).status, 204);
  t.is(count(''), 0);
});

test('an event keeps its source, type and time', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const url = `${events}/${desk.send('POST', events, { as: user, body: event(id) }).id}`;
  t.like(desk.send('PUT', url, { as: user, body: { text: 'closed', c8y_X: {} } }).json, { text: 'closed', c8y_X: {} });
  t.is(desk.send('PUT', url, { as: user, body: { type: 'x' } }).status, 422);
  t.is(desk.send('DELETE', url, { as: user }).status, 204);
  t.is(desk.send('GET', url).status, 404);
});

test('an event has one attachment', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const { id: eventId } = desk.send('POST', events, { as: user, body: event(id) });
  const url = `${events}/${eventId}/binaries`;
  const bytes = Buffer.from([0, 255, 13, 10, 128]);
  const headers = { 'content-type': 'text/x-log', 'content-disposition': 'attachment; filename="a.log"' };
  t.is(desk.send('GET', url).json['message'], 'Attachment not found');
  t.is(desk.send('PUT', url, { as: user, bytes, headers }).status, 404);
  t.like(desk.send('POST', url, { as: user, bytes, headers }).json, { name: 'a.log', length: 5, type: 'text/x-log' });
  t.is(desk.send('POST', url, { as: user, bytes, headers }).status, 409);
  t.like(desk.send('GET', `${events}/${eventId}`).json, { c8y_IsBinary: { length: 5 } });
  const download = desk.send('GET', url);
  t.deepEqual(Buffer.concat(download.pieces), bytes);
  t.is(download.headers['Content-Type'], 'text/x-log');
  t.is(desk.send('PUT', url, { as: user, bytes: Buffer.from('x'), headers }).status, 201);
  t.is(desk.send('GET', url).text, 'x');
  t.is(desk.send('DELETE', url, { as: user }).status, 204);
  t.is(desk.send('GET', url).status, 404);
});

test('an alarm of the same source and type counts up instead of a second one', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const first = desk.send('POST', alarms, { as: user, body: alarm(id) });
  t.like(first.json, { status: 'ACTIVE', count: 1, firstOccurrenceTime: time });
  const later = '2026-01-15T13:00:00.000Z';
  const second = desk.send('POST', alarms, { body: alarm(id, { time: later, text: 'x', severity: 'minor' }) });
  t.like(second.json, {
    id: first.id,
    count: 2,
    time: later,
    firstOccurrenceTime: time,
    text: 'hot',
    severity: 'MAJOR',
  });
  t.not(desk.send('POST', alarms, { body: alarm(id, { type: 'other' }) }).id, first.id);
  const url = `${alarms}/${first.id}`;
  desk.send('PUT', url, { body: { status: 'ACKNOWLEDGED' } });
  t.is(desk.send('POST', alarms, { body: alarm(id) }).id, first.id, 'acknowledged ones count too');
  desk.send('PUT', url, { as: user, body: { status: 'CLEARED' } });
  t.not(desk.send('POST', alarms, { as: user, body: alarm(id) }).id, first.id, 'cleared ones do not');
  t.deepEqual(desk.broken, []);
});

test('alarms are found by status and severity, and cleared together', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  desk.send('POST', alarms, { as: user, body: alarm(id) });
  desk.send('POST', alarms, { as: user, body: alarm(id, { type: 'b', severity: 'warning' }) });
  const found = (query: string) =>
    (desk.send('GET', `${alarms}?source=${id}&${query}`).json['alarms'] as unknown[]).length;
  t.is(found('status=ACTIVE'), 2);
  t.is(found('status=ACTIVE,CLEARED&severity=WARNING'), 1);
  t.is(found('resolved=true'), 0);
  t.is(desk.send('GET', `${alarms}/count?source=${id}`).text, '2');
  t.is(desk.send('PUT', `${alarms}?source=${id}&status=ACTIVE`, { as: user, body: { status: 'CLEARED' } }).status, 200);
  t.is(found('resolved=true'), 2);
  t.is(desk.send('DELETE', `${alarms}?source=${id}`).status, 204);
  t.is(found(''), 0);
});

test('an alarm is changed in status, text, severity and fragments of its own', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const created = desk.send('POST', alarms, { as: user, body: alarm(id) });
  const url = `${alarms}/${created.id}`;
  t.is(desk.send('PUT', url, { as: user, body: { type: 'x' } }).status, 422);
  t.is(desk.send('PUT', url, { as: user, body: { severity: 'HUGE' } }).status, 422);
  t.is(desk.send('PUT', url, { as: user, body: { status: 'OPEN' } }).status, 422);
  t.is(desk.send('PUT', `${alarms}/1`, { as: user, body: {} }).status, 404);
  t.like(desk.send('PUT', url, { body: { ...created.json, text: 'hotter' } }).json, {
    text: 'hotter',
    type: 'c8y_Hot',
  });
});

test('an alarm of a device in maintenance is not stored', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  desk.send('PUT', `/inventory/managedObjects/${id}`, {
    as: user,
    body: { c8y_RequiredAvailability: { responseInterval: 0 } },
  });
  const answer = desk.send('POST', alarms, { as: user, body: alarm(id) });
  t.is(answer.status, 201);
  t.true(String(answer.json['self']).endsWith('/alarm/alarms/null'));
  t.is(answer.json['id'], undefined);
  t.is(desk.platform.core.alarms.size, 0);
});

for (const [name, fragments] of [
  ['no fragment', {}],
  ['a fragment without a series', { f: {}, g: 5 }],
  ['a series without a value', { f: { s: { value: 1 }, r: { unit: 'C' } } }],
  ['a value that is a text', { f: { s: { value: '1' } } }],
] as const) {
  test(`a measurement with ${name} is refused, and so is the whole collection it is in`, (t) => {
    const desk = new Desk();
    const { user, id } = desk.device('d1');
    const good = { source: { id }, time: '2026-01-15T12:00:00Z', type: 't' };
    const bad = { ...good, ...fragments };
    t.is(desk.send('POST', '/measurement/measurements', { as: user, body: bad }).status, 422);
    const body = { measurements: [{ ...good, f: { s: { value: 1 } } }, bad] };
    const headers = { 'content-type': 'application/vnd.com.nsn.cumulocity.measurementcollection+json' };
    t.is(desk.send('POST', '/measurement/measurements', { as: user, body, headers }).status, 422);
    t.is(desk.platform.core.measurements.size, 0);
    t.deepEqual(desk.broken, []);
  });
}
