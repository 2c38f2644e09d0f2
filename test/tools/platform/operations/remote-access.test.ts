// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Desk } from '../desk.ts';
import { ask, called, Kept, UPGRADE } from '../rules/breaches-remote.ts';

function createScene() {
  const desk = new Desk();
  return { desk, ...desk.device('d1') };
}

const bytes = (text: string) => Buffer.from(text);

test('both ends, bytes between them, and one end for both', (t) => {
  const scene = createScene();
  const { desk, user } = scene;
  const { session, listener, operator, url } = called(scene);
  // What comes before the device is there waits for it.
  let taken = 0;
  listener.onMessage(bytes('hello'), () => (taken += 1));
  t.is(taken, 0);
  const device = ask(scene, session.key);
  t.is(device.answer.status, 101);
  t.is(device.answer.headers['Sec-WebSocket-Accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  t.is(device.answer.headers['Sec-WebSocket-Protocol'], 'binary');
  t.deepEqual([device.socket.received, taken], ['hello', 1]);
  t.is(desk.send('PUT', url, { as: user, body: { status: 'SUCCESSFUL' } }).status, 200);
  device.listener()?.onMessage(bytes('hi'), () => {});
  t.is(operator.received, 'hi');
  t.deepEqual([session.toDeviceBytes, session.fromDeviceBytes], [5, 2]);
  device.listener()?.onClose();
  t.deepEqual([operator.closed, device.socket.closed], ['1000', '1000']);
  t.deepEqual(desk.broken, []);
});

test('a device that fails, does not come, or comes too late', (t) => {
  const scene = createScene();
  const { desk, user } = scene;
  const failed = called(scene);
  desk.send('PUT', failed.url, { as: user, body: { status: 'FAILED', failureReason: 'no way' } });
  t.is(failed.operator.closed, '1011 no way');
  const late = called(scene);
  desk.time.advance(180_000);
  t.is(late.operator.closed, '1011 the device did not connect in time');
  const { answer } = ask(scene, late.session.key);
  t.is(answer.status, 404);
  t.deepEqual(desk.broken, []);
});

test('hosts are saved, listed, dialled and dropped by operators, and by nobody else', (t) => {
  const scene = createScene();
  const { desk, user, id } = scene;
  const path = `/service/remoteaccess/devices/${id}/configurations`;
  const body = { name: 'PLC', hostname: 'plc.local', port: 502, protocol: 'PASSTHROUGH', credentialsType: 'NONE' };
  const saved = desk.send('POST', path, { body });
  t.is(saved.status, 201);
  t.like(saved.json, { name: 'PLC', hostname: 'plc.local', port: 502, protocol: 'PASSTHROUGH' });
  t.deepEqual(desk.send('GET', path).list, [saved.json]);
  for (const changes of [{ port: 0 }, { port: '502' }, { port: 1.5 }, { hostname: 5 }, { name: undefined }])
    t.is(desk.send('POST', path, { body: { ...body, ...changes } as never }).status, 422);
  t.is(desk.send('POST', '/service/remoteaccess/devices/1/configurations', { body }).status, 404);
  const client = `/service/remoteaccess/client/${id}/configurations/${saved.id}`;
  const operator = new Kept();
  const upgrade = (accept: (socket: Kept) => unknown) => void accept(operator);
  t.is(desk.send('GET', client, { headers: UPGRADE }).status, 426);
  t.is(desk.send('GET', client, { headers: UPGRADE, extra: { upgrade } }).status, 101);
  const [operation] = [...desk.platform.core.operations.values()];
  t.like(operation?.fragments['c8y_RemoteAccessConnect'], { hostname: 'plc.local', port: 502 });
  t.is(desk.send('GET', client, { extra: { upgrade } }).status, 400);
  const shown = () => desk.send('GET', `/inventory/managedObjects/${id}`).json['c8y_RemoteAccessList'];
  t.like(shown(), [{ id: saved.id, name: body.name }]);
  t.is(desk.send('DELETE', `${path}/${saved.id}`).status, 204);
  t.deepEqual(shown(), []);
  t.is(desk.send('GET', client, { headers: UPGRADE, extra: { upgrade } }).status, 404);
  t.deepEqual(desk.broken, []);
  t.is(desk.send('GET', path, { as: user }).status, 403);
  t.deepEqual(desk.broken, ['operator-api']);
});

test('an answer that got lost is no key used twice', (t) => {
  const scene = createScene();
  const { session } = called(scene);
  scene.desk.platform.order({ kind: 'dropAfter', method: 'GET', path: '/service/remoteaccess/device/*' });
  ask(scene, session.key);
  ask(scene, session.key);
  t.deepEqual(scene.desk.broken, []);
});
