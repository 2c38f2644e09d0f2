// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { JsonObject } from '../../../../tools/platform/model.ts';
import { alarmsOf } from '../../../../tools/platform/operator.ts';
import { Desk } from '../desk.ts';

const minuteMs = 60_000;
const time = '2026-01-15T12:00:00Z';

function monitored(minutes: number): { desk: Desk; device: { user: string; id: string }; status: () => unknown } {
  const desk = new Desk();
  const device = desk.device('d1');
  const body = { c8y_RequiredAvailability: { responseInterval: minutes } };
  desk.send('PUT', `/inventory/managedObjects/${device.id}`, { as: device.user, body });
  const status = () => desk.send('GET', `/inventory/managedObjects/${device.id}/availability`).text;
  return { desk, device, status };
}

function object(desk: Desk, id: string): JsonObject {
  return desk.send('GET', `/inventory/managedObjects/${id}`).json;
}

test('a silent device becomes unavailable with an alarm, and available again with its next message', (t) => {
  const { desk, device, status } = monitored(2);
  t.is(status(), 'AVAILABLE');
  desk.time.advance(2 * minuteMs);
  t.is(status(), 'UNAVAILABLE');
  const [alarm] = alarmsOf(desk.platform, device.id);
  t.like(alarm?.fragments, { type: 'c8y_UnavailabilityAlarm', severity: 'MAJOR', status: 'ACTIVE' });
  desk.send('PUT', `/inventory/managedObjects/${device.id}`, { as: device.user, body: {} });
  t.is(status(), 'AVAILABLE');
  t.is(alarm?.fragments['status'], 'CLEARED');
  t.deepEqual(object(desk, device.id)['c8y_Availability'], {
    lastMessage: '2026-01-15T12:02:00.000Z',
    status: 'AVAILABLE',
  });
  desk.time.advance(2 * minuteMs);
  t.is(alarmsOf(desk.platform, device.id).length, 2, 'a new silence is a new alarm');
});

const requests: readonly [string, boolean, (desk: Desk, device: { user: string; id: string }) => void][] = [
  [
    'an empty update',
    true,
    (desk, { user, id }) => desk.send('PUT', `/inventory/managedObjects/${id}`, { as: user, body: {} }),
  ],
  [
    'a measurement',
    true,
    (desk, { user, id }) =>
      desk.send('POST', '/measurement/measurements', {
        as: user,
        body: { source: { id }, time, type: 't', f: { s: { value: 1 } } },
      }),
  ],
  [
    'an event',
    true,
    (desk, { user, id }) =>
      desk.send('POST', '/event/events', { as: user, body: { source: { id }, time, type: 't', text: 'x' } }),
  ],
  [
    'an alarm',
    true,
    (desk, { user, id }) =>
      desk.send('POST', '/alarm/alarms', {
        as: user,
        body: { source: { id }, time, type: 't', text: 'x', severity: 'MINOR' },
      }),
  ],
  [
    'an update with content',
    false,
    (desk, { user, id }) => desk.send('PUT', `/inventory/managedObjects/${id}`, { as: user, body: { a: 1 } }),
  ],
  ['a long poll', false, (desk, device) => desk.connect(device.user, desk.listen(device))],
  [
    'an empty update with an application key',
    false,
    (desk, { user, id }) =>
      desk.send('PUT', `/inventory/managedObjects/${id}`, {
        as: user,
        body: {},
        headers: { 'x-cumulocity-application-key': 'k' },
      }),
  ],
];
for (const [name, counts, request] of requests) {
  test(`${name} is ${counts ? 'a' : 'no'} sign of life`, (t) => {
    const { desk, device, status } = monitored(1);
    desk.time.advance(30_000);
    request(desk, device);
    desk.time.advance(45_000);
    t.is(status(), counts ? 'AVAILABLE' : 'UNAVAILABLE');
  });
}

test('any update counts where that is set', (t) => {
  const { desk, device, status } = monitored(1);
  desk.platform.settings.updatesAreSignsOfLife = true;
  desk.time.advance(30_000);
  desk.send('PUT', `/inventory/managedObjects/${device.id}`, { as: device.user, body: { a: 1 } });
  desk.time.advance(45_000);
  t.is(status(), 'AVAILABLE');
});

test('no interval means maintenance, no fragment means not monitored', (t) => {
  const { desk, device, status } = monitored(0);
  desk.time.advance(60 * minuteMs);
  t.is(status(), 'MAINTENANCE');
  t.like(object(desk, device.id), { c8y_Connection: { status: 'MAINTENANCE' } });
  const free = desk.device('d2');
  t.is(desk.send('GET', `/inventory/managedObjects/${free.id}/availability`).status, 404);
  t.is(object(desk, free.id)['c8y_Connection'], undefined);
});

test('a device that listens is connected, also between two polls', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  const clientId = desk.listen(device);
  desk.connect(device.user, clientId);
  t.deepEqual(object(desk, device.id)['c8y_Connection'], { status: 'CONNECTED' });
  desk.operation(device.id);
  t.deepEqual(object(desk, device.id)['c8y_Connection'], { status: 'CONNECTED' });
  desk.time.advance(10_001);
  t.deepEqual(object(desk, device.id)['c8y_Connection'], { status: 'DISCONNECTED' });
});

test('an interval longer than a timer is watched all the same', (t) => {
  const { desk, status } = monitored(60 * 24 * 30);
  desk.time.advance(29 * 24 * 60 * minuteMs);
  t.is(status(), 'AVAILABLE');
  desk.time.advance(24 * 60 * minuteMs);
  t.is(status(), 'UNAVAILABLE');
});

test('a deleted device is watched no longer', (t) => {
  const { desk, device } = monitored(1);
  desk.send('DELETE', `/inventory/managedObjects/${device.id}`);
  desk.time.advance(5 * minuteMs);
  t.is(desk.platform.core.alarms.size, 0);
});
