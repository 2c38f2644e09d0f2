// SPDX-License-Identifier: Apache-2.0
/** Breaches in requests, documents, identity and the inventory. */

import { agentDocument, handshakeMessage } from '../desk.ts';
import { alarm, type BreachCase, event, objects, operations, time } from '../scene.ts';

export const documentBreaches: readonly BreachCase[] = [
  [
    'media-type',
    'plain JSON for a resource with a type of its own',
    ({ desk, user, id }) => {
      const headers = { 'content-type': 'application/json' };
      return desk.send('POST', '/event/events', { as: user, body: event(id), headers });
    },
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
      desk.bayeux(user, [handshakeMessage], {
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
    'batch-size',
    '1,001 measurements',
    ({ desk, user, id }) => {
      const measurements = Array.from({ length: 1001 }, () => ({
        source: { id },
        time,
        type: 't',
        f: { s: { value: 1 } },
      }));
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
];
