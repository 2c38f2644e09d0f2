// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import test from 'ava';
import { remoteAccess } from '../../../src/capabilities/index.ts';
import { createOperation } from '../../../tools/platform/operator.ts';
import { calls, listening, logged, objectOf, settle } from '../../agent/scene.ts';
import { createScene, PLC } from './remote-scene.ts';

const MINUTE_MS = 60_000;

const pattern = (length: number) => Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff));
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('bytes pass in both directions, and SUCCESSFUL means that both ends are connected', (t) => {
  const { world, peers, connect } = createScene(t);
  t.deepEqual(objectOf(world).fragments['c8y_RemoteAccessSupportedProtocols'], ['PASSTHROUGH', 'SSH', 'VNC', 'TELNET']);
  const call = connect();
  t.is(call.operation.status, 'SUCCESSFUL', call.operation.failureReason);
  t.deepEqual(
    call.operation.history.map(({ status }) => status),
    ['PENDING', 'EXECUTING', 'SUCCESSFUL'],
  );
  t.is(peers.length, 1);
  const bytes = pattern(100_000);
  call.send(bytes.subarray(0, 60_000));
  call.send(bytes.subarray(60_000));
  world.runUntil(() => call.received.length === bytes.length, 10 * MINUTE_MS);
  t.is(digest(call.received), digest(bytes));
  const [poll] = calls(world, 'GET', '/service/remoteaccess/device/*');
  t.is(poll?.status, 101);
  t.false(logged(world, call.session.key));
});

test('the first bytes of the host wait for the operator', (t) => {
  const { connect, world } = createScene(t, {}, (peer) => peer.send(Buffer.from('SSH-2.0-OpenSSH_9\r\n')));
  const call = connect();
  world.run(1000);
  t.is(call.received.toString(), 'SSH-2.0-OpenSSH_9\r\n');
});

test('the operator disconnects: the host is disconnected, and the long poll is back', (t) => {
  const { world, peers, connect } = createScene(t);
  const { session, operation } = connect();
  t.false(listening(world));
  session.end();
  world.run(10_000);
  t.false(peers[0]?.connected);
  t.true(listening(world));
  t.is(operation.status, 'SUCCESSFUL');
  t.true(logged(world, /remote access to plc\.local:502: the session has ended: the platform has closed it; 0 bytes/));
});

test('the host disconnects: all its bytes arrive first', (t) => {
  const bytes = pattern(30_000);
  const { world, connect } = createScene(t, {}, (peer) => {
    peer.onData = () => {
      peer.send(bytes);
      peer.end();
    };
  });
  const call = connect();
  call.send('x');
  world.runUntil(() => call.closed !== undefined, MINUTE_MS);
  t.is(digest(call.received), digest(bytes));
  t.deepEqual(call.closed, { code: 1000, reason: '' });
  world.run(10_000);
  t.true(listening(world));
});

test("the operator's last bytes reach the host before it is disconnected", (t) => {
  const { world, got, connect } = createScene(t, {}, (peer) => {
    peer.onData = () => {};
  });
  const call = connect();
  call.send(pattern(20_000));
  call.session.end();
  world.run(MINUTE_MS);
  t.is(digest(Buffer.concat(got)), digest(pattern(20_000)));
});

test('a host that reads nothing blocks the operator and nobody else', (t) => {
  const { world, peers, got, connect } = createScene(t, {}, (peer) => {
    peer.onData = () => {};
    peer.pause();
  });
  const call = connect();
  const bytes = pattern(200_000);
  for (let at = 0; at < bytes.length; at += 10_000) call.send(bytes.subarray(at, at + 10_000));
  // Another operation arrives by a listing, once a minute.
  const operation = createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'status' } });
  world.runUntil(() => operation.status === 'SUCCESSFUL', 2 * MINUTE_MS);
  world.run(3 * MINUTE_MS);
  t.is(got.length, 0);
  peers[0]?.resume();
  world.runUntil(() => Buffer.concat(got).length === bytes.length, 10 * MINUTE_MS);
  t.is(digest(Buffer.concat(got)), digest(bytes));
});

