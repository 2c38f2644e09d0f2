import test from 'ava';
import type { JsonObject } from '../../../tools/platform/model.ts';
import { type Rule, rules } from '../../../tools/platform/rules.ts';
import { agentDocument, Desk } from './desk.ts';

const objects = '/inventory/managedObjects';
const operations = '/devicecontrol/operations';
const time = '2026-01-15T12:00:00Z';

interface Scene {
  readonly desk: Desk;
  readonly user: string;
  readonly id: string;
}

function event(id: string, more: JsonObject = {}): JsonObject {
  return { source: { id }, time, type: 't', text: 'x', ...more };
}
function alarm(id: string, more: JsonObject = {}): JsonObject {
  return event(id, { severity: 'MAJOR', ...more });
}

/** An operation in this status, by the way the rules want it. */
function operationIn(scene: Scene, status: 'PENDING' | 'EXECUTING' | 'SUCCESSFUL', fragments?: JsonObject): string {
  const url = `${operations}/${scene.desk.operation(scene.id, fragments)}`;
  const steps = { PENDING: [], EXECUTING: ['EXECUTING'], SUCCESSFUL: ['EXECUTING', 'SUCCESSFUL'] }[status];
  for (const step of steps) scene.desk.send('PUT', url, { as: scene.user, body: { status: step } });
  return url;
}

