// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import type { App, AppBoard, Operation } from '../../../src/index.ts';
import { createAgent } from '../../../src/index.ts';
import { alarmsOf, createOperation, measurementsOf, updateObject } from '../../../tools/platform/operator.ts';
import { bodyOf, calls, createSettled, createWorld, objectOf, settle } from '../scene.ts';
import { childOf, children, level, linked, objects, plain, withBoard } from './family.ts';

const twin = (board: AppBoard, id: string) => board.child(id, { hardware: { serialNumber: 'W-1' } });

/** A driver that finds its child on a bus seconds after the start. */
function createBus(t: ExecutionContext, config: Record<string, string>) {
  const bus = { delayMs: 20_000, begun: [] as string[] };
  const app: App = (board) => {
    if (bus.delayMs === 0) return;
    board.hal
      .createTimer(() => {
        const child = board.child('a', {});
        child.operation({
          name: 'x_Work',
          run: (operation) => {
            bus.begun.push(operation.id);
            operation.succeed();
          },
        });
        child.operation({ name: 'x_Slow', run: () => {} });
      })
      .start(bus.delayMs);
  };
  const world = createSettled(t, { app, config });
  world.run(60_000);
  return { bus, world, id: childOf(world, 'a').id };
}

test('a child is looked up, created without the agent fragment, registered and linked', (t) => {
  const world = createSettled(t, {
    app: (board) => {
      const child = board.child('meter', {
        name: 'Water meter',
        type: 'c8y_Meter',
        hardware: { model: 'M1', revision: '3', serialNumber: 'W-4711' },
        firmware: { name: 'metering', version: '7.1' },
        requiredAvailabilityMin: 30,
      });
      child.operation({ name: 'c8y_Relay', run: (operation) => operation.succeed() });
      child.fragment('c8y_Notes', 'in the cellar');
    },
  });
  const { deviceId } = world.device;
  const child = childOf(world, 'meter');
  t.deepEqual(child.fragments, {
    name: 'Water meter',
    type: 'c8y_Meter',
    c8y_IsDevice: {},
    c8y_RequiredAvailability: { responseInterval: 30 },
    c8y_SupportedOperations: ['c8y_Relay'],
    c8y_Hardware: { model: 'M1', revision: '3', serialNumber: 'W-4711' },
    c8y_Firmware: { name: 'metering', version: '7.1', url: '' },
    c8y_Notes: 'in the cellar',
    fractus_ExternalId: `${deviceId}:meter`,
  });
  t.deepEqual(linked(world), [child.id]);
  t.is(child.owner, world.device.user);
  const steps = world.exchanges.filter(
    ({ path, body }) => path.includes('meter') || body.includes('eter') || path.includes('childDevices'),
  );
  t.deepEqual(
    steps.map(({ method, path, status }) => `${method} ${path} ${status}`),
    [
      `GET /identity/externalIds/c8y_Serial/${encodeURIComponent(`${deviceId}:meter`)} 404`,
      `POST ${objects} 201`,
      `POST /identity/globalIds/${child.id}/externalIds 201`,
      `POST ${objects}/${objectOf(world).id}/childDevices 201`,
    ],
  );
});

test('a child needs only an id', (t) => {
  const world = createSettled(t, { app: (board) => void board.child('c1', {}), config: { requiredAvailability: '0' } });
  const child = childOf(world, 'c1');
  t.is(child.fragments['name'], 'c1');
  t.is(child.fragments['com_cumulocity_model_Agent'], undefined);
  t.is(child.fragments['c8y_RequiredAvailability'], undefined);
});

test('every start looks up each child and updates what can change, never its name', (t) => {
  const world = createSettled(t, {
    app: (board) => {
      board.child('a', { firmware: { name: 'f', version: String(board.hal.board.bootCount) } });
      board.child('b', {});
    },
  });
  const ids = linked(world);
  updateObject(world.platform, childOf(world, 'a').id, { fragments: { name: 'Cellar' } });
  const { requests } = world;
  world.device.reboot();
  settle(world);
  t.is(calls(world, 'GET', '/identity/externalIds/c8y_Serial/*', requests).length, 3);
  t.deepEqual(calls(world, 'POST', objects, requests), []);
  const declared = { a: ['c8y_Firmware'], b: [] };
  for (const [name, members] of Object.entries(declared)) {
    const [update] = calls(world, 'PUT', `${objects}/${childOf(world, name).id}`, requests);
    t.deepEqual(Object.keys(bodyOf(update)).sort(), members);
  }
  t.like(childOf(world, 'a').fragments, { name: 'Cellar', c8y_Firmware: { version: '2' } });
  t.deepEqual(linked(world), ids);
});

