// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import type { App, AppChild } from '../../../src/index.ts';
import { measurement } from '../../../src/index.ts';
import {
  bindExternalId,
  createOperation,
  deleteObject,
  eventsOf,
  findDevice,
  measurementsOf,
  registerDevice,
  unbindExternalId,
  updateObject,
} from '../../../tools/platform/operator.ts';
import type { SimulatedDevice } from '../../../tools/simulate/machine/device.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { calls, createSettled, createWorld, objectOf } from '../scene.ts';

const objects = '/inventory/managedObjects';
const newBoard = { board: { serialNumber: 'fake-new', mac: '0200000000fb' } };
const level = measurement({ type: 'level', fragments: { level: { L: { of: 'level' } } } });

const family: App = (board) => {
  const thermometer = board.hal.sensors['thermometer'];
  const reports = measurement({ type: 'temperature', fragments: { temperature: { T: { of: 'temperature' } } } });
  if (thermometer !== undefined) board.sensor({ reports, sensor: thermometer });
  for (const name of ['meter', 'valve']) {
    board.child(name, {}).sensor({ reports: level, sensor: { sample: () => ({ level: 1 }) } });
  }
};

function idOf(world: World, externalId: string): string {
  return findDevice(world.platform, externalId)?.id ?? 'none';
}

/** Steps 1 to 7 of the guide "Replacing a physical device", with children. Returns the new device, still turned off. */
function replace(world: World, changeOwnerOf: readonly string[]): SimulatedDevice {
  const { platform } = world;
  world.device.powerCut();
  const replacement = world.add({ config: { deviceId: 'new' }, app: family, machine: newBoard });
  replacement.start();
  world.runUntil(() => findDevice(platform, 'new:valve') !== undefined, 60_000);
  world.run(5000);
  replacement.powerCut();
  for (const suffix of ['', ':meter', ':valve']) {
    const made = idOf(world, `new${suffix}`);
    const old = idOf(world, `old${suffix}`);
    unbindExternalId(platform, `new${suffix}`);
    if (changeOwnerOf.includes(suffix)) updateObject(platform, old, { owner: replacement.user });
    bindExternalId(platform, old, `new${suffix}`);
    deleteObject(platform, made);
  }
  return replacement;
}

function createOld(t: ExecutionContext): World {
  const world = createWorld(t, { app: family, config: { deviceId: 'old' } });
  world.start();
  world.runUntil(() => findDevice(world.platform, 'old:valve') !== undefined, 60_000);
  world.run(120_000);
  return world;
}

test('a new board takes over the old object and its children', (t) => {
  const world = createOld(t);
  const ids = ['old', 'old:meter', 'old:valve'].map((externalId) => idOf(world, externalId));
  const replacement = replace(world, ['', ':meter', ':valve']);
  const history = ids.map((id) => measurementsOf(world.platform, id).length);
  const { requests } = world;
  replacement.start();
  world.run(180_000);
  t.deepEqual(calls(world, 'POST', objects, requests), [], 'nothing is created');
  t.is(world.platform.core.objects.size, 3);
  t.like(findDevice(world.platform, 'new')?.fragments, { c8y_Hardware: { serialNumber: 'fake-new' } });
  ids.forEach((id, i) => {
    t.true(measurementsOf(world.platform, id).length >= (history[i] ?? 0) + 3, 'its history goes on');
  });
  const operation = createOperation(world.platform, ids[0] ?? '', { c8y_Command: { text: 'help' } });
  world.run(5000);
  t.is(operation.status, 'SUCCESSFUL');
});

test('a child whose owner was not changed is reported in an event, and the others continue', (t) => {
  const world = createOld(t);
  const device = idOf(world, 'old');
  const meter = idOf(world, 'old:meter');
  const valve = idOf(world, 'old:valve');
  const replacement = replace(world, ['', ':valve']);
  const before = measurementsOf(world.platform, meter).length;
  const { requests } = world;
  replacement.start();
  world.run(3_600_000);
  const events = eventsOf(world.platform, device).filter(({ fragments }) => /meter/.test(String(fragments['text'])));
  t.is(events.length, 1);
  t.regex(String(events[0]?.fragments['text']), /owner/);
  t.is(measurementsOf(world.platform, meter).length, before, 'nothing is reported for it');
  t.true(measurementsOf(world.platform, device).length >= 60);
  t.true(measurementsOf(world.platform, valve).length >= 60);
  const operation = createOperation(world.platform, device, { c8y_Command: { text: 'help' } });
  world.run(5000);
  t.is(operation.status, 'SUCCESSFUL');
  const refused = world.exchanges.filter(({ number, status }) => number > requests && status === 403);
  t.true(refused.length < 240, `${refused.length} refused requests in an hour`);

  updateObject(world.platform, meter, { owner: replacement.user });
  world.run(180_000);
  t.true(measurementsOf(world.platform, meter).length > before, 'once its owner is right it reports');
});