/** What a device does, and the one rule that it breaks by that. */
const breaches: readonly [Rule, string, (scene: Scene) => void][] = [
  [
    'media-type',
    'plain JSON for a resource with a type of its own',
    ({ desk, user, id }) =>
      desk.send('POST', '/event/events', {
        as: user,
        body: event(id),
        headers: { 'content-type': 'application/json' },
      }),
  ],
  [
    'media-type',
    'no Content-Type',
    ({ desk, user, id }) =>
      desk.send('POST', '/event/events', { as: user, body: event(id), headers: { 'content-type': undefined } }),
  ],
  [
    'media-type',
    'a collection as a single measurement',
    ({ desk, user }) => desk.send('POST', '/measurement/measurements', { as: user, body: { measurements: [] } }),
  ],
  [
    'media-type',
    'Bayeux as something else',
    ({ desk, user }) =>
      desk.bayeux(user, [{ channel: '/meta/handshake', version: '1.0' }], {
        headers: { 'content-type': 'text/plain' },
      }),
  ],
  [
    'accept',
    'another type',
    ({ desk, user, id }) => desk.send('GET', `${objects}/${id}`, { as: user, headers: { accept: 'text/html' } }),
  ],
  [
    'accept',
    'credentials without Accept',
    ({ desk }) =>
      desk.send('POST', '/devicecontrol/deviceCredentials', {
        as: 'bootstrap',
        body: { id: 'd9' },
        headers: { accept: undefined },
      }),
  ],
  [
    'json',
    'broken JSON',
    ({ desk, user }) => desk.send('POST', '/event/events', { as: user, bytes: Buffer.from('{"source":') }),
  ],
  [
    'json',
    'an array instead of a document',
    ({ desk, user }) => desk.send('POST', '/event/events', { as: user, body: [] }),
  ],
  [
    'mandatory-field',
    'an event without text',
    ({ desk, user, id }) => {
      const { text: _text, ...body } = event(id);
      desk.send('POST', '/event/events', { as: user, body });
    },
  ],
  [
    'mandatory-field',
    'a source without id',
    ({ desk, user, id }) => desk.send('POST', '/event/events', { as: user, body: event(id, { source: {} }) }),
  ],
  [
    'mandatory-field',
    'an external id without type',
    ({ desk, user, id }) =>
      desk.send('POST', `/identity/globalIds/${id}/externalIds`, { as: user, body: { externalId: 'x' } }),
  ],
  [
    'mandatory-field',
    'a reference without id',
    ({ desk, user, id }) => desk.send('POST', `${objects}/${id}/childDevices`, { as: user, body: {} }),
  ],
  [
    'mandatory-field',
    'credentials for nobody',
    ({ desk }) => desk.send('POST', '/devicecontrol/deviceCredentials', { as: 'bootstrap', body: {} }),
  ],
  [
    'content-length',
    'a chunked request',
    ({ desk, user, id }) =>
      desk.send('POST', '/event/events', {
        as: user,
        body: event(id),
        headers: { 'content-length': undefined, 'transfer-encoding': 'chunked' },
      }),
  ],
  [
    'header',
    'a repeated header',
    ({ desk, user, id }) => desk.send('GET', `${objects}/${id}`, { as: user, extra: { repeatedHeaders: ['accept'] } }),
  ],
  ['header', 'a message that cannot be read', ({ desk }) => desk.platform.malformed('HPE_INVALID_METHOD')],
  [
    'host',
    'another host',
    ({ desk, user, id }) => desk.send('GET', `${objects}/${id}`, { as: user, headers: { host: 'evil.test:8080' } }),
  ],
  [
    'host',
    'another port',
    ({ desk, user, id }) => desk.send('GET', `${objects}/${id}`, { as: user, headers: { host: 'platform.test' } }),
  ],
  [
    'host',
    'an absolute target elsewhere',
    ({ desk, user, id }) => desk.send('GET', `http://evil.test${objects}/${id}`, { as: user }),
  ],
  ['authorization', 'no credentials', ({ desk, id }) => desk.send('GET', `${objects}/${id}`, { as: 'none' })],
  [
    'authorization',
    'no tenant before the user',
    ({ desk, user, id }) =>
      desk.send('GET', `${objects}/${id}`, {
        as: 'none',
        headers: { authorization: `Basic ${btoa(`${user}:device-password`)}` },
      }),
  ],
  [
    'authorization',
    'an unknown scheme',
    ({ desk, id }) => desk.send('GET', `${objects}/${id}`, { as: 'none', headers: { authorization: 'Digest x' } }),
  ],
  [
    'application-key',
    'the header',
    ({ desk, user, id }) =>
      desk.send('GET', `${objects}/${id}`, { as: user, headers: { 'x-cumulocity-application-key': 'k' } }),
  ],
  [
    'operator-api',
    'a device lists registrations',
    ({ desk, user }) => desk.send('GET', '/devicecontrol/newDeviceRequests', { as: user }),
  ],
  [
    'operator-api',
    'a device creates an operation',
    ({ desk, user, id }) => desk.send('POST', operations, { as: user, body: { deviceId: id } }),
  ],
  [
    'operator-api',
    'the bootstrap user reads the inventory',
    ({ desk, id }) => desk.send('GET', `${objects}/${id}`, { as: 'bootstrap' }),
  ],
  ['unknown-resource', 'a path that is none', ({ desk, user }) => desk.send('GET', '/inventory', { as: user })],
  [
    'unknown-resource',
    'a method that is none',
    ({ desk, user, id }) => desk.send('PATCH', `${objects}/${id}`, { as: user }),
  ],
  [
    'unknown-resource',
    'a path that cannot be decoded',
    ({ desk, user }) => desk.send('GET', `${objects}/%E0%A4%A`, { as: user }),
  ],
  [
    'credentials-twice',
    'asking after delivery',
    ({ desk }) => {
      desk.send('POST', '/devicecontrol/newDeviceRequests', { body: { id: 'd9' } });
      const poll = () => desk.send('POST', '/devicecontrol/deviceCredentials', { as: 'bootstrap', body: { id: 'd9' } });
      poll();
      desk.send('PUT', '/devicecontrol/newDeviceRequests/d9', { body: { status: 'ACCEPTED' } });
      poll();
      poll();
    },
  ],
  [
    'create-without-lookup',
    'an object at once',
    ({ desk }) => desk.send('POST', objects, { as: desk.user('d9'), body: agentDocument('d9') }),
  ],
  [
    'second-object',
    'the same serial number again',
    ({ desk, user }) => {
      desk.send('GET', '/identity/externalIds/c8y_Serial/d1x', { as: user });
      desk.send('POST', objects, { as: user, body: agentDocument('d1') });
    },
  ],
  [
    'certification',
    'an agent without firmware version',
    ({ desk }) => {
      const user = desk.user('d9');
      desk.send('GET', '/identity/externalIds/c8y_Serial/d9', { as: user });
      desk.send('POST', objects, { as: user, body: { ...agentDocument('d9'), c8y_Firmware: { name: 'f' } } });
    },
  ],
  [
    'certification',
    'an agent without a name',
    ({ desk }) => {
      const user = desk.user('d9');
      desk.send('GET', '/identity/externalIds/c8y_Serial/d9', { as: user });
      const { name: _name, ...body } = agentDocument('d9');
      desk.send('POST', objects, { as: user, body });
    },
  ],
  [
    'name-updated',
    'an update with a name',
    ({ desk, user, id }) => desk.send('PUT', `${objects}/${id}`, { as: user, body: { name: 'x' } }),
  ],
  [
    'read-only-field',
    'an update with an owner',
    ({ desk, user, id }) => desk.send('PUT', `${objects}/${id}`, { as: user, body: { owner: user } }),
  ],
  [
    'agent-on-child',
    'an agent becomes a child',
    ({ desk, user, id }) => {
      const child = desk.send('POST', objects, { as: user, body: { com_cumulocity_model_Agent: {} } }).id;
      desk.send('POST', `${objects}/${id}/childDevices`, { as: user, body: { managedObject: { id: child } } });
    },
  ],
  [
    'agent-on-child',
    'a child becomes an agent',
    ({ desk, user, id }) => {
      const child = desk.child({ user, id }, 'd1:c');
      desk.send('PUT', `${objects}/${child}`, { as: user, body: { com_cumulocity_model_Agent: {} } });
    },
  ],
  [
    'agent-on-child',
    'a second agent of one user',
    ({ desk, user }) => {
      desk.send('GET', '/identity/externalIds/c8y_Serial/d9', { as: user });
      desk.send('POST', objects, { as: user, body: agentDocument('d9') });
    },
  ],
  [
    'name-characters',
    'a fragment with a dot',
    ({ desk, user, id }) => desk.send('PUT', `${objects}/${id}`, { as: user, body: { 'c8y.x': 1 } }),
  ],
  [
    'name-characters',
    'a series with a space',
    ({ desk, user, id }) =>
      desk.send('POST', '/measurement/measurements', {
        as: user,
        body: { source: { id }, time, type: 't', f: { 'a b': { value: 1 } } },
      }),
  ],
  [
    'timestamp',
    'no zone',
    ({ desk, user, id }) =>
      desk.send('POST', '/event/events', { as: user, body: event(id, { time: '2026-01-15T12:00:00' }) }),
  ],
  [
    'timestamp',
    'before 2020',
    ({ desk, user, id }) =>
      desk.send('POST', '/event/events', { as: user, body: event(id, { time: '1970-01-01T00:00:12Z' }) }),
  ],
  [
    'timestamp',
    'a number',
    ({ desk, user, id }) => desk.send('POST', '/event/events', { as: user, body: event(id, { time: 5 }) }),
  ],
  [
    'batch-size',
    '1,001 measurements',
    ({ desk, user, id }) => {
      const measurements = Array.from({ length: 1001 }, () => ({ source: { id }, time, type: 't' }));
      const headers = { 'content-type': 'application/vnd.com.nsn.cumulocity.measurementcollection+json' };
      desk.send('POST', '/measurement/measurements', { as: user, body: { measurements }, headers });
    },
  ],
  [
    'alarm-acknowledged',
    'a device acknowledges',
    ({ desk, user, id }) =>
      desk.send('POST', '/alarm/alarms', { as: user, body: alarm(id, { status: 'ACKNOWLEDGED' }) }),
  ],
  [
    'duplicate-alarm',
    'the same type twice',
    ({ desk, user, id }) => {
      desk.send('POST', '/alarm/alarms', { as: user, body: alarm(id) });
      desk.send('POST', '/alarm/alarms', { as: user, body: alarm(id) });
    },
  ],
  [
    'status-missing',
    'an update without status',
    (scene) => scene.desk.send('PUT', operationIn(scene, 'EXECUTING'), { as: scene.user, body: { c8y_X: {} } }),
  ],
  [
    'status-backwards',
    'back to PENDING',
    (scene) => scene.desk.send('PUT', operationIn(scene, 'EXECUTING'), { as: scene.user, body: { status: 'PENDING' } }),
  ],
  [
    'status-backwards',
    'SUCCESSFUL becomes FAILED',
    (scene) => scene.desk.send('PUT', operationIn(scene, 'SUCCESSFUL'), { as: scene.user, body: { status: 'FAILED' } }),
  ],
  [
    'executing-skipped',
    'PENDING becomes SUCCESSFUL',
    (scene) =>
      scene.desk.send('PUT', operationIn(scene, 'PENDING'), { as: scene.user, body: { status: 'SUCCESSFUL' } }),
  ],
  [
    'final-twice',
    'SUCCESSFUL twice',
    (scene) =>
      scene.desk.send('PUT', operationIn(scene, 'SUCCESSFUL'), { as: scene.user, body: { status: 'SUCCESSFUL' } }),
  ],
  [
    'operation-order',
    'the second one first',
    (scene) => {
      const { desk, user, id } = scene;
      operationIn(scene, 'PENDING');
      const second = operationIn(scene, 'PENDING');
      desk.send('GET', `${operations}?agentId=${id}`, { as: user });
      desk.send('PUT', second, { as: user, body: { status: 'EXECUTING' } });
    },
  ],
  [
    'fragment-not-repeated',
    'a result without the command',
    (scene) => {
      const body = { status: 'SUCCESSFUL', c8y_Command: { result: 'x' } };
      const url = operationIn(scene, 'EXECUTING', { c8y_Command: { text: 'help' } });
      scene.desk.send('PUT', url, { as: scene.user, body });
    },
  ],
  ['bayeux-message', 'no array', ({ desk, user }) => desk.bayeux(user, { channel: '/meta/handshake', version: '1.0' })],
  [
    'bayeux-message',
    'a handshake without version',
    ({ desk, user }) => desk.bayeux(user, [{ channel: '/meta/handshake' }]),
  ],
  [
    'bayeux-message',
    'a connect without type',
    ({ desk, user, id }) => desk.bayeux(user, [{ channel: '/meta/connect', clientId: desk.listen({ user, id }) }]),
  ],
  ['bayeux-message', 'an unknown channel', ({ desk, user }) => desk.bayeux(user, [{ channel: '/x' }])],
  [
    'bayeux-message',
    'a subscription without clientId',
    ({ desk, user, id }) => desk.bayeux(user, [{ channel: '/meta/subscribe', subscription: `/${id}` }]),
  ],
  [
    'handshake-batched',
    'with a subscription',
    ({ desk, user, id }) =>
      desk.bayeux(user, [
        { channel: '/meta/handshake', version: '1.0' },
        { channel: '/meta/subscribe', clientId: 'x', subscription: `/${id}` },
      ]),
  ],
  [
    'connect-batched',
    'with a subscription',
    ({ desk, user, id }) => {
      const clientId = desk.listen({ user, id });
      desk.bayeux(user, [
        { channel: '/meta/subscribe', clientId, subscription: `/${id}` },
        { channel: '/meta/connect', clientId, connectionType: 'long-polling' },
      ]);
    },
  ],
  [
    'connect-before-subscribe',
    'right after the handshake',
    ({ desk, user }) => {
      const [reply] = desk.bayeux(user, [{ channel: '/meta/handshake', version: '1.0' }]).list;
      desk.connect(user, String(reply?.['clientId']));
    },
  ],
  [
    'second-connect',
    'while one is held',
    ({ desk, user, id }) => {
      const clientId = desk.listen({ user, id });
      desk.connect(user, clientId);
      desk.connect(user, clientId);
    },
  ],
  [
    'connect-gap',
    'eleven seconds between connects',
    ({ desk, user, id }) => {
      const clientId = desk.listen({ user, id });
      desk.connect(user, clientId, { advice: { timeout: 0 } });
      desk.time.advance(11_000);
      desk.connect(user, clientId);
    },
  ],
  [
    'subscribe-denied',
    'the device of somebody else',
    ({ desk, user }) => {
      const [reply] = desk.bayeux(user, [{ channel: '/meta/handshake', version: '1.0' }]).list;
      const other = desk.device('d9').id;
      desk.bayeux(user, [
        { channel: '/meta/subscribe', clientId: reply?.['clientId'] ?? '', subscription: `/${other}` },
      ]);
    },
  ],
  [
    'cookie',
    'not returned',
    ({ desk, user, id }) => {
      desk.platform.settings.cookie = true;
      const [reply] = desk.bayeux(user, [{ channel: '/meta/handshake', version: '1.0' }]).list;
      desk.bayeux(user, [{ channel: '/meta/subscribe', clientId: reply?.['clientId'] ?? '', subscription: `/${id}` }]);
    },
  ],
  [
    'pending-before-subscribe',
    'no session',
    ({ desk, user, id }) => desk.send('GET', `${operations}?agentId=${id}&status=PENDING`, { as: user }),
  ],
  [
    'pending-missing',
    'a minute after the subscription',
    ({ desk, user, id }) => {
      const [reply] = desk.bayeux(user, [{ channel: '/meta/handshake', version: '1.0' }]).list;
      const clientId = String(reply?.['clientId']);
      desk.bayeux(user, [{ channel: '/meta/subscribe', clientId, subscription: `/${id}` }]);
      desk.connect(user, clientId);
      desk.time.advance(60_000);
    },
  ],
  [
    'token-after-logout',
    'the old token',
    ({ desk, user, id }) => {
      const found = desk.platform.core.findUser('t1000', user);
      const token = found === undefined ? '' : desk.platform.core.tokens.issue(found, 3600);
      const headers = { authorization: `Bearer ${token}` };
      desk.send('POST', '/user/logout', { as: 'none', headers });
      desk.send('GET', `${objects}/${id}`, { as: 'none', headers });
    },
  ],
  [
    'token-endpoint',
    'a password with the certificate',
    ({ desk, user }) => desk.send('POST', '/devicecontrol/deviceAccessToken', { as: user, extra: { port: 'token' } }),
  ],
  [
    'token-endpoint',
    'a body',
    ({ desk }) =>
      desk.send('POST', '/devicecontrol/deviceAccessToken', { as: 'none', body: {}, extra: { port: 'token' } }),
  ],
  [
    'token-endpoint',
    'another resource there',
    ({ desk, user, id }) => desk.send('GET', `${objects}/${id}`, { as: user, extra: { port: 'token' } }),
  ],
];

