// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import type { Agent } from '../../../src/agent/agent.ts';
import type { App, AppBoard, AppChild } from '../../../src/index.ts';
import { createAgent, measurement } from '../../../src/index.ts';
import type { ManagedObject } from '../../../tools/platform/model.ts';
import {
  alarmsOf,
  createOperation,
  deleteObject,
  eventsOf,
  findDevice,
  measurementsOf,
  updateObject,
} from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/world.ts';
import { bodyOf, calls, createSettled, createWorld, objectOf, settle } from '../scene.ts';

const objects = '/inventory/managedObjects';
const level = measurement({ type: 'level', fragments: { level: { L: { of: 'level' } } } });
const plain = { level: 1 };

function childOf(world: World, child: string): ManagedObject {
  const found = findDevice(world.platform, `${world.device.deviceId}:${child}`);
  if (found === undefined) throw new Error(`no child ${child}`);
  return found;
}

function linked(world: World): string[] {
  return [...objectOf(world).children.childDevices];
}

function children(board: AppBoard, count: number): void {
  for (let i = 0; i < count; i++) board.child(`c${i}`, {});
}

/** An app that hands its board over, for what happens later. */
function withBoard(app: App = () => {}): { app: App; board: () => AppBoard } {
  let present: AppBoard | undefined;
  return {
    app: (board) => {
      present = board;
      app(board);
    },
    board: () => {
      if (present === undefined) throw new Error('not started');
      return present;
    },
  };
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

test('a child needs no more than its id', (t) => {
  const world = createSettled(t, { app: (board) => void board.child('c1', {}), config: { requiredAvailability: '0' } });
  const child = childOf(world, 'c1');
  t.is(child.fragments['name'], 'c1');
  t.is(child.fragments['com_cumulocity_model_Agent'], undefined);
  t.is(child.fragments['c8y_RequiredAvailability'], undefined);
});

test('every start looks each child up and updates what can change, never its name', (t) => {
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
  test(`operations for a child reach its handler and nobody else's (connections=${connections})`, (t) => {
    const seen: string[] = [];
    const relay = (of: string) => ({
      name: 'c8y_Relay',
      run: (operation: { device: { childId: string }; succeed(): void }) => {
        seen.push(`${of}: ${operation.device.childId}`);
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

test('a silent child has a heartbeat of its own, one that reports has none', (t) => {
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

test('measurements, events and alarms of a child are its own', (t) => {
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

test('a removed child loses its reference, and nothing else', (t) => {
  let child: AppChild | undefined;
  const world = createSettled(t, {
    app: (board) => {
      child = board.child('gone', {});
      child.sensor({ reports: level, sensor: { sample: () => plain } });
      board.child('stays', {});
    },
  });
  world.run(300_000);
  const gone = childOf(world, 'gone');
  const data = measurementsOf(world.platform, gone.id).length;
  t.true(data > 3);
  child?.remove();
  child?.remove();
  const { requests } = world;
  world.run(3_600_000);
  t.deepEqual(linked(world), [childOf(world, 'stays').id]);
  t.is(childOf(world, 'gone'), gone, 'object and external id stay');
  t.is(measurementsOf(world.platform, gone.id).length, data);
  t.deepEqual(
    world.exchanges
      .filter(
        ({ number, body, path }) => number > requests && (body.includes(`"${gone.id}"`) || path.endsWith(gone.id)),
      )
      .map(({ method, path }) => `${method} ${path}`),
    [`DELETE ${objects}/${objectOf(world).id}/childDevices/${gone.id}`],
    'one request, and nothing more of it',
  );
});

test('a removed child is not sampled any more, and nothing counts as lost', (t) => {
  let child: AppChild | undefined;
  let samples = 0;
  const sensor = {
    sample: () => {
      samples += 1;
      return plain;
    },
  };
  const world = createSettled(t, {
    app: (board) => {
      child = board.child('c', {});
      child.sensor({ reports: level, sensor });
    },
  });
  child?.remove();
  const before = samples;
  world.run(600_000);
  t.is(samples, before);
  const operation = createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'status' } });
  world.run(5000);
  t.regex(JSON.stringify(operation.fragments), / 0 lost/);
});

test('a removed child that comes back has its old object and its place again', (t) => {
  const { app, board } = withBoard((present) => void present.child('stays', {}));
  const world = createSettled(t, { app });
  const stays = childOf(world, 'stays').id;
  const first = board().child('comes', {});
  world.run(5000);
  const { id } = childOf(world, 'comes');
  t.deepEqual(linked(world), [stays, id]);
  first.remove();
  world.run(5000);
  t.deepEqual(linked(world), [stays]);
  board().child('comes', {}).event('back', 'Here again');
  world.run(5000);
  t.is(childOf(world, 'comes').id, id);
  t.deepEqual(linked(world), [stays, id]);
});

test('a child may come and go for years', (t) => {
  const { app, board } = withBoard();
  const world = createSettled(t, { app, config: { measurementInterval: '86400' } });
  for (let i = 0; i < 300; i++) {
    const child = board().child('radio', {});
    if (i % 3 > 0) world.run(3000);
    child.remove();
    if (i % 2 > 0) world.run(3000);
  }
  world.run(5000);
  t.deepEqual(linked(world), []);
  t.is(world.platform.core.objects.size, 2);
});

test('children with ever new ids come and go for years, with what they have to say and to do', (t) => {
  const { app, board } = withBoard();
  const world = createSettled(t, { app, config: { measurementInterval: '86400' } });
  const agent = world.device.agent as unknown as Agent;
  for (let n = 0; n < 300; n++) {
    const child = board().child(`tag${n}`, {});
    // As a driver does that declares what it finds.
    const reports = measurement({ type: 'level', fragments: { level: { L: { of: 'level' } } } });
    child.sensor({ reports, sensor: { sample: () => plain } });
    child.operation({ name: 'x_Blink', run: (operation) => operation.succeed() });
    child.measure('x_Seen', { x_Seen: { n: { value: n } } });
    if (n % 10 === 0) {
      world.run(2000);
      createOperation(world.platform, childOf(world, `tag${n}`).id, { x_Blink: {} });
    }
    world.run(2000);
    child.remove();
    world.run(2000);
  }
  t.true(agent.devices.length < 5, String(agent.devices.length));
  t.is(agent.telemetry.templates.length, 1);
  for (const n of [0, 7, 299]) {
    const measurements = measurementsOf(world.platform, childOf(world, `tag${n}`).id);
    t.true(measurements.some(({ fragments }) => JSON.stringify(fragments['x_Seen']) === `{"n":{"value":${n}}}`));
  }
  t.deepEqual(linked(world), []);
});

test("what a removed child has left behind in an outage is nobody else's", (t) => {
  const { app, board } = withBoard();
  const world = createSettled(t, { app, config: { measurementInterval: '86400' } });
  const first = board().child('first', {});
  world.run(5000);
  world.device.linkDown();
  first.measure('x_Seen', { x_Seen: { n: { value: 1 } } });
  first.remove();
  const second = board().child('second', {});
  second.measure('x_Seen', { x_Seen: { n: { value: 2 } } });
  world.device.linkUp();
  world.run(60_000);
  const third = board().child('third', {});
  third.measure('x_Seen', { x_Seen: { n: { value: 3 } } });
  world.run(60_000);
  const seen = (child: string) =>
    measurementsOf(world.platform, childOf(world, child).id).map(({ fragments }) => fragments['x_Seen']);
  t.deepEqual([seen('second'), seen('third')], [[{ n: { value: 2 } }], [{ n: { value: 3 } }]]);
});

test('what a child has said before it was removed arrives; of one that never was registered the loss is told as it is', (t) => {
  const { app, board } = withBoard((present) => void present.child('stays', {}));
  const world = createSettled(t, { app, config: { measurementInterval: '86400' } });
  const child = board().child('c', {});
  world.run(5000);
  world.device.linkDown();
  child.event('x_Last', 'the last word');
  child.remove();
  const never = board().child('never', {});
  never.event('x_Last', 'nobody hears it');
  never.remove();
  world.device.linkUp();
  world.run(60_000);
  t.deepEqual(
    eventsOf(world.platform, childOf(world, 'c').id).map(({ fragments }) => fragments['text']),
    ['the last word'],
  );
  const told = eventsOf(world.platform, objectOf(world).id).filter(
    ({ fragments }) => fragments['type'] === 'fractus_DataLost',
  );
  t.deepEqual(
    told.map(({ fragments }) => [fragments['text'], fragments['fractus_DataLost']]),
    [
      [
        '1 events were lost: their child was removed before they could be told, or is not declared any more',
        { count: 1, of: 'events' },
      ],
    ],
  );
  t.false(world.device.lines.some((line) => /queue is full/.test(line)));
});

test('a removed child whose last words the platform refuses holds up nobody', (t) => {
  const { app, board } = withBoard();
  const world = createSettled(t, { app, config: { measurementInterval: '86400' } });
  const child = board().child('c', {});
  world.run(5000);
  const { id } = childOf(world, 'c');
  world.device.linkDown();
  child.event('x_Last', 'the last word');
  child.remove();
  board().event('x_Other', 'hello');
  updateObject(world.platform, id, { owner: 'somebody' });
  const { requests } = world;
  world.device.linkUp();
  world.run(60_000);
  t.true(eventsOf(world.platform, objectOf(world).id).some(({ fragments }) => fragments['type'] === 'x_Other'));
  t.true(calls(world, 'POST', '/event/events', requests).length < 6);
});

test('a child that is declared removed at the next start loses the reference of the time before', (t) => {
  const world = createSettled(t, {
    app: (board) => {
      const child = board.child('c', {});
      if (board.hal.board.bootCount > 1) child.remove();
    },
  });
  const child = childOf(world, 'c');
  t.deepEqual(linked(world), [child.id]);
  world.device.reboot();
  settle(world);
  t.deepEqual(linked(world), []);
  t.is(childOf(world, 'c'), child);
});

test('a child that was never known needs no removal', (t) => {
  const world = createSettled(t, { app: (board) => void board.child('never', {}).remove() });
  t.is(world.platform.core.objects.size, 1);
  t.deepEqual(calls(world, 'DELETE', `${objects}/*/childDevices/*`), []);
});

test('a child that is not declared any more keeps its place', (t) => {
  const world = createSettled(t, {
    app: (board) => {
      if (board.hal.board.bootCount === 1) board.child('c', {});
    },
  });
  const child = childOf(world, 'c');
  world.device.reboot();
  settle(world);
  world.run(3_600_000);
  t.deepEqual(linked(world), [child.id]);
});

for (const fault of [
  { kind: 'status', status: 404 },
  { kind: 'status', status: 422 },
  { kind: 'status', status: 503 },
  { kind: 'dropAfter' },
] as const) {
  test(`a removal ends whatever the platform says (${JSON.stringify(fault)})`, (t) => {
    let child: AppChild | undefined;
    const world = createSettled(t, {
      app: (board) => {
        child = board.child('c', {});
      },
    });
    world.platform.order({ ...fault, method: 'DELETE', path: `${objects}/*/childDevices/*` });
    child?.remove();
    world.run(60_000);
    t.true(calls(world, 'DELETE', `${objects}/*/childDevices/*`).length <= 2);
    const operation = createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'help' } });
    world.run(5000);
    t.is(operation.status, 'SUCCESSFUL');
  });
}

test('an unreachable child keeps its place and has an alarm until it answers again', (t) => {
  let child: AppChild | undefined;
  const world = createSettled(t, {
    app: (board) => {
      child = board.child('c', {});
    },
  });
  const { id } = childOf(world, 'c');
  const alarms = () => alarmsOf(world.platform, id).map(({ fragments }) => fragments['status']);
  child?.reachable(true);
  world.run(5000);
  t.deepEqual(alarms(), []);
  child?.reachable(false);
  child?.reachable(false);
  world.run(5000);
  t.deepEqual(alarms(), ['ACTIVE']);
  t.deepEqual(linked(world), [id]);
  child?.reachable(true);
  world.run(5000);
  t.deepEqual(alarms(), ['CLEARED']);
  child?.reachable(false);
  world.run(5000);
  t.deepEqual(alarms(), ['CLEARED', 'ACTIVE']);
});

test('an alarm of an unreachable child outlives a restart and is not raised twice', (t) => {
  const world = createSettled(t, {
    app: (board) => {
      const child = board.child('c', {});
      child.reachable(board.hal.board.bootCount > 2);
    },
  });
  const { id } = childOf(world, 'c');
  const alarms = () => alarmsOf(world.platform, id).map(({ fragments }) => fragments['status']);
  world.run(5000);
  t.deepEqual(alarms(), ['ACTIVE']);
  world.device.reboot();
  settle(world);
  t.deepEqual(alarms(), ['ACTIVE']);
  world.device.reboot();
  settle(world);
  t.deepEqual(alarms(), ['CLEARED']);
});

test('a child deleted on the platform is made again', (t) => {
  const world = createSettled(t, {
    app: (board) => {
      board.child('c', {}).sensor({ reports: level, sensor: { sample: () => plain } });
    },
  });
  const old = childOf(world, 'c').id;
  deleteObject(world.platform, old);
  world.run(300_000);
  const made = childOf(world, 'c').id;
  t.not(made, old);
  t.deepEqual(linked(world), [made]);
  t.true(measurementsOf(world.platform, made).length >= 2);
});

test('a child taken from under the device by hand is put back with the next start', (t) => {
  const world = createSettled(t, { app: (board) => void board.child('c', {}) });
  objectOf(world).children.childDevices.clear();
  world.device.reboot();
  settle(world);
  t.deepEqual(linked(world), [childOf(world, 'c').id]);
});

for (const fault of [
  { kind: 'dropAfter' },
  { kind: 'dropBefore' },
  { kind: 'status', status: 500, applied: true },
  { kind: 'status', status: 409 },
  { kind: 'status', status: 503, html: true },
] as const) {
  test(`linking survives ${JSON.stringify(fault)}`, (t) => {
    const world = createWorld(t, { app: (board) => void board.child('c', {}) });
    world.platform.order({ ...fault, method: 'POST', path: `${objects}/*/childDevices` });
    world.start();
    settle(world);
    world.run(60_000);
    if (fault.kind !== 'status' || fault.status !== 409) t.deepEqual(linked(world), [childOf(world, 'c').id]);
    t.is(world.platform.core.objects.size, 2);
  });
}

test('a child that the platform refuses to create is told in an event, and the others are registered', (t) => {
  const world = createWorld(t, {
    app: (board) => {
      board.child('bad', {}).sensor({ reports: level, sensor: { sample: () => plain } });
      board.child('good', {}).sensor({ reports: level, sensor: { sample: () => plain } });
    },
  });
  world.platform.order({ kind: 'status', status: 422, method: 'POST', path: objects, contains: '"bad"', times: 1000 });
  world.start();
  settle(world);
  world.run(600_000);
  t.deepEqual(linked(world), [childOf(world, 'good').id]);
  const texts = [...world.platform.core.events.values()].map(({ fragments }) => String(fragments['text']));
  t.is(texts.filter((text) => text.includes('bad')).length, 1);
  t.true(calls(world, 'POST', objects).length < 20);
  t.true(measurementsOf(world.platform, childOf(world, 'good').id).length >= 10, 'its records stop nobody');
});

test('a child whose external id cannot be bound costs its own requests only: the board is not registered anew for it', (t) => {
  const world = createWorld(t, { app: (board) => void board.child('c', {}) });
  const path = '/identity/globalIds/*/externalIds';
  world.platform.order({ kind: 'status', status: 500, method: 'POST', path, contains: ':c"', times: 1e6 });
  world.start();
  settle(world);
  const since = world.requests;
  world.run(3_600_000);
  const tries = calls(world, 'POST', path, since).length;
  t.true(tries > 10 && tries < 30, `${tries}`);
  t.is(calls(world, 'PUT', `${objects}/${objectOf(world).id}`, since).filter(({ body }) => body !== '{}').length, 0);
  t.is(calls(world, 'GET', `/identity/externalIds/c8y_Serial/${world.device.deviceId}`, since).length, 0);
  t.is(world.platform.core.objects.size, 2);
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

const twin = (board: AppBoard, id: string) => board.child(id, { hardware: { serialNumber: 'W-1' } });

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
    /child fjokqc: its id is too much like another one/,
  ],
  ['201 children', (board: AppBoard) => children(board, 201), /child c200: more than 200 children/],
] as const) {
  test(`wrong declarations of children are found on the desk: ${what}`, (t) => {
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

test('a child that takes the place of another one with its serial number has an object of its own', (t) => {
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

/** A driver that finds its child on a bus, some seconds after the start. */
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

  test(`operations for a child that is declared no more fail after a while (connections=${connections})`, (t) => {
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

test('a child that comes while removed ones are being looked up, at any moment: nothing is taken from under the device that stays', (t) => {
  let boot = 0;
  for (let ms = 5000; ms < 5600; ms += 20) {
    boot = 0;
    const app: App = (board) => {
      if (boot++ === 0) {
        for (const id of ['a', 'b', 'stays']) board.child(id, {});
        return;
      }
      // A gateway that learns from its bus who is gone and who is new.
      board.child('stays', {});
      board.hal
        .createTimer(() => {
          board.child('a', {}).remove();
          board.child('b', {}).remove();
        })
        .start(5000);
      board.hal.createTimer(() => board.child('c', {})).start(ms);
    };
    const world = createSettled(t, { app, config: { startSpread: '0' } });
    world.device.reboot();
    world.run(60_000);
    t.deepEqual(linked(world).sort(), [childOf(world, 'stays').id, childOf(world, 'c').id].sort(), `${ms} ms`);
    for (const { path } of world.exchanges.filter(({ method }) => method === 'DELETE'))
      t.regex(path, /childDevices\/\d+$/);
  }
});
