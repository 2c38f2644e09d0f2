// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { type ObjectView, type OwnObject, ownObject } from 'fractus/object';
import type { AppBoard, AppChild } from '../../src/index.ts';
import type { Fault } from '../../tools/platform/faults.ts';
import { findDevice, updateObject } from '../../tools/platform/operator.ts';
import { calls, createSettled, createWorld, objectOf } from '../agent/scene.ts';

const OBJECTS = '/inventory/managedObjects';
const PLAN = { acme_Plan: { name: 'night', price: 0.31, isOn: true, slots: [{ start: 1 }, { start: 22 }] } };

function createScene(t: ExecutionContext, names: readonly string[] = ['acme_Plan']) {
  const scene: { board?: AppBoard; child?: AppChild; own?: OwnObject } = {};
  const world = createSettled(t, {
    app(board) {
      scene.board = board;
      scene.child = board.child('meter', {});
      scene.own = ownObject(board, names);
    },
  });
  world.run(30_000);
  const views: (ObjectView | undefined)[] = [];
  const read = (own = scene.own) => own?.read((view) => views.push(view));
  const { child } = scene;
  if (child === undefined) throw new Error('the app has not run');
  return { world, child, views, read };
}

test('fragments that somebody has set are read by their path, and nothing becomes a property', (t) => {
  const { world, views, read } = createScene(t);
  updateObject(world.platform, objectOf(world).id, { fragments: PLAN });
  read();
  t.deepEqual(views, [], 'not within the call');
  world.run(2000);
  const [view] = views;
  t.is(view?.text('acme_Plan.name'), 'night');
  t.is(view?.number('acme_Plan.price'), 0.31);
  t.is(view?.flag('acme_Plan.isOn'), true);
  t.is(view?.number('acme_Plan.slots[1].start'), 22);
  t.is(view?.text('acme_Plan.price'), undefined);
  t.is(view?.number('acme_Other'), undefined);
  t.is(calls(world, 'GET', OBJECTS).length, 1);
});

test('a child has fragments of its own', (t) => {
  const { world, child, views, read } = createScene(t);
  const meter = findDevice(world.platform, `${world.device.deviceId}:meter`);
  updateObject(world.platform, meter?.id ?? '', { fragments: { acme_Limit: 7 } });
  read(ownObject(child, ['acme_Limit']));
  world.run(2000);
  t.is(views[0]?.number('acme_Limit'), 7);
});

test('a large object costs no memory: what was asked for is there, the rest is left out', (t) => {
  const { world, views, read } = createScene(t);
  const much = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`acme_Much${i}`, { text: 'x'.repeat(900) }]));
  updateObject(world.platform, objectOf(world).id, { fragments: { ...much, ...PLAN, acme_Last: 'y'.repeat(900) } });
  read();
  world.run(5000);
  t.is(views[0]?.text('acme_Plan.name'), 'night');
  t.is(views[0]?.number('acme_Plan.slots[1].start'), 22);
  t.is(views[0]?.text('acme_Much7.text'), undefined);
});

test('an object above the limit counts as missing', (t) => {
  const { world, views, read } = createScene(t);
  updateObject(world.platform, objectOf(world).id, { fragments: { acme_Plan: { name: 'z'.repeat(5000) } } });
  read();
  world.run(5000);
  t.is(views.length, 1);
  t.is(views[0]?.text('acme_Plan.name'), undefined);
});

test('before the registration, and without a link, it waits; asked again, it is asked once', (t) => {
  const views: (ObjectView | undefined)[] = [];
  const scene: { own?: OwnObject } = {};
  const world = createWorld(t, {
    app(board) {
      scene.own = ownObject(board, ['type']);
      scene.own.read((view) => views.push(view));
    },
  });
  world.start();
  world.run(60_000);
  t.is(views[0]?.text('type'), 'c8y_ESP32');
  world.device.linkDown();
  world.run(60_000);
  const since = world.exchanges.at(-1)?.number ?? 0;
  for (let i = 0; i < 100; i++) scene.own?.read((view) => views.push(view));
  world.run(600_000);
  t.is(views.length, 1);
  world.device.linkUp();
  world.run(120_000);
  t.is(views.length, 2);
  t.is(calls(world, 'GET', OBJECTS, since).length, 1);
});

const FAULTS: readonly Fault[] = [
  { kind: 'status', status: 503, times: 3 },
  { kind: 'dropBefore', times: 3 },
  { kind: 'truncate', bytes: 30, times: 3 },
  { kind: 'status', status: 200, body: '{"managedObjects":[{"id":', times: 1 },
  { kind: 'status', status: 200, body: '{"statistics":{}}', times: 2 },
  { kind: 'status', status: 200, body: '<html>', html: true, times: 2 },
];
for (const fault of FAULTS) {
  test(`disturbed by ${JSON.stringify(fault)}: it is read in the end`, (t) => {
    const { world, views, read } = createScene(t);
    updateObject(world.platform, objectOf(world).id, { fragments: PLAN });
    world.platform.order({ ...fault, method: 'GET', path: OBJECTS });
    read();
    world.run(600_000);
    t.deepEqual(
      views.map((view) => view?.text('acme_Plan.name')),
      ['night'],
    );
  });
}

test('a lasting failure is tried less and less often, and at once again after a success', (t) => {
  const { world, views, read } = createScene(t);
  const id = world.platform.order({ kind: 'status', status: 503, method: 'GET', path: OBJECTS, times: 1000 });
  read();
  world.run(4 * 3_600_000);
  const asked = calls(world, 'GET', OBJECTS).length;
  t.true(asked > 40 && asked <= 80, `${asked} times in 4 h`);
  world.platform.cancel(id);
  world.run(600_000);
  t.is(views.length, 1);
  world.platform.order({ kind: 'status', status: 503, method: 'GET', path: OBJECTS });
  read();
  world.run(10_000);
  t.is(views.length, 2);
});

test('an answer about another object says nothing of this one; nor does a refusal', (t) => {
  const { world, child, views, read } = createScene(t);
  const body = '{"managedObjects":[{"id":"4711","acme_Plan":{"name":"of another"}}]}';
  world.platform.order({ kind: 'status', status: 200, body, method: 'GET', path: OBJECTS });
  read();
  world.run(5000);
  world.platform.order({ kind: 'status', status: 403, method: 'GET', path: OBJECTS });
  read();
  world.run(5000);
  child.remove();
  world.run(30_000);
  read(ownObject(child, ['type']));
  t.is(views.length, 2, 'not within the call');
  world.run(30_000);
  t.deepEqual(views, [undefined, undefined, undefined]);
});