for (const [rule, name, act] of breaches) {
  test(`${rule}: ${name}`, (t) => {
    const desk = new Desk();
    const scene = { desk, ...desk.device('d1') };
    t.deepEqual(desk.broken, []);
    act(scene);
    t.deepEqual(desk.broken, [rule]);
    t.deepEqual(desk.defects, []);
  });
}

test('every rule has a breach in this table', (t) => {
  const covered = new Set(breaches.map(([rule]) => rule));
  t.deepEqual(
    Object.keys(rules).filter((rule) => !covered.has(rule as Rule)),
    [],
  );
});

test('a breach says who, what, where, when and by which clause', (t) => {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  desk.send('PUT', `${objects}/${id}`, { as: user, body: { name: 'x' } });
  t.deepEqual(desk.platform.breaches, [
    {
      rule: 'name-updated',
      what: `name of object ${id}`,
      clause: rules['name-updated'],
      user: 'device_d1',
      request: `PUT ${objects}/${id}`,
      time: '2026-01-15T12:00:00.000Z',
    },
  ]);
});

test('people break no rules', (t) => {
  const desk = new Desk();
  const { id } = desk.device('d1');
  desk.send('PUT', `${objects}/${id}`, { body: { name: 'x' }, headers: { 'content-type': 'application/json' } });
  desk.send('POST', objects, { body: agentDocument('d1') });
  desk.send('POST', '/event/events', { body: {} });
  t.deepEqual(desk.broken, []);
});

