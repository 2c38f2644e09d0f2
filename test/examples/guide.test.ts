// SPDX-License-Identifier: Apache-2.0
/** The guide's device against the guide's examples, fragment by fragment. */

import { existsSync } from 'node:fs';
import test from 'ava';
import { exchangeOf, GUIDE_STEPS, type GuideStep } from '../../tools/docs/guide.ts';
import { liveGuide } from '../../tools/docs/guide-life.ts';

const life = liveGuide();
const { ids } = life;

const media = (name: string) => `application/vnd.com.nsn.cumulocity.${name}+json`;

interface Example {
  /** `$device` and the like stand for ids. */
  readonly query?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly accept?: string;
  /** Fragments by name; of a list, its only member. Times are those of another day. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** What this device says in place of the guide's, or undefined where it says nothing. Holds as exactly as the rest. */
  readonly ours?: Omit<Example, 'ours'>;
}

const ANY_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$/;
const position = { alt: 73.9, lng: 6.151782, lat: 51.211971 };

/** By step and what it is about. */
const examples: Readonly<Record<string, Example>> = {
  '0 Request device credentials': { type: media('devicecredentials'), body: { id: '0000000017b769d5' } },
  '1 Check if the device is already registered: it is not': {},
  '1 Check if the device is already registered: it is': {},
  '2 Create the device in the inventory': {
    type: media('managedobject'),
    accept: media('managedobject'),
    body: {
      name: 'RaspPi BCM2708 0000000017b769d5',
      type: 'c8y_Linux',
      c8y_IsDevice: {},
      com_cumulocity_model_Agent: {},
      c8y_SupportedOperations: ['c8y_Restart', 'c8y_Configuration', 'c8y_Software', 'c8y_Firmware'],
      c8y_Hardware: { revision: '000e', model: 'RaspPi BCM2708', serialNumber: '0000000017b769d5' },
      c8y_Configuration: { config: '#Fri Aug 30 09:13:56 BST 2013\nc8y.log.eventLevel=INFO\n' },
      c8y_Mobile: { imei: '861145013087177', cellId: '4904-A496', iccid: '89490200000876620613' },
      c8y_Firmware: { name: 'raspberrypi-bootloader', version: '1.20130207-1' },
      c8y_Software: {
        'pi-driver': 'pi-driver-3.4.5.jar',
        'pi4j-gpio-extension': 'pi4j-gpio-extension-0.0.5.jar',
      },
    },
    // The keys of its configuration are its own.
    ours: {
      accept: '',
      body: {
        c8y_Configuration: {
          config: 'measurementInterval=60\nsendInterval=0\npollTimeout=300\noperationTimeout=300\n',
        },
      },
    },
  },
  '3 Register the device': {
    type: media('externalid'),
    accept: media('externalid'),
    body: { type: 'c8y_Serial', externalId: 'raspi-0000000017b769d5' },
    ours: { accept: '' },
  },
  '4 Update the device in the inventory': {
    type: media('managedobject'),
    body: {
      c8y_Software: {
        'pi-driver': 'pi-driver-3.4.6.jar',
        'pi4j-gpio-extension': 'pi4j-gpio-extension-0.0.5.jar',
      },
    },
  },
  '5 Link a child device': {
    type: media('managedobjectreference'),
    body: { managedObject: { id: '$child' } },
  },
  '5 Remove the reference to a child device': {},
  '6 Find what is still EXECUTING': { query: { agentId: '$device', status: 'EXECUTING' } },
  '6 Complete the operation that has restarted the device': {
    type: media('operation'),
    body: { status: 'SUCCESSFUL' },
  },
  '6 Handshake': { type: 'application/json', body: { channel: '/meta/handshake', version: '1.0' } },
  '6 Subscribe': {
    type: 'application/json',
    body: { channel: '/meta/subscribe', subscription: '/$device', clientId: '$client' },
  },
  '6 Connect': {
    type: 'application/json',
    body: { channel: '/meta/connect', connectionType: 'long-polling', clientId: '$client' },
  },
  '6 Find what is PENDING': { query: { agentId: '$device', status: 'PENDING' } },
  '7 Begin an operation': { type: media('operation'), body: { status: 'EXECUTING' } },
  '7 Update the inventory with what it has changed': { type: media('managedobject') },
  '7 End an operation': { type: media('operation'), body: { status: 'SUCCESSFUL' } },
  '8 Keep the location in the inventory': { body: { c8y_Position: position } },
  '9 Send a measurement': {
    type: media('measurement'),
    body: {
      source: { id: '$device' },
      time: ANY_TIME,
      type: 'SignalStrength',
      c8y_SignalStrength: { rssi: { value: -53, unit: 'dBm' }, ber: { value: 0.14, unit: '%' } },
    },
  },
  '10 Send an event': {
    type: media('event'),
    body: {
      source: { id: '$device' },
      text: 'Location updated',
      time: ANY_TIME,
      type: 'LocationUpdate',
      c8y_Position: position,
    },
    ours: { body: { type: 'c8y_LocationUpdate' } },
  },
  '11 Find the active alarms': {
    query: { source: '$device', status: 'ACTIVE' },
    ours: { query: { source: '$device', resolved: 'false', type: 'c8y_PowerAlarm' } },
  },
  '11 Raise an alarm': {
    type: media('alarm'),
    accept: media('alarm'),
    body: {
      source: { id: '$device' },
      text: 'Tracker lost power',
      time: ANY_TIME,
      type: 'c8y_PowerAlarm',
      status: 'ACTIVE',
      severity: 'MAJOR',
    },
    ours: { accept: '' },
  },
  '11 Clear an alarm': { type: media('alarm'), body: { status: 'CLEARED' } },
};

