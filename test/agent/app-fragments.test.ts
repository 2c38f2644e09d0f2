// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Agent } from '../../src/agent/agent.ts';
import { createAgent, type Fragments, type Json } from '../../src/index.ts';
import type { JsonObject } from '../../tools/platform/model.ts';
import { eventsOf, updateObject } from '../../tools/platform/operator.ts';
import { World } from '../../tools/simulate/machine/world.ts';
import { createAuthored, sentSince } from './app-scene.ts';
import { order, runToEnd } from './operations/operating.ts';
import { bodyOf, calls, createSettled, createWorld, logged, objectOf } from './scene.ts';

/** Updates of the board's object, without the heartbeats. */
function inventoryUpdates(world: World, since = 0): JsonObject[] {
  return calls(world, 'PUT', '/inventory/managedObjects/*', since)
    .map((each) => bodyOf(each) as JsonObject)
    .filter((body) => Object.keys(body).length > 0);
}

const cyclic: Record<string, unknown> = {};

test('only changed fragments are sent, with their newest value', (t) => {
  const { author, world } = createAuthored(t);
  author.device.fragment('x_One', 1);
  author.device.fragment('x_Two', { a: 1 });
  world.run(1000);
  const before = world.requests;
  world.device.linkDown();
  for (let i = 2; i <= 50; i++) author.device.fragment('x_One', i);
  world.run(1000);
  world.device.linkUp();
  world.run(10_000);
  t.deepEqual(inventoryUpdates(world, before), [{ x_One: 50 }]);
  t.like(objectOf(world).fragments, { x_One: 50, x_Two: { a: 1 } });
});

for (const fault of [
  { kind: 'dropBefore' },
  { kind: 'dropAfter' },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 502, html: true, applied: true },
] as const) {
  test(`a fragment reaches the inventory although its update is lost: ${JSON.stringify(fault)}`, (t) => {
    const { author, world } = createAuthored(t);
    world.platform.order({ ...fault, method: 'PUT', path: '/inventory/managedObjects/*', times: 3 });
    author.device.fragment('x_Lost', { n: 1 });
    world.run(20);
    author.device.fragment('x_Later', { n: 2 });
    author.device.position(1, 2);
    world.run(120_000);
    t.like(objectOf(world).fragments, { x_Lost: { n: 1 }, x_Later: { n: 2 }, c8y_Position: { lat: 1, lng: 2 } });
  });
}

test('a fragment that changes during its update is sent again', (t) => {
  const { author, world } = createAuthored(t);
  world.platform.order({ kind: 'delay', ms: 5000, after: true, method: 'PUT', path: '/inventory/managedObjects/*' });
  author.device.fragment('x_Moving', 1);
  world.run(1000);
  author.device.fragment('x_Moving', 2);
  world.run(20_000);
  t.is(objectOf(world).fragments['x_Moving'], 2);
});

test('an update that the platform refuses is logged and does not block the other updates', (t) => {
  const { author, world } = createAuthored(t);
  world.platform.order({ kind: 'status', status: 422, method: 'PUT', path: '/inventory/managedObjects/*' });
  author.device.fragment('x_Refused', 1);
  world.run(1000);
  author.device.fragment('x_Next', 2);
  world.run(60_000);
  t.is(objectOf(world).fragments['x_Next'], 2);
  t.true(logged(world, /warn: .*inventory.*refuse/));
});

test("names of the platform's own fragments are refused where they would change its data", (t) => {
  const { author } = createAuthored(t);
  const { device } = author;
  for (const name of ['id', 'self', 'name', 'owner', 'creationTime', 'lastUpdated', 'childDevices', 'deviceParents']) {
    t.throws(() => device.fragment(name, 'x'), { instanceOf: RangeError }, name);
  }
  for (const name of ['id', 'self', 'source', 'time', 'type']) {
    t.throws(() => device.measure('x_A', { [name]: { n: { value: 1 } } }), { instanceOf: RangeError }, name);
    t.throws(() => device.event('x_A', 'text', { [name]: 'x' }), { instanceOf: RangeError }, name);
    t.throws(() => device.alarm('x_A', 'MINOR', 'text', { [name]: 'x' }), { instanceOf: RangeError }, name);
  }
  t.throws(() => device.event('x_A', 'text', { text: 'x' }), { instanceOf: RangeError });
  for (const name of ['text', 'severity', 'status']) {
    t.throws(() => device.alarm('x_A', 'MINOR', 'text', { [name]: 'x' }), { instanceOf: RangeError }, name);
  }
});

cyclic['self'] = cyclic;

for (const [what, value] of [
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['undefined in a list', [undefined]],
  ['a function', () => 1],
  ['a symbol', Symbol('x')],
  ['a bigint', 1n],
  ['itself', cyclic],
  ['something deep', JSON.parse(`${'['.repeat(30)}1${']'.repeat(30)}`)],
  ['a deep NaN', { a: [{ b: Number.NaN }] }],
] as const) {
  test(`a value that is not JSON is refused at once: ${what}`, (t) => {
    const { author, world } = createAuthored(t);
    const { device } = author;
    const json = value as Json;
    const before = world.requests;
    t.throws(() => device.fragment('x_A', json), { instanceOf: RangeError });
    t.throws(() => device.measure('x_A', { x_A: json }), { instanceOf: RangeError });
    t.throws(() => device.event('x_A', 'text', { x_A: json }), { instanceOf: RangeError });
    t.throws(() => device.alarm('x_A', 'MINOR', 'text', { x_A: json }), { instanceOf: RangeError });
    world.run(60_000);
    t.deepEqual(sentSince(world, before), []);
  });
}