test('a board that does not own the object waits, creates nothing and loses nothing', (t) => {
  const world = createOld(t);
  const device = idOf(world, 'old');
  const replacement = replace(world, []);
  const history = measurementsOf(world.platform, device).length;
  const { requests } = world;
  replacement.start();
  world.run(600_000);
  t.deepEqual(calls(world, 'POST', objects, requests), []);
  t.true(replacement.lines.some((line) => /error: managed object .* of the device .*owner/.test(line)));
  t.true(world.requests - requests < 140, `${world.requests - requests} requests in ten minutes`);
  for (const suffix of ['', ':meter', ':valve']) {
    updateObject(world.platform, idOf(world, `old${suffix}`), { owner: replacement.user });
  }
  world.run(180_000);
  t.true(measurementsOf(world.platform, device).length >= history + 12, 'also what was sampled meanwhile');
});

test('late changes of owners: one log line and one event for all children, and the same for the end', (t) => {
  const names = Array.from({ length: 20 }, (_, i) => `c${i}`);
  const app: App = (board) => {
    for (const name of names) board.child(name, {}).event('x_Up', 'up', { start: board.hal.board.bootCount });
  };
  const world = createSettled(t, { app });
  const { deviceId, user } = world.device;
  const ids = ['', ...names.map((name) => `:${name}`)].map((suffix) => idOf(world, deviceId + suffix));
  world.device.powerCut();
  for (const id of ids) updateObject(world.platform, id, { owner: 'somebody' });
  let before = world.device.lines.length;
  world.device.start();
  world.run(3_600_000);
  const said = (pattern: RegExp) => world.device.lines.slice(before).filter((line) => pattern.test(line));
  t.is(said(/owner|child/).length, 1, said(/owner|child/).join('\n'));
  before = world.device.lines.length;
  for (const id of ids) updateObject(world.platform, id, { owner: user });
  world.run(1_800_000);
  t.is(said(/Registered after failures/).length, 1);
  t.is(said(/works again.*owner/).length, 1);
  const events = eventsOf(world.platform, ids[0] ?? '').map(({ fragments }) => fragments);
  for (const type of ['c8y_ChildRefused', 'fractus_RegistrationHealed']) {
    const told = events.filter((each) => each['type'] === type);
    t.is(told.length, 1);
    for (const name of names) t.true(String(told[0]?.['text']).includes(`child ${name} `), name);
  }
  for (const id of ids.slice(1)) t.is(eventsOf(world.platform, id).length, 2);
});

test('a new board with the old id requests its own credentials and takes the object over', (t) => {
  const world = createSettled(t, { config: { deviceId: 'pump-7' } });
  const { id } = objectOf(world);
  world.device.powerCut();
  registerDevice(world.platform, 'pump-7');
  world.add({ config: { deviceId: 'pump-7' }, machine: newBoard }).start();
  world.run(60_000);
  t.is(world.platform.core.objects.size, 1);
  t.is(objectOf(world).id, id);
  t.like(objectOf(world).fragments, { c8y_Hardware: { serialNumber: 'fake-new' } });
});

test('if the owner changes under a running device, its reports stop until the owner is changed back', (t) => {
  let child: AppChild | undefined;
  const world = createSettled(t, {
    app: (board) => {
      family(board);
      child = board.child('lamp', {});
    },
  });
  world.run(10_000);
  const { id } = objectOf(world);
  updateObject(world.platform, id, { owner: 'somebody' });
  const before = measurementsOf(world.platform, id).length;
  child?.event('c8y_Lamp', 'on');
  world.run(600_000);
  t.is(measurementsOf(world.platform, id).length, before);
  updateObject(world.platform, id, { owner: world.device.user });
  world.run(120_000);
  const times = measurementsOf(world.platform, id).map(({ timeMs }) => timeMs);
  t.true(times.length >= before + 10);
  t.deepEqual(times, [...times].sort(), 'in order');
});
