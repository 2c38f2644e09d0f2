// SPDX-License-Identifier: Apache-2.0
/** What the emulator keeps is bounded per device; finding an alarm does not depend on how many there are. */

import test from 'ava';
import { AlarmStore, RecordStore } from '../../../../tools/platform/core/record-store.ts';
import type { AlarmRecord, Operation } from '../../../../tools/platform/model.ts';
import { Desk } from '../desk.ts';
import { alarm, event } from '../scene.ts';

function store(told: string[], maxPerDevice = 3): RecordStore<Pick<Operation, 'id' | 'deviceId' | 'status'>> {
  return new RecordStore({
    deviceOf: ({ deviceId }) => deviceId,
    maxPerDevice,
    maxTotal: 1000,
    mayGo: ({ status }) => status !== 'PENDING' && status !== 'EXECUTING',
    onFull: (deviceId) => told.push(deviceId),
  });
}

test('the oldest of the same device goes, with one line, and never one that has not ended', (t) => {
  const told: string[] = [];
  const records = store(told);
  const keep = (id: string, status: Operation['status'], deviceId = 'd1') => records.keep({ id, deviceId, status });
  keep('other', 'SUCCESSFUL', 'd2');
  keep('1', 'PENDING');
  keep('2', 'SUCCESSFUL');
  keep('3', 'FAILED');
  t.deepEqual(told, []);
  keep('4', 'PENDING');
  t.deepEqual([...records.keys()], ['other', '1', '3', '4']);
  keep('5', 'PENDING');
  t.deepEqual([...records.keys()], ['other', '1', '4', '5']);
  t.deepEqual(
    [...records.of('d1')].map(({ id }) => id),
    ['1', '4', '5'],
  );
  t.deepEqual(told, ['d1']);
  t.throws(() => keep('6', 'SUCCESSFUL'), { message: /keeps 3 per device/ });
  t.is(records.size, 4);
  records.delete('1');
  keep('6', 'SUCCESSFUL');
  t.deepEqual([...records.of('nobody')], []);
  records.clear();
  t.deepEqual([...records.of('d1')], []);
});

test('an active alarm stays, however many there are that are cleared', (t) => {
  const told: string[] = [];
  const alarms = new AlarmStore({
    maxTotal: 1000,
    maxPerDevice: 3,
    onFull: (deviceId) => told.push(deviceId),
  });
  const keep = (id: string, type: string, status: string) =>
    alarms.keep({ id, sourceId: 'd1', fragments: { type, status } } as unknown as AlarmRecord);
  keep('1', 'a', 'ACTIVE');
  for (let id = 2; id < 12; id++) keep(String(id), 'a', 'CLEARED');
  t.deepEqual([...alarms.keys()], ['1', '10', '11']);
  t.is(alarms.active('d1', 'a')?.id, '1');
  t.is(alarms.active('d1', 'b'), undefined);
  t.is(alarms.active('d2', 'a'), undefined);
});

test('the index of active alarms follows every change of status', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const raise = () => desk.send('POST', '/alarm/alarms', { as: user, body: alarm(id) }).id;
  const put = (alarmId: string, status: string) => desk.send('PUT', `/alarm/alarms/${alarmId}`, { body: { status } });
  const first = raise();
  put(first, 'ACKNOWLEDGED');
  t.is(raise(), first);
  put(first, 'CLEARED');
  const second = raise();
  t.not(second, first);
  // A person takes the clearing back: both are active, and each goes by itself.
  put(first, 'ACTIVE');
  put(first, 'CLEARED');
  t.is(raise(), second);
  desk.send('PUT', `/alarm/alarms?source=${id}`, { body: { status: 'CLEARED' } });
  t.is(desk.platform.core.alarms.active(id, 't'), undefined);
  const third = raise();
  desk.send('DELETE', `/alarm/alarms?source=${id}`);
  t.is(desk.platform.core.alarms.active(id, 't'), undefined);
  t.not(raise(), third);
});