/** What a device repeats because its answer was lost. */
const excused: readonly [string, (scene: Scene) => void][] = [
  [
    'a final status',
    (scene) => {
      const { desk, user } = scene;
      const url = operationIn(scene, 'EXECUTING');
      desk.platform.order({ kind: 'dropAfter', method: 'PUT', path: `${operations}/*` });
      desk.send('PUT', url, { as: user, body: { status: 'SUCCESSFUL' } });
      desk.send('PUT', url, { as: user, body: { status: 'SUCCESSFUL' } });
    },
  ],
  [
    'a final status after the client hung up',
    (scene) => {
      const { desk, user } = scene;
      const url = operationIn(scene, 'EXECUTING');
      desk.send('PUT', url, { as: user, body: { status: 'SUCCESSFUL' } }).close();
      desk.send('PUT', url, { as: user, body: { status: 'SUCCESSFUL' } });
    },
  ],
  [
    'a final status after a power cut',
    (scene) => {
      const { desk, user } = scene;
      const url = operationIn(scene, 'SUCCESSFUL');
      desk.platform.forgive(user);
      desk.send('PUT', url, { as: user, body: { status: 'SUCCESSFUL' } });
    },
  ],
  [
    'an alarm',
    ({ desk, user, id }) => {
      desk.platform.order({ kind: 'status', status: 502, html: true, applied: true, path: '/alarm/alarms' });
      desk.send('POST', '/alarm/alarms', { as: user, body: alarm(id) });
      desk.send('POST', '/alarm/alarms', { as: user, body: alarm(id) });
    },
  ],
  [
    'a connect',
    ({ desk, user, id }) => {
      desk.platform.order({ kind: 'cut', ms: 1000, channel: '/meta/connect' });
      const clientId = desk.listen({ user, id });
      desk.connect(user, clientId);
      desk.time.advance(60_000);
      desk.connect(user, clientId);
    },
  ],
];
for (const [name, act] of excused) {
  test(`no breach: ${name} again`, (t) => {
    const desk = new Desk();
    act({ desk, ...desk.device('d1') });
    t.deepEqual(desk.broken, []);
  });
}

test('the second operation may go first if the device was not told of the first', (t) => {
  const desk = new Desk();
  const scene = { desk, ...desk.device('d1') };
  const { user, id } = scene;
  const clientId = desk.listen(scene);
  const held = desk.connect(user, clientId);
  operationIn(scene, 'PENDING');
  held.close();
  const second = operationIn(scene, 'PENDING');
  desk.connect(user, clientId);
  desk.send('PUT', second, { as: user, body: { status: 'EXECUTING' } });
  t.deepEqual(desk.broken, []);
  t.is(desk.platform.core.operations.size, 2, id);
});
