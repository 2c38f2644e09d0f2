// SPDX-License-Identifier: Apache-2.0

import type { App } from '../../../src/index.ts';
import type { Fault, Misbehaviour } from '../../../tools/platform/faults.ts';
import type { Operation } from '../../../tools/platform/model.ts';
import { bodyOf, calls, createSettled, gaps, objectOf, settle } from '../scene.ts';
import { isEnded, order, orderWork, runToEnd, statuses, testOnBoth, updates, Workshop } from './operating.ts';

const path = '/devicecontrol/operations/*';

/** Switches, and writes its state to the inventory. */
const relay: App = (board) => {
  board.operation({
    name: 'c8y_Relay',
    run(operation) {
      board.hal.actuators['relay']?.write(operation.text('relayState') === 'CLOSED' ? 1 : 0);
      operation.fragment('c8y_Relay', { relayState: operation.text('relayState') ?? '' });
      operation.succeed();
    },
  });
};

/** Clears the deliveries: the platform has refused the begin, so it does not expect this operation before others. */
function forget(operation: Operation): void {
  operation.deliveries.length = 0;
}

/** Faults of a request after which the platform may or may not have carried it out. */
const disturbances: readonly Misbehaviour[] = [
  { kind: 'dropBefore' },
  { kind: 'dropAfter' },
  { kind: 'status', status: 500, applied: true },
  { kind: 'status', status: 502, applied: true, html: true },
  { kind: 'status', status: 503, retryAfterSeconds: 2 },
  { kind: 'status', status: 504, html: true },
  { kind: 'status', status: 429 },
  { kind: 'status', status: 404, html: true },
  { kind: 'truncate', bytes: 3 },
  { kind: 'delay', ms: 40_000, after: true },
];

for (const fault of disturbances) {
  for (const [which, match] of [
    ['EXECUTING', { path, contains: 'EXECUTING' }],
    ['the inventory', { path: '/inventory/managedObjects/*', contains: 'c8y_Relay' }],
    ['SUCCESSFUL', { path, contains: 'SUCCESSFUL' }],
  ] as const) {
    testOnBoth(`an operation ends well though ${which} meets ${JSON.stringify(fault)}, twice`, (t, config) => {
      const world = createSettled(t, { app: relay, config });
      world.platform.order({ ...fault, ...match, method: 'PUT', times: 2 } as Fault);
      const first = order(world, { c8y_Relay: { relayState: 'CLOSED' } });
      const second = order(world, { c8y_Relay: { relayState: 'OPEN' } });
      runToEnd(world, [first, second], 400_000);
      for (const each of [first, second]) t.deepEqual(statuses(each), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
      t.deepEqual(objectOf(world).fragments['c8y_Relay'], { relayState: 'OPEN' });
      t.is(world.device.machine.outputs['relay'], 0);
    });
  }
}

for (const status of [400, 403, 404, 409, 422]) {
  testOnBoth(
    `an operation that may not begin (${status} to EXECUTING) is left alone, and the next one goes on`,
    (t, config) => {
      const workshop = new Workshop();
      const world = createSettled(t, { app: workshop.app, config });
      world.platform.order({ kind: 'status', status, method: 'PUT', path });
      const [refused, next] = [order(world, { x_Work: {} }), order(world, { x_Work: {} })];
      world.runUntil(() => updates(world, refused.id).length > 0, 15_000);
      forget(refused);
      runToEnd(world, [next]);
      t.deepEqual(workshop.begun, [next.id]);
      t.is(refused.status, 'PENDING');
      t.is(updates(world, refused.id).length, 1);
    },
  );

  testOnBoth(`an operation whose end is refused with ${status} holds nobody up`, (t, config) => {
    const workshop = new Workshop();
    const world = createSettled(t, { app: workshop.app, config });
    // The content of the update may be the cause: then the status alone is tried.
    const times = status === 400 || status === 422 ? 2 : 1;
    world.platform.order({ kind: 'status', status, method: 'PUT', path, contains: 'SUCCESSFUL', times });
    const [refused, next] = [order(world, { x_Work: {} }), order(world, { x_Work: {} })];
    runToEnd(world, [next]);
    t.deepEqual(workshop.begun, [refused.id, next.id]);
    t.is(updates(world, refused.id).length, 1 + times);
  });
}

testOnBoth('an operation ends although the inventory refuses its update', (t, config) => {
  for (const status of [403, 404, 422]) {
    const world = createSettled(t, { app: relay, config });
    world.platform.order({ kind: 'status', status, method: 'PUT', path: '/inventory/managedObjects/*' });
    const operation = order(world, { c8y_Relay: { relayState: 'CLOSED' } });
    runToEnd(world, [operation]);
    t.is(operation.status, 'SUCCESSFUL');
  }
});

testOnBoth('an operation that is deleted while it waits or runs blocks no other', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  const [running, waiting, next] = [
    order(world, { x_Work: { ms: 10_000 } }),
    order(world, { x_Work: {} }),
    order(world, { x_Work: {} }),
  ];
  world.runUntil(() => workshop.begun.length === 1, 10_000);
  world.run(6000);
  world.platform.core.operations.delete(running.id);
  world.platform.core.operations.delete(waiting.id);
  runToEnd(world, [next]);
  t.deepEqual(workshop.begun, [running.id, next.id]);
  t.is(updates(world, waiting.id).length, 1, 'the 404 is an answer');
});

