// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Agent } from '../../../src/agent/agent.ts';
import type { App, AppBoard, AppChild } from '../../../src/index.ts';
import { measurement } from '../../../src/index.ts';
import { createOperation, eventsOf, measurementsOf, updateObject } from '../../../tools/platform/operator.ts';
import { calls, createSettled, logged, objectOf, settle } from '../scene.ts';
import { childOf, level, linked, objects, plain, withBoard } from './family.ts';

test('a removed child loses its reference and nothing else', (t) => {
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

test('children with new ids each time come and go for years, with reports and operations', (t) => {
  const { app, board } = withBoard();
  const world = createSettled(t, { app, config: { measurementInterval: '86400' } });
  const agent = world.device.agent as unknown as Agent;
  for (let n = 0; n < 300; n++) {
    const child = board().child(`tag${n}`, {});
    // Declares what it finds, as a driver does.
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

test('records of a removed child from an outage go to no other child', (t) => {
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

test('reports of a child from before its removal arrive; those of a child that never was registered are reported as lost', (t) => {
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
    [['1 events were lost: their child was removed before, or is not declared any more', { count: 1, of: 'events' }]],
  );
  t.false(world.device.lines.some((line) => /queue is full/.test(line)));
});

test('a removed child whose last reports the platform refuses blocks no other', (t) => {
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

test('a child that is declared removed at the next start loses its reference from the previous start', (t) => {
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

test('removing an unknown child does nothing', (t) => {
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

test('a child that arrives at any moment of the search for removed ones keeps its reference', (t) => {
  let boot = 0;
  for (let ms = 5000; ms < 5600; ms += 20) {
    boot = 0;
    const app: App = (board) => {
      if (boot++ === 0) {
        for (const id of ['a', 'b', 'stays']) board.child(id, {});
        return;
      }
      // A gateway that learns from its bus which children are gone and which are new.
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

test('removing a child while updates of all devices fail causes no additional tries', (t) => {
  const children: AppChild[] = [];
  const boards: AppBoard[] = [];
  const world = createSettled(t, {
    app: (board) => {
      boards.push(board);
      for (const id of ['goes', 'stays']) children.push(board.child(id, {}));
    },
  });
  const before = world.requests;
  world.platform.order({ kind: 'status', status: 500, method: 'PUT', path: `${objects}/*`, times: 1e6 });
  for (const device of [...boards, ...children])
    device.operation({ name: 'x_Late', run: (operation) => operation.succeed() });
  world.run(7_200_000);
  t.true(calls(world, 'PUT', `${objects}/*`, before).length > 60);
  const failing = world.requests;
  children[0]?.remove();
  world.run(600_000);
  t.deepEqual(linked(world), [childOf(world, 'stays').id]);
  // Pauses of five minutes, less the random part.
  t.true(calls(world, 'PUT', `${objects}/*`, failing).length <= 6);
  t.false(logged(world, 'works again'));
});