test('a value that the device cannot keep is refused at once, with its size', (t) => {
  const { author, world } = createAuthored(t);
  const { device } = author;
  const large = 'x'.repeat(20_000);
  for (const call of [
    () => device.measure('x_A', { x_A: { text: large } }),
    () => device.event('x_A', large),
    () => device.event('x_A', 'text', { x_A: large }),
    () => device.alarm('x_A', 'MINOR', large),
    () => device.alarm('x_A', 'MINOR', 'text', { x_A: large }),
    () => device.fragment('x_A', large),
  ]) {
    t.throws(call, { instanceOf: RangeError, message: /larger than [0-9]+/ });
  }
  device.fragment('x_Sound', 1);
  device.event('x_Sound', 'text');
  world.run(30_000);
  t.is(objectOf(world).fragments['x_Sound'], 1);
  t.is(eventsOf(world.platform, objectOf(world).id).length, 1);
});

test("an exception in the app's declarations stops the start at once", (t) => {
  const world = new World({ app: (board) => board.fragment('a b', 1) });
  t.throws(() => world.start(), { message: /fragment: the name "a b" is not allowed/ });
  t.throws(() =>
    createAgent({
      hal: new World().device.machine.boot(),
      config: { url: 'https://platform.test', bootstrapPassword: 'secret' },
      app: () => {
        throw new TypeError('no such sensor');
      },
    }),
  );
});

test("an operation's inventory update is checked: the handler gets the error and the operation fails", (t) => {
  for (const [name, value] of [
    ['a b', 1],
    ['name', 'x'],
    ['x_A', Number.NaN],
    ['x_A', 'x'.repeat(20_000)],
  ] as const) {
    const world = createSettled(t, {
      app: (board) => {
        board.operation({
          name: 'x_Write',
          run(operation) {
            operation.fragment(name, value);
            operation.succeed();
          },
        });
      },
    });
    const operation = order(world, { x_Write: {} });
    runToEnd(world, [operation]);
    t.is(operation.status, 'FAILED');
    t.truthy(operation.failureReason);
  }
});

for (const [what, inventory] of [
  [
    'throws',
    () => {
      throw new Error('no relay');
    },
  ],
  ['declares NaN', () => ({ x_A: Number.NaN })],
  ['declares nothing', () => undefined as unknown as Fragments],
] as const) {
  test(`an operation whose declaration for the inventory ${what} does not stop the device`, (t) => {
    const world = createSettled(t, {
      app: (board) => board.operation({ name: 'x_Odd', inventory, run: (operation) => operation.succeed() }),
    });
    const operation = order(world, { x_Odd: {} });
    runToEnd(world, [operation]);
    t.is(operation.status, 'SUCCESSFUL');
  });
}

test('fragments that fit one by one but not together are refused when they are declared', (t) => {
  for (const of of ['board', 'child'] as const) {
    const world = createWorld(t, {
      app: (board) => {
        const device = of === 'board' ? board : board.child('a', {});
        for (let n = 0; n < 5; n++) device.fragment(`x_F${n}`, 'x'.repeat(4000));
      },
    });
    t.throws(() => world.start(), { message: /fragment x_F3: with it .* has more than 12288 bytes of fragments/ });
  }
});

test('fragments that do not fit together at run time: the rest is sent, the excess is logged, and a smaller one fits again', (t) => {
  const { author, world } = createAuthored(t);
  const { device } = author;
  for (let n = 0; n < 5; n++) device.fragment(`x_F${n}`, 'x'.repeat(4000));
  world.run(10_000);
  const there = () => Object.keys(objectOf(world).fragments).filter((name) => name.startsWith('x_F'));
  t.deepEqual(there(), ['x_F0', 'x_F1', 'x_F2']);
  t.true(logged(world, /error: fragment x_F4: .* left out/));
  device.fragment('x_F0', 'small');
  device.fragment('x_F4', 'x'.repeat(4000));
  world.run(10_000);
  t.deepEqual(there(), ['x_F0', 'x_F1', 'x_F2', 'x_F4']);
  // The update of the next registration carries all of it, too.
  updateObject(world.platform, objectOf(world).id, { fragments: { x_F4: null, x_F2: null } });
  (world.device.agent as unknown as Agent).renew((world.device.agent as unknown as Agent).board);
  world.run(10_000);
  t.deepEqual(there().sort(), ['x_F0', 'x_F1', 'x_F2', 'x_F4']);
});

test('declarations of operations that exceed the room left by fragments are dropped and logged, and the device registers', (t) => {
  const world = createSettled(t, {
    app: (board) => {
      for (let n = 0; n < 3; n++) board.fragment(`x_F${n}`, 'x'.repeat(4000));
      for (let n = 0; n < 3; n++) {
        const inventory = () => ({ [`x_D${n}`]: 'x'.repeat(2000) });
        board.operation({ name: `x_Op${n}`, inventory, run: (operation) => operation.succeed() });
      }
    },
  });
  t.true(logged(world, /no room for x_D/));
  t.is(Object.keys(objectOf(world).fragments).filter((name) => name.startsWith('x_F')).length, 3);
});

test('an operation whose fragments do not fit into a request fails with that reason', (t) => {
  const world = createSettled(t, {
    app: (board) =>
      board.operation({
        name: 'x_Many',
        run(operation) {
          for (let n = 0; n < 5; n++) operation.fragment(`x_F${n}`, 'x'.repeat(4000));
          operation.succeed();
        },
      }),
  });
  const operation = order(world, { x_Many: {} });
  runToEnd(world, [operation]);
  t.is(operation.status, 'FAILED');
  t.regex(operation.failureReason ?? '', /more than 12288 bytes/);
});