/** With the ids that the platform has given. */
function filled<T>(value: T): T {
  const text = JSON.stringify(value, (_name, each) => (each === ANY_TIME ? '$time' : each));
  return JSON.parse(text.replace(/\$(?:device|child|client)/g, (name) => ids[name] ?? name)) as T;
}

/** Whether all that is wanted is there; of lists and objects their members. */
function has(actual: unknown, wanted: unknown): boolean {
  if (wanted === '$time') return ANY_TIME.test(String(actual));
  if (Array.isArray(wanted)) return Array.isArray(actual) && wanted.every((each) => actual.includes(each));
  if (typeof wanted !== 'object' || wanted === null) return actual === wanted;
  return Object.entries(wanted).every(([name, each]) =>
    has((actual as Record<string, unknown> | undefined)?.[name], each),
  );
}

function keyOf({ step, what }: GuideStep): string {
  return `${step} ${what}`;
}

test('each example has its place on the page, and each place its example', (t) => {
  t.deepEqual(GUIDE_STEPS.map(keyOf), Object.keys(examples));
});

for (const step of GUIDE_STEPS) {
  const { ours = {}, ...guide } = examples[keyOf(step)] ?? {};

  test(`guide step ${keyOf(step)}`, (t) => {
    const { path, headers, body, status } = exchangeOf(life, step);
    const query = Object.fromEntries(new URLSearchParams(path.split('?')[1] ?? ''));
    for (const [name, value] of Object.entries(filled(ours.query ?? guide.query ?? {}))) t.is(query[name], value, name);
    t.is(
      headers['content-type'],
      ours.type ?? guide.type ?? (guide.body === undefined ? undefined : headers['content-type']),
    );
    const accept = ours.accept ?? guide.accept;
    if (accept !== undefined) t.is(headers['accept'] ?? '', accept);
    const [document] = [JSON.parse(body === '' ? '{}' : body)].flat() as Record<string, unknown>[];
    for (const [name, wanted] of Object.entries(filled({ ...guide.body, ...ours.body }))) {
      t.true(has(document?.[name], wanted), `${name}: ${JSON.stringify(document?.[name])}`);
    }
    t.true((status ?? 0) >= 200 && ((status ?? 0) < 300 || step.status === status), `${status}`);
  });

  test(`guide step ${keyOf(step)}: where it is otherwise, it says so`, (t) => {
    const isOtherwise = Object.keys(ours).length > 0;
    if (isOtherwise) t.truthy(step.otherwise);
    const { headers, body } = exchangeOf(life, step);
    // What stands here as another thing is one.
    if (ours.accept !== undefined) t.not(headers['accept'] ?? '', guide.accept ?? '');
    const document = JSON.parse(body === '' ? '{}' : body) as Record<string, unknown>;
    for (const name of Object.keys(ours.body ?? {})) t.false(has(document[name], filled(guide.body?.[name])), name);
    for (const file of [step.source, step.test]) t.true(existsSync(new URL(`../../${file}`, import.meta.url)), file);
  });
}

test('a child runs no agent', (t) => {
  const created = life.exchanges.filter(
    ({ method, path }) => method === 'POST' && path === '/inventory/managedObjects',
  );
  t.deepEqual(
    created.map(({ body }) => 'com_cumulocity_model_Agent' in (JSON.parse(body) as object)),
    [true, false],
  );
});

test('the name is never updated', (t) => {
  const updates = life.exchanges.filter(({ method, path }) => method === 'PUT' && path.startsWith('/inventory'));
  t.true(updates.length >= 2);
  for (const { body } of updates) t.false('name' in (JSON.parse(body) as object), body);
});

test('PENDING is asked for after the subscription, and the poll is held then', (t) => {
  const order = life.exchanges
    .map(({ path, body }) => `${path} ${body}`)
    .flatMap((text) => /\/meta\/(?:handshake|subscribe|connect)|status=\w+/.exec(text)?.[0] ?? []);
  t.deepEqual(order.slice(0, 5), [
    'status=EXECUTING',
    '/meta/handshake',
    '/meta/subscribe',
    'status=PENDING',
    '/meta/connect',
  ]);
});
