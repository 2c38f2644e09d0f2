// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { relay, relayArray } from '../../src/capabilities/index.ts';
import type { App } from '../../src/index.ts';
import type { Json } from '../../tools/platform/model.ts';
import { createOperation } from '../../tools/platform/operator.ts';
import type { World } from '../../tools/simulate/machine/world.ts';
import { createWorld, objectOf, settle } from '../agent/scene.ts';

const OUTPUTS = ['relay', 'pump', 'fan'];

function createScene(t: ExecutionContext, app: App, outputs: readonly string[] = OUTPUTS): World {
  const world = createWorld(t, { app, machine: { outputs } });
  world.start();
  settle(world);
  return world;
}

/** Orders the operation; returns it after its end. */
function operate(world: World, fragments: Record<string, Json>, deviceId = objectOf(world).id) {
  const operation = createOperation(world.platform, deviceId, fragments);
  settle(world);
  return operation;
}

function isOffered(world: World, name: string): boolean {
  return (objectOf(world).fragments['c8y_SupportedOperations'] as string[]).includes(name);
}

test('a relay is open at first and is switched, and the inventory says so before the operation succeeds', (t) => {
  const world = createScene(t, (board) => board.operation(relay()));
  t.true(isOffered(world, 'c8y_Relay'));
  t.deepEqual(objectOf(world).fragments['c8y_Relay'], { relayState: 'OPEN' });
  t.deepEqual(world.device.machine.outputs, { relay: 0 });
  for (const relayState of ['CLOSED', 'CLOSED', 'OPEN', 'CLOSED']) {
    const { status } = operate(world, { c8y_Relay: { relayState } });
    t.is(status, 'SUCCESSFUL');
    t.deepEqual(objectOf(world).fragments['c8y_Relay'], { relayState });
    t.is(world.device.machine.outputs['relay'], relayState === 'CLOSED' ? 1 : 0);
  }
});

test('a restart keeps the state of relays, and so does a power cut, before there is a network', (t) => {
  const world = createScene(t, (board) => {
    board.operation(relay('pump'));
    board.operation(relayArray('relay', 'fan'));
  });
  t.deepEqual(objectOf(world).fragments['c8y_RelayArray'], ['OPEN', 'OPEN']);
  operate(world, { c8y_Relay: { relayState: 'CLOSED' } });
  operate(world, { c8y_RelayArray: ['OPEN', 'CLOSED'] });
  const { machine } = world.device;
  for (const how of ['cut', 'restart'] as const) {
    Object.assign(machine.outputs, { relay: 7, pump: 7, fan: 7 });
    if (how === 'cut') {
      machine.linkUp = false;
      world.device.reboot();
      t.deepEqual(machine.outputs, { relay: 0, pump: 1, fan: 1 });
      machine.linkUp = true;
      world.device.reboot();
    } else operate(world, { c8y_Restart: {} });
    settle(world);
    t.deepEqual(machine.outputs, { relay: 0, pump: 1, fan: 1 }, how);
    t.deepEqual(objectOf(world).fragments['c8y_Relay'], { relayState: 'CLOSED' }, how);
    t.deepEqual(objectOf(world).fragments['c8y_RelayArray'], ['OPEN', 'CLOSED'], how);
  }
  operate(world, { c8y_RelayArray: ['CLOSED', 'OPEN'] });
  t.deepEqual(machine.outputs, { relay: 1, pump: 1, fan: 0 });
  world.device.reboot();
  settle(world);
  t.deepEqual(machine.outputs, { relay: 1, pump: 1, fan: 0 });
  t.deepEqual(objectOf(world).fragments['c8y_RelayArray'], ['CLOSED', 'OPEN']);
});