test('an operator who reads nothing blocks the host', (t) => {
  const { world, peers, connect } = createScene(t);
  const call = connect();
  const bytes = pattern(100_000);
  call.hold();
  peers[0]?.send(bytes);
  // For less than `idleS`: a blocked sender does not mean that the peer is gone.
  world.run(8 * MINUTE_MS);
  // One message is with the operator; another one and two windows are on their way.
  t.true(call.received.length <= 1024);
  t.true(call.session.fromDeviceBytes <= 2 * world.network.windowBytes);
  call.release();
  world.runUntil(() => call.received.length === bytes.length, 10 * MINUTE_MS);
  t.is(digest(call.received), digest(bytes));
});

test('one session at a time; another one may follow its end', (t) => {
  const { peers, connect, world } = createScene(t);
  const first = connect();
  const second = connect();
  t.is(second.operation.status, 'FAILED');
  t.regex(second.operation.failureReason ?? '', /one session at a time/);
  t.regex(second.closed?.reason ?? '', /one session at a time/);
  first.send('still there');
  world.runUntil(() => first.received.length > 0, MINUTE_MS);
  t.is(peers.length, 1);
  first.session.end();
  world.run(1000);
  t.is(connect().operation.status, 'SUCCESSFUL');
  t.is(peers.length, 2);
});

test('a broken link to the platform ends the session and nothing else', (t) => {
  for (const how of ['reset', 'end', 'vanish'] as const) {
    const { world, peers, connect } = createScene(t);
    const call = connect();
    call.send('a');
    world.run(1000);
    world.cutConnections(how);
    world.runUntil(() => peers[0]?.connected === false, 5 * MINUTE_MS);
    settle(world);
    t.is(call.operation.status, 'SUCCESSFUL');
    t.is(world.device.machine.bootCount, 1);
    t.is(connect().operation.status, 'SUCCESSFUL');
  }
});

test('an idle session ends, and so does one that lasts too long', (t) => {
  const idle = createScene(t, { idleS: 60 });
  const call = idle.connect();
  idle.world.run(45_000);
  t.is(call.closed, undefined);
  call.send('a');
  idle.world.run(45_000);
  t.is(call.closed, undefined);
  idle.world.run(MINUTE_MS);
  t.deepEqual(call.closed?.code, 1000);
  t.true(logged(idle.world, 'the session has ended: no byte for 60 s; 1 bytes from it, 1 to it'));

  const long = createScene(t, { longestS: 120 });
  const busy = long.connect();
  for (let i = 0; i < 12; i++) {
    busy.send('a');
    long.world.run(15_000);
  }
  t.true(logged(long.world, 'the session has ended: it has lasted for 120 s'));
  t.false(long.peers[0]?.connected);
});

test('a power cut: the operation ends, and nothing is dialled for it again', (t) => {
  for (const when of ['before it is up', 'while it is up'] as const) {
    const { world, peers, call } = createScene(t);
    const { operation } = call();
    if (when === 'while it is up') world.runUntil(() => operation.status === 'SUCCESSFUL', MINUTE_MS);
    else world.runUntil(() => peers.length === 1, MINUTE_MS);
    world.device.reboot();
    settle(world);
    world.run(10 * MINUTE_MS);
    t.is(operation.status, when === 'while it is up' ? 'SUCCESSFUL' : 'FAILED');
    t.is(peers.length, 1);
  }
});

test('one capability object serves several starts: a session of the previous start is gone', (t) => {
  const capability = remoteAccess({ allow: [PLC] });
  const { world, peers, connect } = createScene(t, {}, undefined, [], capability);
  connect();
  world.device.reboot();
  settle(world);
  const { operation } = connect();
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.is(peers.length, 2);
});

test('remote access with one connection for all other requests', (t) => {
  const { world, connect } = createScene(t, {}, undefined, [], undefined, { connections: '1' });
  const call = connect();
  t.is(call.operation.status, 'SUCCESSFUL', call.operation.failureReason);
  call.send(pattern(20_000));
  world.runUntil(() => call.received.length === 20_000, 10 * MINUTE_MS);
  t.is(digest(call.received), digest(pattern(20_000)));
});

test('a restart ordered meanwhile ends the session in an orderly way', (t) => {
  const { world, peers, connect } = createScene(t);
  connect();
  const restart = createOperation(world.platform, objectOf(world).id, { c8y_Restart: {} });
  world.runUntil(() => restart.status === 'SUCCESSFUL', 10 * MINUTE_MS);
  t.false(peers[0]?.connected);
  t.is(world.device.machine.bootCount, 2);
});