for (const connections of ['1', '2']) {
  test(`operations for a child reach only its handler (connections=${connections})`, (t) => {
    const seen: string[] = [];
    const relay = (of: string) => ({
      name: 'c8y_Relay',
      run: (operation: Operation) => {
        seen.push(`${of}: ${operation.device.childId}`);
        operation.fragment('c8y_Relay', { relayState: 'CLOSED' });
        operation.succeed();
      },
    });
    const world = createSettled(t, {
      config: { connections },
      app: (board) => {
        board.operation(relay('board'));
        board.child('a', {}).operation(relay('a'));
        board.child('b', {});
      },
    });
    const relayOf = (id: string) => createOperation(world.platform, id, { c8y_Relay: { relayState: 'CLOSED' } });
    const operations = [childOf(world, 'a').id, objectOf(world).id, childOf(world, 'b').id].map(relayOf);
    world.runUntil(() => operations.every(({ status }) => status === 'SUCCESSFUL' || status === 'FAILED'), 20_000);
    t.deepEqual(seen.sort(), ['a: a', 'board: ']);
    t.deepEqual(
      operations.map(({ status }) => status),
      ['SUCCESSFUL', 'SUCCESSFUL', 'FAILED'],
    );
    t.regex(operations[2]?.failureReason ?? '', /c8y_Relay: not supported by child b/);
  });
}

test('a silent child sends its own heartbeat, one that reports sends none', (t) => {
  const world = createSettled(t, {
    config: { requiredAvailability: '10' },
    app: (board) => {
      board.child('silent', {});
      board.child('talking', {}).sensor({ reports: level, sensor: { sample: () => plain } });
    },
  });
  const { requests } = world;
  world.run(3_600_000);
  const beats = (child: string) => calls(world, 'PUT', `${objects}/${childOf(world, child).id}`, requests);
  t.true(beats('silent').length >= 11 && beats('silent').length <= 13, `${beats('silent').length} beats`);
  t.true(beats('silent').every(({ body }) => body === '{}'));
  t.deepEqual(beats('talking'), []);
  t.is(world.platform.core.unavailable.size, 0);
});

test('measurements, events and alarms of a child have the child as their source', (t) => {
  const { app, board } = withBoard((present) => {
    present.child('a', {}).sensor({ reports: level, sensor: { sample: () => plain } });
  });
  const world = createSettled(t, { app });
  const lamp = board().child('lamp', {});
  lamp.event('on', 'Lamp on');
  lamp.alarm('dark', 'MINOR', 'Lamp is dark');
  lamp.measure('light', { light: { E: { value: 300, unit: 'lx' } } });
  world.run(60_000);
  t.is(measurementsOf(world.platform, childOf(world, 'lamp').id)[0]?.fragments['type'], 'light');
  t.is(alarmsOf(world.platform, childOf(world, 'lamp').id)[0]?.fragments['type'], 'dark');
  t.true(measurementsOf(world.platform, childOf(world, 'a').id).length >= 2);
  t.deepEqual(linked(world).length, 2);
});

test('a child that a driver finds later is registered then', (t) => {
  const { app, board } = withBoard();
  const world = createSettled(t, { app });
  world.run(600_000);
  board().child('late', {});
  world.run(5000);
  t.deepEqual(linked(world), [childOf(world, 'late').id]);
});

test('fifty children are registered one after the other on one connection', (t) => {
  const world = createWorld(t, {
    app: (board) => {
      for (let i = 0; i < 50; i++) board.child(`c${i}`, {});
    },
  });
  world.start();
  settle(world);
  world.runUntil(() => linked(world).length === 50, 60_000);
  t.is(world.connections, 2);
});