test('a device that sends for ever fills its own bound, nobody else’s', (t) => {
  const desk = new Desk();
  const told: string[] = [];
  desk.platform.core.onFull = (what) => told.push(what);
  const [loud, quiet] = [desk.device('d1'), desk.device('d2')];
  desk.send('POST', '/event/events', { as: quiet.user, body: event(quiet.id) });
  for (let n = 0; n < 10_002; n++) {
    desk.send('POST', '/event/events', { as: loud.user, body: event(loud.id), headers: { accept: undefined } });
  }
  const { events } = desk.platform.core;
  t.is([...events.of(loud.id)].length, 10_000);
  t.is([...events.of(quiet.id)].length, 1);
  t.deepEqual(told, [`events of ${loud.id}: more than 10000, the oldest go`]);
});

test('an external id that is asked for again and again does not fill the memory', (t) => {
  const desk = new Desk();
  const user = desk.user('d1');
  for (let n = 0; n < 1200; n++) desk.send('GET', `/identity/externalIds/c8y_Serial/x${n}`, { as: user });
  t.is(desk.platform.core.unknownIds.get(user)?.size, 1000);
});

test('the oldest attachments of a device go when they are too many, their events stay', (t) => {
  const desk = new Desk();
  const told: string[] = [];
  desk.platform.core.onFull = (what) => told.push(what);
  const { user, id } = desk.device('d1');
  const bytes = Buffer.alloc(50 * 1024 * 1024);
  const headers = { 'content-type': 'application/octet-stream' };
  const urls = Array.from({ length: 5 }, () => {
    const created = desk.send('POST', '/event/events', { as: user, body: event(id) }).id;
    return `/event/events/${created}`;
  });
  const statuses = urls.map((url) => desk.send('POST', `${url}/binaries`, { as: user, bytes, headers }).status);
  t.deepEqual(statuses, [201, 201, 201, 201, 201]);
  t.deepEqual(
    urls.map((url) => desk.send('GET', `${url}/binaries`).status),
    [404, 200, 200, 200, 200],
  );
  t.is(desk.send('GET', urls[0] ?? '').json['c8y_IsBinary'], undefined);
  t.is(told.length, 1);
});

test('objects and files are refused when there are too many', (t) => {
  const desk = new Desk();
  const { objects: kept } = desk.platform.core;
  const { id } = desk.send('POST', '/inventory/managedObjects', { body: {} });
  const one = kept.get(id);
  if (one === undefined) throw new Error('no object');
  for (let n = kept.size; n < 50_000; n++) kept.set(`x${n}`, one);
  t.is(desk.send('POST', '/inventory/managedObjects', { body: {} }).status, 422);
  kept.clear();
  const form = Buffer.from('--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc\r\n--b--\r\n');
  const upload = () =>
    desk.send('POST', '/inventory/binaries', {
      bytes: form,
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    });
  const file = upload();
  t.is(file.status, 201);
  const stored = kept.get(file.id);
  if (stored?.binary === undefined) throw new Error('no file');
  stored.binary = { ...stored.binary, bytes: { length: 1024 ** 3 } as Uint8Array };
  t.is(upload().status, 413);
  t.deepEqual(desk.defects, []);
});

test('with many devices each has its share: a record store is bounded in all', (t) => {
  const full: string[] = [];
  const store = new RecordStore<{ id: string; of: string }>({
    deviceOf: (record) => record.of,
    maxPerDevice: 50,
    maxTotal: 100,
    onFull: (deviceId, most) => full.push(`${deviceId} ${most}`),
  });
  let id = 0;
  const fill = (of: string, count: number) => {
    for (let i = 0; i < count; i++) store.keep({ id: String(id++), of });
  };
  fill('a', 60);
  t.is(store.size, 50, 'alone it has what a device may have');
  fill('b', 60);
  fill('c', 60);
  fill('d', 60);
  fill('a', 1);
  t.is([...store.of('a')].length, 25, 'then only its share');
  for (const of of ['b', 'c', 'd']) fill(of, 1);
  t.true(store.size <= 100, String(store.size));
  t.deepEqual(full, ['a 50', 'b 50', 'c 33', 'd 25']);
});
