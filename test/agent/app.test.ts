// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import type { Agent } from '../../src/agent/agent.ts';
import { createAgent, type Fragments, type Json, measurement } from '../../src/index.ts';
import type { JsonObject } from '../../tools/platform/model.ts';
import { alarmsOf, eventsOf, measurementsOf, updateObject } from '../../tools/platform/operator.ts';
import { World, type WorldOptions } from '../../tools/simulate/world.ts';
import { order, runToEnd } from './operations/operating.ts';
import { Author, quiet } from './records/reporting.ts';
import { bodyOf, calls, createSettled, createWorld, logged, objectOf, settle } from './scene.ts';

function createAuthored(t: ExecutionContext, options: WorldOptions = {}): { author: Author; world: World } {
  const author = new Author();
  const world = createSettled(t, { app: author.app, ...options, config: { ...quiet, ...options.config } });
  return { author, world };
}

/** Updates of the board's object that are no signs of life. */
function inventoryUpdates(world: World, since = 0): JsonObject[] {
  return calls(world, 'PUT', '/inventory/managedObjects/*', since)
    .map((each) => bodyOf(each) as JsonObject)
    .filter((body) => Object.keys(body).length > 0);
}

/** What the device has said but for polls and signs of life. */
function sentSince(world: World, before: number): string[] {
  return world.exchanges
    .filter(({ number, path, body }) => number > before && !path.startsWith('/notification') && body !== '{}')
    .map(({ method, path, body }) => `${method} ${path} ${body}`);
}

test('a sensor in ten lines, an operation in fifteen: what an author writes is all there is', (t) => {
  const STEAM = measurement({
    type: 'x_SteamMeasurement',
    fragments: { x_Steam: { T: { of: 'temperature', unit: '°C', decimals: 1 } } },
  });
  const world = createSettled(t, {
    app: (board) => {
      board.sensor({
        reports: STEAM,
        sensor: { sample: () => ({ temperature: 96.5 }) },
        rules: [{ of: 'temperature', above: 95, back: 90, type: 'x_Steam', severity: 'MINOR', text: 'It steams' }],
      });
      board.operation({
        name: 'c8y_Relay',
        inventory: () => ({ c8y_Relay: { relayState: 'OPEN' } }),
        run(operation) {
          const relayState = operation.text('relayState');
          if (relayState !== 'OPEN' && relayState !== 'CLOSED') {
            return operation.fail(`relayState: "${relayState}" is not allowed; allowed: OPEN or CLOSED`);
          }
          board.hal.actuators['relay']?.write(relayState === 'CLOSED' ? 1 : 0);
          operation.fragment('c8y_Relay', { relayState });
          operation.succeed();
        },
      });
    },
  });
  const device = objectOf(world);
  t.deepEqual(device.fragments['c8y_Relay'], { relayState: 'OPEN' });
  t.true((device.fragments['c8y_SupportedOperations'] as string[]).includes('c8y_Relay'));
  t.like(measurementsOf(world.platform, device.id)[0]?.fragments, {
    type: 'x_SteamMeasurement',
    x_Steam: { T: { value: 96.5, unit: '°C' } },
  });
  t.like(alarmsOf(world.platform, device.id)[0]?.fragments, { type: 'x_Steam', severity: 'MINOR', text: 'It steams' });
  const [good, bad] = [order(world, { c8y_Relay: { relayState: 'CLOSED' } }), order(world, { c8y_Relay: {} })];
  runToEnd(world, [good, bad]);
  t.is(good.status, 'SUCCESSFUL');
  t.deepEqual(device.fragments['c8y_Relay'], { relayState: 'CLOSED' });
  t.is(world.device.machine.outputs['relay'], 1);
  t.is(bad.failureReason, 'relayState: "undefined" is not allowed; allowed: OPEN or CLOSED');
});

test('everything may be said before the start; it arrives once the device is registered, with its time', (t) => {
  const author = new Author();
  const world = createWorld(t, {
    config: quiet,
    app: (board) => {
      author.app(board);
      board.measure('x_Early', { x_Early: { n: { value: 1 } } });
      board.event('x_Early', 'early');
      board.alarm('x_Early', 'WARNING', 'early');
      board.clear('x_Other');
      board.fragment('x_Early', { early: true });
      board.position(51.5, 6.25, 70);
    },
  });
  world.start();
  settle(world);
  const { id, fragments } = objectOf(world);
  t.is(measurementsOf(world.platform, id).length, 1);
  t.deepEqual(
    eventsOf(world.platform, id).map((event) => event.fragments['type']),
    ['x_Early', 'c8y_LocationUpdate'],
  );
  t.is(alarmsOf(world.platform, id).length, 1);
  t.deepEqual(fragments['x_Early'], { early: true });
  t.deepEqual(fragments['c8y_Position'], { lat: 51.5, lng: 6.25, alt: 70 });
  const creation = bodyOf(calls(world, 'POST', '/inventory/managedObjects')[0]);
  t.deepEqual(creation['x_Early'], { early: true }, 'part of the creation');
  const startMs = world.platform.core.now() - world.time.nowMs;
  for (const { timeMs } of [...measurementsOf(world.platform, id), ...eventsOf(world.platform, id)]) {
    t.true(Math.abs(timeMs - startMs) < 2000);
  }
});

