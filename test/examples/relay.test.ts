// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { World } from 'fractus/test';
import { app } from '../../examples/relay/app.ts';

/** A world with a device that is registered. */
function createRelay() {
  const world = new World({ app });
  world.connect();
  return world;
}

test('the device offers it and says how it stands', (t) => {
  const world = createRelay();
  const { c8y_SupportedOperations: operations, c8y_Relay: relay } = world.object?.fragments ?? {};
  t.true(Array.isArray(operations) && operations.includes('c8y_Relay'));
  t.deepEqual(relay, { relayState: 'OPEN' });
  world.finish();
});

test('an operation switches it, and the inventory says so', (t) => {
  const world = createRelay();
  t.is(world.operate({ c8y_Relay: { relayState: 'CLOSED' } }).status, 'SUCCESSFUL');
  t.is(world.device.machine.outputs['relay'], 1);
  t.deepEqual(world.object?.fragments['c8y_Relay'], { relayState: 'CLOSED' });
  t.is(world.operate({ c8y_Relay: { relayState: 'OPEN' } }).status, 'SUCCESSFUL');
  t.is(world.device.machine.outputs['relay'], 0);
  world.finish();
});

test('anything else fails with a word about what is allowed', (t) => {
  const world = createRelay();
  const operation = world.operate({ c8y_Relay: { relayState: 'AJAR' } });
  t.is(operation.status, 'FAILED');
  t.is(operation.failureReason, 'relayState: allowed are OPEN, CLOSED');
  t.is(world.device.machine.outputs['relay'], undefined);
  world.finish();
});
