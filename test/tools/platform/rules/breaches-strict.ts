// SPDX-License-Identifier: Apache-2.0
/** Breaches in what is there, but not of the right kind. */

import { agentDocument, handshakeMessage } from '../desk.ts';
import { alarm, type BreachCase, event, objects, operationIn } from '../scene.ts';

const measurements = '/measurement/measurements';

/** The 422 for a text that is a number: mandatory fields of each document. */
const texts: readonly BreachCase[] = (
  [
    ['/event/events', event, 'text'],
    ['/event/events', event, 'type'],
    ['/alarm/alarms', alarm, 'severity'],
    ['/alarm/alarms', alarm, 'type'],
    [measurements, event, 'type'],
  ] as const
).map(([path, make, name]) => [
  'mandatory-field',
  `${path}: ${name} is a number`,
  ({ desk, user, id }) => desk.send('POST', path, { as: user, body: make(id, { [name]: 5, f: { s: { value: 1 } } }) }),
]);

export const strictBreaches: readonly BreachCase[] = [
  ...texts,
  [
    'mandatory-field',
    'a name that is no text',
    ({ desk, user, id }) =>
      desk.send('POST', `${objects}/${id}/childDevices`, {
        as: user,
        body: { name: {} },
        headers: { 'content-type': 'application/vnd.com.nsn.cumulocity.managedobject+json' },
      }),
  ],
  [
    'mandatory-field',
    'a failureReason that is no text',
    (scene) =>
      scene.desk.send('PUT', operationIn(scene, 'EXECUTING'), {
        as: scene.user,
        body: { status: 'FAILED', failureReason: 5 },
      }),
  ],
  [
    'timestamp',
    'an offset that is none',
    ({ desk, user, id }) =>
      desk.send('POST', '/event/events', { as: user, body: event(id, { time: '2026-01-15T12:00:00+99:99' }) }),
  ],
  [
    'timestamp',
    'a number',
    ({ desk, user, id }) => desk.send('POST', '/event/events', { as: user, body: event(id, { time: 5 }) }),
  ],
  [
    'bayeux-message',
    'a handshake without connection types',
    ({ desk, user }) => desk.bayeux(user, [{ channel: '/meta/handshake', version: '1.0' }]),
  ],
  [
    'bayeux-message',
    'a handshake for others than long polls',
    ({ desk, user }) => desk.bayeux(user, [{ ...handshakeMessage, supportedConnectionTypes: ['websocket'] }]),
  ],
  [
    'media-type',
    'a file that is no form',
    ({ desk, user }) =>
      desk.send('POST', '/inventory/binaries', {
        as: user,
        bytes: Buffer.from('abc'),
        headers: { 'content-type': 'application/octet-stream' },
      }),
  ],
  [
    'name-characters',
    'an update of an event',
    ({ desk, user, id }) => {
      const created = desk.send('POST', '/event/events', { as: user, body: event(id) }).id;
      desk.send('PUT', `/event/events/${created}`, { as: user, body: { 'a.b': 1 } });
    },
  ],
  [
    'name-characters',
    'an update of an alarm',
    ({ desk, user, id }) => {
      const created = desk.send('POST', '/alarm/alarms', { as: user, body: alarm(id) }).id;
      desk.send('PUT', `/alarm/alarms/${created}`, { as: user, body: { 'a b': 1 } });
    },
  ],
  [
    'name-characters',
    'an update of an operation',
    (scene) =>
      scene.desk.send('PUT', operationIn(scene, 'PENDING'), {
        as: scene.user,
        body: { status: 'EXECUTING', a$b: {} },
      }),
  ],
  [
    'create-without-lookup',
    'an object under another id than the one that was asked for',
    ({ desk }) => {
      const user = desk.user('d9');
      desk.send('GET', '/identity/externalIds/c8y_Serial/other', { as: user });
      const { id } = desk.send('POST', objects, { as: user, body: agentDocument('d9') });
      const body = { type: 'c8y_Serial', externalId: 'd9' };
      desk.send('POST', `/identity/globalIds/${id}/externalIds`, { as: user, body });
    },
  ],
  [
    'create-without-lookup',
    'asked for only after the object was there',
    ({ desk }) => {
      const user = desk.user('d9');
      desk.send('GET', '/identity/externalIds/c8y_Serial/other', { as: user });
      const { id } = desk.send('POST', objects, { as: user, body: agentDocument('d9') });
      desk.send('GET', '/identity/externalIds/c8y_Serial/d9', { as: user });
      const body = { type: 'c8y_Serial', externalId: 'd9' };
      desk.send('POST', `/identity/globalIds/${id}/externalIds`, { as: user, body });
    },
  ],
];
