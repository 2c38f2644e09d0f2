// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { app } from '../../examples/relay/app.ts';
import type { JsonObject } from '../../tools/platform/model.ts';
import { createOperation } from '../../tools/platform/operator.ts';
import { World } from '../../tools/simulate/world.ts';

/** A world with a device that is registered, and what an operation becomes there. */
function createRelay() {
  const world = new World({ app });
  world.start();
  world.runUntil(() => world.object !== undefined, 60_000);
  const operate = (fragments: JsonObject) => {
    const operation = createOperation(world.platform, world.object?.id ?? '', fragments);
    world.runUntil(() => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED', 10_000);
    return operation;
  };
  return { world, operate };
}

test('the device offers it and says how it stands', (t) => {
  const { world } = createRelay();
  const { c8y_SupportedOperations: operations, c8y_Relay: relay } = world.object?.fragments ?? {};
  t.true(Array.isArray(operations) && operations.includes('c8y_Relay'));
  t.deepEqual(relay, { relayState: 'OPEN' });
  world.finish();
});

test('an operation switches it, and the inventory says so', (t) => {
  const { world, operate } = createRelay();
  t.is(operate({ c8y_Relay: { relayState: 'CLOSED' } }).status, 'SUCCESSFUL');
  t.is(world.device.machine.outputs['relay'], 1);
  t.deepEqual(world.object?.fragments['c8y_Relay'], { relayState: 'CLOSED' });
  t.is(operate({ c8y_Relay: { relayState: 'OPEN' } }).status, 'SUCCESSFUL');
  t.is(world.device.machine.outputs['relay'], 0);
  world.finish();
});

test('anything else fails with a word about what is allowed', (t) => {
  const { world, operate } = createRelay();
  const operation = operate({ c8y_Relay: { relayState: 'AJAR' } });
  t.is(operation.status, 'FAILED');
  t.is(operation.failureReason, 'relayState: allowed are OPEN, CLOSED');
  t.is(world.device.machine.outputs['relay'], undefined);
  world.finish();
});