testOnBoth('an operation that people end while it runs blocks no other', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  const running = order(world, { x_Work: { ms: 10_000 } });
  world.runUntil(() => workshop.begun.length === 1, 10_000);
  Object.assign(running, { status: 'FAILED', failureReason: 'cancelled', statusRequest: 0 });
  const next = order(world, { x_Work: {} });
  runToEnd(world, [next]);
  t.is(next.status, 'SUCCESSFUL');
});

testOnBoth('operations that were EXECUTING at a power cut get their true end before new ones begin', (t, config) => {
  const workshop = new Workshop('one');
  const world = createSettled(t, { app: workshop.app, config });
  const [running, waiting] = [order(world, { x_Work: { ms: 60_000 } }), order(world, { x_Work: {} })];
  world.runUntil(() => running.status === 'EXECUTING' && workshop.begun.length === 1, 10_000);
  world.run(2000);
  const before = world.requests;
  world.device.reboot();
  runToEnd(world, [running, waiting]);
  t.deepEqual(statuses(running), ['PENDING', 'EXECUTING', 'FAILED']);
  t.is(running.failureReason, 'the device restarted before the operation was finished');
  t.is(waiting.status, 'SUCCESSFUL');
  t.deepEqual(workshop.begun, [running.id, waiting.id]);
  const [first] = updates(world, '*', before);
  t.true(first?.path.endsWith(running.id));
  t.is(bodyOf(first)['status'], 'FAILED');
});

testOnBoth('thirty operations that were EXECUTING all end', (t, config) => {
  const world = createSettled(t, { app: new Workshop().app, config });
  world.device.powerCut();
  const operations = orderWork(world, 30);
  for (const operation of operations) operation.status = 'EXECUTING';
  world.device.start();
  const next = order(world, { x_Work: {} });
  runToEnd(world, [...operations, next], 900_000);
  t.true(operations.every(({ status }) => status === 'FAILED'));
  t.is(next.status, 'SUCCESSFUL');
  settle(world);
});

testOnBoth('operations that the platform does not let begin are not tried for ever', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config: { ...config, measurementInterval: '3600' } });
  world.device.powerCut();
  const refused = orderWork(world, 45);
  world.platform.order({ kind: 'status', status: 403, method: 'PUT', path, times: 100_000 });
  world.device.start();
  settle(world);
  world.run(1_800_000);
  const count = calls(world, 'PUT', path).length;
  t.true(count <= 100, `${count} updates`);
  world.platform.cancel();
  for (const each of refused) forget(each);
  const operation = order(world, { x_Work: {} });
  runToEnd(world, [operation]);
  t.is(operation.status, 'SUCCESSFUL');
});

testOnBoth('the listing survives every fault', (t, config) => {
  for (const fault of [...disturbances, { kind: 'empty' }, { kind: 'truncate', bytes: 700 }] as const) {
    const workshop = new Workshop();
    const world = createSettled(t, { app: workshop.app, config });
    world.device.powerCut();
    const operations = orderWork(world, 12);
    const list = { method: 'GET', path: '/devicecontrol/operations' };
    world.platform.order({ ...fault, ...list, times: 3 } as Fault);
    world.platform.order({ ...fault, ...list, contains: 'PENDING', skip: 2 } as Fault);
    world.device.start();
    runToEnd(world, operations, 900_000);
    t.deepEqual(
      workshop.begun,
      operations.map(({ id }) => id),
      JSON.stringify(fault),
    );
  }
});

testOnBoth('an overloaded platform is asked ever more slowly, and nothing is lost', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  const operation = order(world, { x_Work: {} });
  world.platform.order({ kind: 'status', status: 503, method: 'PUT', path, times: 12 });
  world.runUntil(() => isEnded(operation), 1_800_000);
  t.is(operation.status, 'SUCCESSFUL');
  const waits = gaps(updates(world, operation.id));
  t.is(waits.length, 13);
  for (const wait of waits.slice(0, 12)) t.true(wait >= 500, `${wait} ms`);
});