test('everything may be said while the link is down', (t) => {
  const { author, world } = createAuthored(t);
  const { id } = objectOf(world);
  world.device.linkDown();
  world.run(10_000);
  const since = world.platform.core.now();
  const { device } = author;
  device.measure('x_Late', { x_Late: { n: { value: 1, unit: 'm' } } });
  device.event('x_Late', 'late', { x_Custom: { a: [1, 'b', null, true] } });
  device.alarm('x_Late', 'CRITICAL', 'late', { x_Custom: 'c' });
  device.fragment('x_Late', [1, 2]);
  device.position(-33.9, 18.4);
  world.run(300_000);
  world.device.linkUp();
  world.run(20_000);
  const [measured] = measurementsOf(world.platform, id).slice(-1);
  t.deepEqual(measured?.fragments, { type: 'x_Late', x_Late: { n: { value: 1, unit: 'm' } } });
  const [event, move] = eventsOf(world.platform, id);
  t.deepEqual(event?.fragments, { type: 'x_Late', text: 'late', x_Custom: { a: [1, 'b', null, true] } });
  t.deepEqual(move?.fragments['c8y_Position'], { lat: -33.9, lng: 18.4 });
  const [alarm] = alarmsOf(world.platform, id);
  t.like(alarm?.fragments, { type: 'x_Late', severity: 'CRITICAL', text: 'late', status: 'ACTIVE', x_Custom: 'c' });
  for (const record of [measured, event, move, alarm]) t.true(Math.abs((record?.timeMs ?? 0) - since) < 1500);
  t.deepEqual(objectOf(world).fragments['x_Late'], [1, 2]);
});

test('a position that is nowhere is refused, and nothing of it is told', (t) => {
  const { author, world } = createAuthored(t);
  const before = world.requests;
  const wrong: [number, number, number?][] = [
    [95, 7],
    [-90.001, 7],
    [50, 180.5],
    [50, -181],
    [Number.NaN, 7],
    [50, Number.POSITIVE_INFINITY],
    [50, 7, Number.NaN],
    [50, 7, 2e6],
    ['50' as unknown as number, 7, -20_000],
  ];
  for (const each of wrong) {
    t.throws(() => author.device.position(...each), { instanceOf: RangeError, message: /position: .*allowed: / });
  }
  world.run(5000);
  t.deepEqual(calls(world, 'POST', '/event/events', before), []);
  author.device.position(-90, 180, 0);
  world.run(5000);
  t.deepEqual(objectOf(world).fragments['c8y_Position'], { lat: -90, lng: 180, alt: 0 });
});

test('position: the event keeps the trace, the inventory the present place', (t) => {
  const { author, world } = createAuthored(t);
  const { id } = objectOf(world);
  for (let i = 0; i < 5; i++) {
    author.device.position(50 + i / 10, 7, 100 + i);
    world.run(1000);
  }
  t.deepEqual(objectOf(world).fragments['c8y_Position'], { lat: 50.4, lng: 7, alt: 104 });
  const trace = eventsOf(world.platform, id);
  t.is(trace.length, 5);
  trace.forEach(({ fragments }, i) => {
    t.like(fragments, { type: 'c8y_LocationUpdate', c8y_Position: { lat: 50 + i / 10, lng: 7, alt: 100 + i } });
    t.truthy(fragments['text']);
  });
});

