// SPDX-License-Identifier: Apache-2.0

import type { App } from '../../../src/index.ts';
import { createObject } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { bodyOf, calls, createSettled, logged, objectOf, settle } from '../scene.ts';
import {
  bayeux,
  childOf,
  isEnded,
  onChannel,
  order,
  orderWork,
  runToEnd,
  statuses,
  testOnBoth,
  updates,
  Workshop,
} from './operating.ts';

/** The device's updates of an operation, and its updates of the inventory in between. */
function steps(world: World, id: string, since = 0): string[] {
  const inventory = /^\/inventory\/managedObjects\/[0-9]+$/;
  return world.exchanges
    .filter(
      ({ number, method, path }) => number > since && method === 'PUT' && (path.endsWith(id) || inventory.test(path)),
    )
    .filter(({ body }) => body !== '{}')
    .map((each) => (inventory.test(each.path) ? 'inventory' : String(bodyOf(each)['status'])));
}

testOnBoth('EXECUTING first, then the inventory, then the final status', (t, config) => {
  const app: App = (board) => {
    board.operation({
      name: 'c8y_Relay',
      run(operation) {
        const state = operation.text('relayState') ?? '';
        operation.fragment('c8y_Relay', { relayState: state });
        operation.succeed();
      },
    });
  };
  const world = createSettled(t, { app, config });
  const before = world.requests;
  const operation = order(world, { c8y_Relay: { relayState: 'CLOSED' }, description: 'close it' });
  runToEnd(world, [operation]);
  t.deepEqual(steps(world, operation.id, before), ['EXECUTING', 'inventory', 'SUCCESSFUL']);
  t.deepEqual(objectOf(world).fragments['c8y_Relay'], { relayState: 'CLOSED' });
  for (const update of updates(world, operation.id)) t.deepEqual(Object.keys(bodyOf(update)), ['status']);
});

testOnBoth('an actual change is published even if the operation fails', (t, config) => {
  const app: App = (board) => {
    board.operation({
      name: 'x_Half',
      run(operation) {
        operation.fragment('x_Half', { done: 'one of two' });
        operation.fail('the second one is missing');
      },
    });
  };
  const world = createSettled(t, { app, config });
  const before = world.requests;
  const operation = order(world, { x_Half: {} });
  runToEnd(world, [operation]);
  t.deepEqual(steps(world, operation.id, before), ['EXECUTING', 'inventory', 'FAILED']);
  t.is(operation.failureReason, 'the second one is missing');
  t.deepEqual(objectOf(world).fragments['x_Half'], { done: 'one of two' });
});

testOnBoth('operations of one device run one by one and in order, those of several in parallel', (t, config) => {
  const workshop = new Workshop('one', 'two');
  const world = createSettled(t, { app: workshop.app, config });
  const ids = [objectOf(world).id, childOf(world, 'one').id, childOf(world, 'two').id];
  const operations = ids.map((id) => [1, 2].map((n) => order(world, { x_Work: { n, ms: 20_000 } }, id)));
  runToEnd(world, operations.flat(), 200_000);
  for (const own of operations) {
    const [first, second] = own;
    t.true(workshop.begun.indexOf(first?.id ?? '') < workshop.begun.indexOf(second?.id ?? ''));
    t.true((second?.history[1]?.timeMs ?? 0) >= (first?.history[2]?.timeMs ?? Number.NaN), 'one at a time');
  }
  t.deepEqual(new Set(workshop.begun.slice(0, 3)), new Set(operations.map(([first]) => first?.id ?? '')));
  t.deepEqual([...workshop.atOnce.values()], [1, 1, 1]);
});

