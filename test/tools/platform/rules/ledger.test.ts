// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Desk } from '../desk.ts';
import { alarm, operationIn, operations, type Scene } from '../scene.ts';

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

test('pages of PENDING may still be asked for when a fault ended the session', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  desk.listen(device);
  desk.platform.expireSessions();
  desk.send('GET', `${operations}?agentId=${device.id}&status=PENDING&currentPage=2`, { as: device.user });
  t.deepEqual(desk.broken, []);
});