for (const [what, declare, message] of [
  ['an id with a slash', (board: AppBoard) => board.child('a/b', {}), /a\/b.*allowed/],
  ['an empty id', (board: AppBoard) => board.child('', {}), /allowed/],
  ['an id of 65 characters', (board: AppBoard) => board.child('x'.repeat(65), {}), /allowed/],
  [
    'the same serial number twice',
    (board: AppBoard) => [twin(board, 'a'), twin(board, 'b')],
    /child b: child a has its serial/,
  ],
  [
    'the serial number of the board',
    (board: AppBoard) => board.child('a', { hardware: { serialNumber: board.hal.board.serialNumber } }),
    /child a: the device has its serial/,
  ],
  ['the same id twice', (board: AppBoard) => [board.child('a', {}), board.child('a', {})], /child a: declared twice/],
  [
    'two ids with the same hash, by which records on flash name them',
    (board: AppBoard) => [board.child('unsxui', {}), board.child('fjokqc', {})],
    /child fjokqc: its id collides with another id/,
  ],
  ['201 children', (board: AppBoard) => children(board, 201), /child c200: more than 200 children/],
] as const) {
  test(`wrong declarations of children are refused at declaration: ${what}`, (t) => {
    const hal = new FakeMachine().boot();
    const config = { url: 'http://127.0.0.1', bootstrapPassword: 'x' };
    t.throws(() => createAgent({ hal, config, app: (board) => void declare(board) }), {
      instanceOf: RangeError,
      message,
    });
  });
}

test('200 children are allowed', (t) => {
  const hal = new FakeMachine().boot();
  const config = { url: 'http://127.0.0.1', bootstrapPassword: 'x' };
  t.notThrows(() => createAgent({ hal, config, app: (board) => children(board, 200) }));
});

test('a child that replaces another one with the same serial number gets its own object', (t) => {
  const { app, board } = withBoard();
  const world = createSettled(t, { app }, ['second-object']);
  twin(board(), 'a').remove();
  twin(board(), 'b');
  world.run(10_000);
  const first = childOf(world, 'b');
  t.deepEqual(linked(world), [first.id]);
  world.platform.order({ kind: 'dropAfter', method: 'POST', path: objects });
  board().child('c', {}).remove();
  world.run(60_000);
  t.true(world.platform.core.objects.has(first.id));
});

for (const connections of ['1', '2']) {
  test(`operations for a child that is declared a little later wait for it (connections=${connections})`, (t) => {
    const { bus, world, id } = createBus(t, { connections });
    const slow = createOperation(world.platform, id, { x_Slow: {} });
    world.run(10_000);
    t.is(slow.status, 'EXECUTING');
    world.device.powerCut();
    const pending = createOperation(world.platform, id, { x_Work: {} });
    const own = createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'help' } });
    world.device.start();
    world.run(15_000);
    t.is(own.status, 'SUCCESSFUL', 'nobody else waits');
    const pushed = createOperation(world.platform, id, { x_Work: {} });
    world.run(2000);
    t.deepEqual([slow.status, pending.status, pushed.status], ['EXECUTING', 'PENDING', 'PENDING']);
    world.run(30_000);
    t.deepEqual([slow.status, pending.status, pushed.status], ['FAILED', 'SUCCESSFUL', 'SUCCESSFUL']);
    t.regex(slow.failureReason ?? '', /restarted before the operation was finished/);
    t.deepEqual(bus.begun, [pending.id, pushed.id]);
    const later = createOperation(world.platform, id, { x_Work: {} });
    world.run(10_000);
    t.is(later.status, 'SUCCESSFUL', 'it listens as before');
  });

  test(`operations for a child that is no longer declared fail after a while (connections=${connections})`, (t) => {
    const { bus, world, id } = createBus(t, { connections });
    bus.delayMs = 0;
    world.device.powerCut();
    const pending = createOperation(world.platform, id, { x_Work: {} });
    world.device.start();
    world.run(240_000);
    t.is(pending.status, 'PENDING');
    world.run(90_000);
    t.is(pending.status, 'FAILED');
    t.regex(pending.failureReason ?? '', /no such child/);
  });
}