test('only what has changed is sent, the newest value of it', (t) => {
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
  test(`a fragment reaches the inventory though its update is lost: ${JSON.stringify(fault)}`, (t) => {
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

test('a fragment that changes while its update is on its way is sent again', (t) => {
  const { author, world } = createAuthored(t);
  world.platform.order({ kind: 'delay', ms: 5000, after: true, method: 'PUT', path: '/inventory/managedObjects/*' });
  author.device.fragment('x_Moving', 1);
  world.run(1000);
  author.device.fragment('x_Moving', 2);
  world.run(20_000);
  t.is(objectOf(world).fragments['x_Moving'], 2);
});

test('an update that the platform refuses is logged, and keeps no other from being sent', (t) => {
  const { author, world } = createAuthored(t);
  world.platform.order({ kind: 'status', status: 422, method: 'PUT', path: '/inventory/managedObjects/*' });
  author.device.fragment('x_Refused', 1);
  world.run(1000);
  author.device.fragment('x_Next', 2);
  world.run(60_000);
  t.is(objectOf(world).fragments['x_Next'], 2);
  t.true(logged(world, /warn: .*inventory.*refuse/));
});

const names = [
  '',
  ' ',
  'a b',
  'a.b',
  'a,b',
  'a*',
  '[a]',
  '(a)',
  'a@b',
  '$a',
  'a/b',
  'a\tb',
  'a\nb',
  'a"b',
  'a\\b',
  'x'.repeat(300),
];

for (const name of names) {
  test(`a name that the platform cannot reach is refused at once: ${JSON.stringify(name.slice(0, 20))}`, (t) => {
    const { author, world } = createAuthored(t);
    const { device } = author;
    const before = world.requests;
    const refused = (what: string, call: () => void) =>
      t.throws(call, { instanceOf: RangeError, message: /is not allowed/ }, what);
    refused('measurement type', () => device.measure(name, { x_A: { n: { value: 1 } } }));
    refused('fragment of a measurement', () => device.measure('x_A', { [name]: { n: { value: 1 } } }));
    refused('series of a measurement', () => device.measure('x_A', { x_A: { [name]: { value: 1 } } }));
    refused('fragment of an event', () => device.event('x_A', 'text', { [name]: 1 }));
    refused('alarm type', () => device.alarm(name, 'MINOR', 'text'));
    refused('fragment of an alarm', () => device.alarm('x_A', 'MINOR', 'text', { [name]: 1 }));
    refused('fragment', () => device.fragment(name, 1));
    refused('operation', () => device.operation({ name, run: () => {} }));
    refused('template', () => measurement({ type: name, fragments: { x_A: { n: { of: 'n' } } } }));
    refused('fragment of a template', () => measurement({ type: 'x_A', fragments: { [name]: { n: { of: 'n' } } } }));
    refused('series of a template', () => measurement({ type: 'x_A', fragments: { x_A: { [name]: { of: 'n' } } } }));
    world.run(60_000);
    t.deepEqual(sentSince(world, before), []);
  });
}

test('names that are the platform’s own are refused where they would change what it keeps', (t) => {
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

const cyclic: Record<string, unknown> = {};
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
  test(`a value that is no JSON is refused at once: ${what}`, (t) => {
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

test('what is larger than the device can keep is refused at once, with its size', (t) => {
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

test('an app that throws while it declares is found at once', (t) => {
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

test('wrong declarations throw: rules, templates, children', (t) => {
  const { author } = createAuthored(t);
  const reports = measurement({ type: 'x_A', fragments: { x_A: { n: { of: 'n' } } } });
  const sensor = { sample: () => ({ n: 1 }) };
  const rule = { of: 'n', type: 'x_Alarm', severity: 'MINOR', text: 'x' } as const;
  t.throws(() => author.device.sensor({ reports, sensor, rules: [rule] }), { message: /either above or below/ });
  t.throws(() => author.device.sensor({ reports, sensor, rules: [{ ...rule, above: 1, below: 2 }] }));
  t.throws(() => author.device.sensor({ reports, sensor, rules: [{ ...rule, above: 1, back: 2 }] }));
  t.throws(() => author.device.sensor({ reports, sensor, rules: [{ ...rule, above: 1, type: 'a b' }] }));
  t.throws(() => measurement({ type: 'x_A', fragments: {} }), { message: /0 series/ });
  t.throws(() => measurement({ type: 'x_A', fragments: { x_A: { n: { of: 'n', decimals: 7 } } } }));
  t.throws(() => author.device.child('a b', {}), { message: /not allowed as an id/ });
});

test('what an operation writes to the inventory is checked: the handler hears of it and the operation fails', (t) => {
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
  test(`an operation whose declaration for the inventory ${what} keeps nothing from working`, (t) => {
    const world = createSettled(t, {
      app: (board) => board.operation({ name: 'x_Odd', inventory, run: (operation) => operation.succeed() }),
    });
    const operation = order(world, { x_Odd: {} });
    runToEnd(world, [operation]);
    t.is(operation.status, 'SUCCESSFUL');
  });
}

test('fragments that are allowed one by one and do not fit together: refused when they are declared', (t) => {
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

test('fragments that do not fit together at run time: what does not fit is said, the rest goes, and a smaller one fits again', (t) => {
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
  // All of it goes with the update of the next registration, too.
  updateObject(world.platform, objectOf(world).id, { fragments: { x_F4: null, x_F2: null } });
  (world.device.agent as unknown as Agent).renew((world.device.agent as unknown as Agent).board);
  world.run(10_000);
  t.deepEqual(there().sort(), ['x_F0', 'x_F1', 'x_F2', 'x_F4']);
});

test('what operations declare beyond the room that fragments leave is left out, said, and keeps nobody from registering', (t) => {
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

test('an operation whose fragments do not fit into a request fails, and says so', (t) => {
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