test('any other value switches nothing, and the reason names the allowed ones', (t) => {
  const world = createScene(t, (board) => {
    board.operation(relay());
    board.operation(relayArray('pump', 'fan'));
  });
  const single: Json[] = [
    {},
    { relayState: 'AJAR' },
    { relayState: 'closed' },
    { relayState: 1 },
    { relayState: null },
    [],
  ];
  for (const fragment of single) {
    const { status, failureReason } = operate(world, { c8y_Relay: fragment });
    t.is(status, 'FAILED');
    t.is(failureReason, 'relayState: allowed are OPEN, CLOSED');
  }
  const several: Json[] = [
    [],
    ['CLOSED'],
    ['CLOSED', 'CLOSED', 'CLOSED'],
    ['CLOSED', 'AJAR'],
    ['CLOSED', 1],
    { '0': 'CLOSED', '1': 'CLOSED' },
    'CLOSED',
  ];
  for (const fragment of several) {
    const { status, failureReason } = operate(world, { c8y_RelayArray: fragment });
    t.is(status, 'FAILED');
    t.is(failureReason, 'c8y_RelayArray: allowed are 2 of OPEN, CLOSED');
  }
  t.deepEqual(world.device.machine.outputs, { relay: 0, pump: 0, fan: 0 });
  t.deepEqual(objectOf(world).fragments['c8y_RelayArray'], ['OPEN', 'OPEN']);
});

test('without the part no relay is offered, and an array is not switched in part', (t) => {
  const world = createScene(
    t,
    (board) => {
      board.operation(relay('valve'));
      board.operation(relayArray('relay', 'valve'));
      board.operation(relayArray());
    },
    ['relay'],
  );
  t.false(isOffered(world, 'c8y_Relay'));
  t.false(isOffered(world, 'c8y_RelayArray'));
  t.is(objectOf(world).fragments['c8y_Relay'], undefined);
  t.deepEqual(world.device.machine.outputs, {});
});

test('a flash that refuses the state leaves the relay unchanged', (t) => {
  const world = createScene(t, (board) => board.operation(relay()));
  const { store } = world.device.machine.hal ?? {};
  const set = store?.set.bind(store);
  if (store !== undefined && set !== undefined) store.set = (name, value) => name !== 'relays' && set(name, value);
  const { status, failureReason } = operate(world, { c8y_Relay: { relayState: 'CLOSED' } });
  t.is(status, 'FAILED');
  t.regex(failureReason ?? '', /flash refuses/);
  t.is(world.device.machine.outputs['relay'], 0);
  t.deepEqual(objectOf(world).fragments['c8y_Relay'], { relayState: 'OPEN' });
});

test('a power cut at any moment: the relay agrees with the inventory in the end', (t) => {
  for (let cutMs = 0; cutMs < 400; cutMs += 20) {
    const world = createScene(t, (board) => board.operation(relay()));
    const operation = createOperation(world.platform, objectOf(world).id, { c8y_Relay: { relayState: 'CLOSED' } });
    world.run(cutMs);
    world.device.reboot();
    settle(world);
    t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
    t.is(world.device.machine.outputs['relay'], 1);
    t.deepEqual(objectOf(world).fragments['c8y_Relay'], { relayState: 'CLOSED' });
  }
});

test('an actuator that returns a promise has not switched yet: FAILED', async (t) => {
  const world = createScene(t, (board) => {
    board.operation(relay());
    Object.assign(board.hal.actuators['relay'] ?? {}, { write: () => Promise.reject(new Error('the coil is open')) });
  });
  const { status, failureReason } = operate(world, { c8y_Relay: { relayState: 'CLOSED' } });
  await new Promise(setImmediate);
  t.deepEqual([status, failureReason], ['FAILED', 'actuator relay: write must switch at once, not a promise']);
});

test('a relay that the board lacks is not offered, and the log says so at each start', (t) => {
  const world = createScene(t, (board) => {
    board.operation(relay('valve'));
    board.operation(relayArray('pump', 'lamp'));
  });
  const told = () => world.device.lines.filter((line) => line.includes('actuator'));
  t.deepEqual(told(), [
    'warn: this board has no actuator valve, so its operation is not offered',
    'warn: this board has no actuator lamp, so its operation is not offered',
  ]);
  const { c8y_SupportedOperations: offered } = objectOf(world).fragments;
  t.false(/Relay/.test(JSON.stringify(offered)));
  world.device.reboot();
  settle(world);
  t.is(told().length, 4);
});