testOnBoth('operations for a child reach only its handler', (t, config) => {
  const heard: string[] = [];
  const app: App = (board) => {
    board.operation({ name: 'x_Work', run: () => void heard.push('board') });
    board.child('valve', {}).operation({
      name: 'x_Work',
      run(operation) {
        heard.push('valve');
        operation.fragment('x_State', 'open');
        operation.succeed();
      },
    });
    board.child('meter', {});
  };
  const world = createSettled(t, { app, config });
  const [valve, meter] = [childOf(world, 'valve'), childOf(world, 'meter')];
  const done = order(world, { x_Work: {} }, valve.id);
  const refused = order(world, { x_Work: {} }, meter.id);
  runToEnd(world, [done, refused]);
  t.deepEqual(heard, ['valve']);
  t.is(valve.fragments['x_State'], 'open');
  t.is(objectOf(world).fragments['x_State'], undefined);
  t.is(refused.status, 'FAILED');
  t.regex(refused.failureReason ?? '', /x_Work.*not supported by child meter/);
});

testOnBoth('operations pushed during a listing wait for it, so that the order of creation holds', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  world.device.powerCut();
  const operations = orderWork(world, 20);
  let listed = 0;
  world.onRequest = ({ path }) => {
    if (path.includes('status=PENDING') && listed++ < 4) operations.push(...orderWork(world, 1));
    return true;
  };
  world.device.start();
  settle(world);
  operations.push(...orderWork(world, 3));
  runToEnd(world, operations, 900_000);
  t.true(operations.length >= 26);
  t.deepEqual(
    workshop.begun,
    operations.map(({ id }) => id),
  );
});

testOnBoth('an operation whose push was lost runs before those pushed after it', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  world.platform.order({ kind: 'dropAfter', skip: config.connections === '1' ? 1 : 0, ...onChannel('connect') });
  const running = order(world, { x_Work: { ms: 40_000 } });
  world.runUntil(() => workshop.begun.length === 1, 10_000);
  world.run(1000);
  const lost = order(world, { x_Work: { n: 1 } });
  const before = world.requests;
  world.runUntil(() => bayeux(world, 'connect', before).length > 0, 10_000);
  const pushed = order(world, { x_Work: { n: 2 } });
  runToEnd(world, [running, lost, pushed], 200_000);
  t.deepEqual(workshop.begun, [running.id, lost.id, pushed.id]);
});

testOnBoth('a handler that hangs ends FAILED and blocks only its own device; its late end is ignored', (t, config) => {
  const workshop = new Workshop('one');
  const world = createSettled(t, { app: workshop.app, config: { ...config, operationTimeout: '30' } });
  const hung = order(world, { x_Work: { ms: -1 } });
  const next = order(world, { x_Work: {} });
  const other = order(world, { x_Work: {} }, childOf(world, 'one').id);
  world.runUntil(() => isEnded(other), 30_000);
  t.is(hung.status, 'EXECUTING');
  runToEnd(world, [hung, next], 60_000);
  t.deepEqual(statuses(hung), ['PENDING', 'EXECUTING', 'FAILED']);
  t.regex(hung.failureReason ?? '', /took too long/);
  const tookMs = (hung.history[2]?.timeMs ?? 0) - (hung.history[1]?.timeMs ?? 0);
  t.true(tookMs >= 30_000 && tookMs < 37_000, `${tookMs} ms`);
  t.is(next.status, 'SUCCESSFUL');
  const before = world.requests;
  const late = workshop.held.get(hung.id);
  late?.fragment('x_Late', true);
  late?.succeed();
  late?.fail('twice');
  world.run(20_000);
  t.deepEqual(updates(world, '*', before), []);
  t.is(hung.status, 'FAILED');
  t.is(objectOf(world).fragments['x_Late'], undefined);
});

testOnBoth('changes of a handler before it hangs are published', (t, config) => {
  const app: App = (board) => {
    board.operation({ name: 'x_Half', timeoutMs: 5000, run: (operation) => operation.fragment('x_Half', 'begun') });
  };
  const world = createSettled(t, { app, config });
  const before = world.requests;
  const operation = order(world, { x_Half: {} });
  runToEnd(world, [operation]);
  t.deepEqual(steps(world, operation.id, before), ['EXECUTING', 'inventory', 'FAILED']);
  t.is(objectOf(world).fragments['x_Half'], 'begun');
});

