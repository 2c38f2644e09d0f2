// SPDX-License-Identifier: Apache-2.0
/** Breaches in operations, Bayeux and tokens. */

import type { Json, JsonObject } from '../../../../tools/platform/model.ts';
import { handshakeMessage } from '../desk.ts';
import { type BreachCase, objects, operationIn, operations, type Scene } from '../scene.ts';

export const operationBreaches: readonly BreachCase[] = [
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
  [
    'log-file',
    'nowhere',
    (scene) => {
      const url = operationIn(scene, 'EXECUTING', { c8y_LogfileRequest: {} });
      scene.desk.send('PUT', url, { as: scene.user, body: { status: 'SUCCESSFUL' } });
    },
  ],
  [
    'log-file',
    'an event without its log',
    (scene) => {
      const { desk, user, id } = scene;
      const url = operationIn(scene, 'EXECUTING', { c8y_LogfileRequest: {} });
      const event = { source: { id }, type: 'c8y_LogfileRequest', text: 'x', time: '2026-01-15T12:00:00.000Z' };
      desk.send('POST', '/event/events', { as: user, body: event });
      const [{ id: eventId } = { id: '' }] = [...desk.platform.core.events.values()];
      const file = `https://t1000.example/event/events/${eventId}/binaries`;
      desk.send('PUT', url, { as: user, body: { status: 'SUCCESSFUL', c8y_LogfileRequest: { file } } });
    },
  ],
  ['software-list', 'no list', (scene) => endSoftware(scene, 'install', undefined)],
  ['software-list', 'without what was installed', (scene) => endSoftware(scene, 'install', [])],
  [
    'software-list',
    'another version',
    (scene) => endSoftware(scene, 'install', [{ name: 'cellar', version: '0.9', url: '' }]),
  ],
  ['software-list', 'without versions', (scene) => endSoftware(scene, 'install', [{ name: 'cellar' }])],
  [
    'software-list',
    'with what was deleted',
    (scene) => endSoftware(scene, 'delete', [{ name: 'cellar', version: '1.0', url: '' }]),
  ],
  [
    'parameter-update',
    'another value in the inventory',
    (scene) => {
      const { desk, user, id } = scene;
      const asked = { c8y_ParameterUpdate: {}, c8y_ParameterUpdate_acme_Limits: {}, acme_Limits: { high: 5, low: 1 } };
      const url = operationIn(scene, 'EXECUTING', asked);
      desk.send('PUT', `${objects}/${id}`, { as: user, body: { acme_Limits: { high: 5, low: 2 } } });
      desk.send('PUT', url, { as: user, body: { status: 'SUCCESSFUL' } });
    },
  ],
  ['network-told', 'SUCCESSFUL without a word in the inventory', (scene) => endNetwork(scene, undefined)],
  ['network-told', 'another network', (scene) => endNetwork(scene, { fractus_WiFi: { name: 'House' } })],
  [
    'network-told',
    'with the password',
    (scene) => endNetwork(scene, { fractus_WiFi: { name: 'Barn', password: 'hay & straw' } }),
  ],
  [
    'device-profile',
    'SUCCESSFUL without a word in the inventory',
    (scene) => endProfile(scene, undefined, 'SUCCESSFUL'),
  ],
  ['device-profile', 'SUCCESSFUL and not executed', (scene) => endProfile(scene, false, 'SUCCESSFUL')],
  ['device-profile', 'FAILED and executed', (scene) => endProfile(scene, true, 'FAILED')],
  ['bayeux-message', 'no array', ({ desk, user }) => desk.bayeux(user, handshakeMessage)],
  [
    'bayeux-message',
    'a handshake without version',
    ({ desk, user }) => desk.bayeux(user, [{ ...handshakeMessage, version: '2.0' }]),
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
      desk.bayeux(user, [handshakeMessage, { channel: '/meta/subscribe', clientId: 'x', subscription: `/${id}` }]),
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
      const [reply] = desk.bayeux(user, [handshakeMessage]).list;
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
    'a device that there is not',
    ({ desk, user }) => {
      const [reply] = desk.bayeux(user, [handshakeMessage]).list;
      const clientId = reply?.['clientId'] ?? '';
      desk.bayeux(user, [{ channel: '/meta/subscribe', clientId, subscription: '/999' }]);
    },
  ],
  [
    'cookie',
    'not returned',
    ({ desk, user, id }) => {
      desk.platform.settings.cookie = true;
      const [reply] = desk.bayeux(user, [handshakeMessage]).list;
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
    'two minutes after the subscription',
    ({ desk, user, id }) => {
      const [reply] = desk.bayeux(user, [handshakeMessage]).list;
      const clientId = String(reply?.['clientId']);
      desk.bayeux(user, [{ channel: '/meta/subscribe', clientId, subscription: `/${id}` }]);
      desk.connect(user, clientId);
      desk.time.advance(120_000);
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

/** A device ends the update of its software, having told this list. */
function endSoftware(scene: Scene, action: string, list: Json | undefined): void {
  const { desk, user, id } = scene;
  const url = operationIn(scene, 'EXECUTING', { c8y_SoftwareUpdate: [{ name: 'cellar', version: '1.0', action }] });
  if (list !== undefined) desk.send('PUT', `${objects}/${id}`, { as: user, body: { c8y_SoftwareList: list } });
  desk.send('PUT', url, { as: user, body: { status: 'SUCCESSFUL' } });
}

/** A device ends a change of its network, with this in the inventory. */
function endNetwork(scene: Scene, c8y_Network: JsonObject | undefined): void {
  const { desk, user, id } = scene;
  const asked = { c8y_Network: { fractus_WiFi: { name: 'Barn', password: 'hay & straw' } } };
  const url = operationIn(scene, 'EXECUTING', asked);
  if (c8y_Network !== undefined) desk.send('PUT', `${objects}/${id}`, { as: user, body: { c8y_Network } });
  desk.send('PUT', url, { as: user, body: { status: 'SUCCESSFUL' } });
}

/** A device ends a profile, having told that it is executed or not. */
function endProfile(scene: Scene, profileExecuted: boolean | undefined, status: string): void {
  const { desk, user, id } = scene;
  const profile = { profileName: 'winter', profileId: '7' };
  const url = operationIn(scene, 'EXECUTING', { ...profile, c8y_DeviceProfile: {} });
  if (profileExecuted !== undefined) {
    desk.send('PUT', `${objects}/${id}`, { as: user, body: { c8y_Profile: { ...profile, profileExecuted } } });
  }
  desk.send('PUT', url, { as: user, body: { status } });
}
