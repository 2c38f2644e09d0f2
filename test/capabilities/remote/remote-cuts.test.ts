// SPDX-License-Identifier: Apache-2.0
/** Remote access while power, link and platform fail at every point: one end, one call, and the device continues. */

import test from 'ava';
import type { Agent } from '../../../src/agent/agent.ts';
import { createOperation } from '../../../tools/platform/operator.ts';
import { calls, objectOf, settle } from '../../agent/scene.ts';
import { createScene, PLC } from './remote-scene.ts';

const MINUTE_MS = 60_000;
/** Number of requests from the operation to its end, and of writes meanwhile; a few more do no harm. */
const STEPS = 6;

const isEnded = (status: string) => status === 'SUCCESSFUL' || status === 'FAILED';

for (const when of ['before', 'after'] as const) {
  test(`a power cut ${when} each request of remote access`, (t) => {
    for (let n = 1; n <= STEPS; n++) {
      const { world, peers, call } = createScene(t);
      const { operation, session } = call();
      let left = n;
      world[when === 'before' ? 'onRequest' : 'onApplied'] = () => {
        if (--left === 0) world.device.powerCut();
        return left !== 0;
      };
      world.run(30_000);
      left = Number.POSITIVE_INFINITY;
      world.device.start();
      session.end();
      settle(world);
      world.run(5 * MINUTE_MS);
      t.true(isEnded(operation.status), `${n}: ${operation.status}`);
      t.true(peers.length <= 1, `${n}: dialled ${peers.length} times`);
      t.true(calls(world, 'GET', '/service/remoteaccess/device/*').length <= 1);
      t.true(peers.every(({ connected }) => !connected));
    }
  });
}

test('a power cut at each write to the flash', (t) => {
  for (let n = 1; n <= STEPS; n++) {
    for (const point of ['before', 'half', 'after'] as const) {
      const { world, peers, call } = createScene(t);
      world.device.cutAtWrite(n, point);
      const { operation, session } = call();
      world.run(30_000);
      world.device.start();
      session.end();
      settle(world);
      world.run(5 * MINUTE_MS);
      t.true(isEnded(operation.status), `${n} ${point}: ${operation.status}`);
      t.true(peers.length <= 1, `${n} ${point}: dialled ${peers.length} times`);
    }
  }
});

test('the link fails and returns during a session: the session ends, and another one may follow', (t) => {
  const { world, peers, connect } = createScene(t);
  const first = connect();
  world.device.linkDown();
  world.run(MINUTE_MS);
  world.device.linkUp();
  settle(world);
  t.is(first.operation.status, 'SUCCESSFUL');
  t.false(peers[0]?.connected);
  t.is(connect().operation.status, 'SUCCESSFUL');
  t.is(peers.length, 2);
});

test('an operation that is pushed twice is one call', (t) => {
  const { world, peers, connect } = createScene(t);
  world.platform.order({ channel: '/meta/connect', kind: 'duplicatePush' });
  // The poll under way misses it; the next one carries it.
  createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'status' } });
  world.run(5000);
  t.is(world.platform.faults.length, 0);
  const { operation } = connect();
  t.is(operation.status, 'SUCCESSFUL');
  world.run(MINUTE_MS);
  t.is(peers.length, 1);
});

test('the answer to the upgrade is lost, late or cut short: FAILED, and the next session works', (t) => {
  const { world, peers, connect } = createScene(t);
  const path = '/service/remoteaccess/device/*';
  for (const fault of [
    { kind: 'dropBefore' },
    { kind: 'dropAfter' },
    { kind: 'status', status: 200, html: true },
    { kind: 'status', status: 302 },
    { kind: 'delay', ms: 90_000 },
  ] as const) {
    world.platform.order({ method: 'GET', path, ...fault });
    const { operation } = connect();
    t.is(operation.status, 'FAILED', fault.kind);
    t.not(operation.failureReason, undefined);
    world.run(MINUTE_MS);
    t.true(peers.every(({ connected }) => !connected));
  }
  t.is(connect().operation.status, 'SUCCESSFUL');
});

test('a slow answer to the upgrade is accepted', (t) => {
  const { world, connect } = createScene(t);
  world.platform.order({ method: 'GET', path: '/service/remoteaccess/device/*', kind: 'delay', ms: 20_000 });
  t.is(connect().operation.status, 'SUCCESSFUL');
});

test('a host that is slow to fail blocks other operations for a bounded time', (t) => {
  // The long poll pauses for longer than usual in a session.
  const { world, call } = createScene(t, {}, undefined, ['connect-gap']);
  world.network.decide = ({ host }) => (host === PLC.host ? 'hang' : 'accept');
  const { operation } = call();
  const next = createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'status' } });
  world.runUntil(() => isEnded(next.status), 2 * MINUTE_MS);
  t.deepEqual([operation.status, next.status], ['FAILED', 'SUCCESSFUL']);
});

test('a restart ends the session, its operation stays SUCCESSFUL, and another session may follow', (t) => {
  const { world, peers, connect } = createScene(t);
  const { operation, session } = connect();
  const restart = createOperation(world.platform, objectOf(world).id, { c8y_Restart: {} });
  world.runUntil(() => isEnded(restart.status), 5 * MINUTE_MS);
  t.is(restart.status, 'SUCCESSFUL');
  t.false(peers[0]?.connected);
  t.is(operation.status, 'SUCCESSFUL');
  session.end();
  settle(world);
  t.is(connect().operation.status, 'SUCCESSFUL');
  t.is(peers.length, 2);
});

test('the end of the agent ends the session and leaves nothing behind', (t) => {
  const { world, peers, connect } = createScene(t);
  connect();
  let isStopped = false;
  (world.device.agent as Agent).stop(() => {
    isStopped = true;
  });
  world.run(3000);
  t.true(isStopped);
  t.false(peers[0]?.connected);
  const { requests, connections } = world;
  world.run(10 * MINUTE_MS);
  t.deepEqual([world.requests, world.connections], [requests, connections]);
});