for (const [what, thrown, reason] of [
  ['an Error', new Error('the pump is dry'), 'the pump is dry'],
  ['an Error without a word', new Error(''), 'failed'],
  ['a text', 'no', 'it has thrown a non-Error'],
  ['nothing', undefined, 'it has thrown a non-Error'],
  ['a RangeError of 9,000 characters', new RangeError('x'.repeat(9000)), 'x'.repeat(400)],
] as const) {
  testOnBoth(`a handler that throws ${what} costs its operation only`, (t, config) => {
    const app: App = (board) => {
      board.operation({
        name: 'x_Throw',
        run: () => {
          throw thrown;
        },
      });
      board.operation({ name: 'x_Work', run: (operation) => operation.succeed() });
    };
    const world = createSettled(t, { app, config });
    const [bad, good] = [order(world, { x_Throw: {} }), order(world, { x_Work: {} })];
    runToEnd(world, [bad, good]);
    t.is(bad.failureReason, reason);
    t.is(good.status, 'SUCCESSFUL');
  });
}

testOnBoth('a handler that ends twice, or throws after its end, ends once', (t, config) => {
  const app: App = (board) => {
    board.operation({
      name: 'x_Twice',
      run(operation) {
        operation.succeed();
        operation.fail('or not');
        throw new Error('and more');
      },
    });
  };
  const world = createSettled(t, { app, config });
  const operation = order(world, { x_Twice: {} });
  runToEnd(world, [operation]);
  t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
  t.is(updates(world, operation.id).length, 2);
});

for (const [what, fragments, reason] of [
  ['unknown', { c8y_Software: {} }, /^c8y_Software: not supported by the device; supported: c8y_Restart, /],
  ['without anything to do', {}, /asks for nothing/],
  ['with nothing but a description', { description: 'c8y_Restart' }, /asks for nothing/],
  ['of an odd name', { constructor: {} }, /^constructor: not supported/],
  ['of a very long name', { ['x'.repeat(300)]: {} }, /^x{60}: not supported/],
  ['of an empty name', { '': {} }, /FAILED|not supported|asks for nothing/],
] as const) {
  testOnBoth(`an operation that is ${what} ends FAILED with a reason for people`, (t, config) => {
    const world = createSettled(t, { config });
    const operation = order(world, fragments);
    runToEnd(world, [operation]);
    t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'FAILED']);
    t.regex(operation.failureReason ?? '', reason);
    t.true(logged(world, new RegExp(`operation ${operation.id}(, .+)?: FAILED`)));
    t.false(logged(world, ', :'));
  });
}

testOnBoth('an operation for an unknown child ends FAILED', (t, config) => {
  const world = createSettled(t, { app: new Workshop().app, config });
  const stranger = createObject(world.platform, { name: 'old valve' }, world.device.user);
  objectOf(world).children.childDevices.add(stranger.id);
  const pushed = order(world, { x_Work: {} }, stranger.id);
  // The child could still be declared.
  world.run(300_000);
  runToEnd(world, [pushed]);
  t.deepEqual(statuses(pushed), ['PENDING', 'EXECUTING', 'FAILED']);
  t.is(pushed.failureReason, 'this device has no such child');
  world.device.powerCut();
  const listed = order(world, { x_Work: {} }, stranger.id);
  world.device.start();
  world.run(300_000);
  runToEnd(world, [listed]);
  t.is(listed.failureReason, 'this device has no such child');
});

testOnBoth('the fragment that the device knows counts, in any position', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  const operation = order(world, { c8y_Unknown: {}, description: 'x', x_Work: {}, c8y_Other: { x_Work: 1 } });
  runToEnd(world, [operation]);
  t.is(operation.status, 'SUCCESSFUL');
});

testOnBoth('a thousand operations with new names each time do no harm', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config: { ...config, measurementInterval: '3600' } });
  const operations = [];
  for (let i = 0; i < 300; i++) {
    operations.push(order(world, { [`c8y_New${i}`]: { [`member${i}`]: i } }));
    if (i % 5 === 0) world.run(config.connections === '1' ? 60_000 : 500);
  }
  runToEnd(world, operations, 3_600_000);
  t.true(operations.every(({ status }) => status === 'FAILED'));
  t.false(logged(world, 'error'));
  t.is(calls(world, 'PUT', '/devicecontrol/operations/*').length, 600);
});
