// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { AppChild } from '../../../src/index.ts';
import { alarmsOf, createOperation, deleteObject, measurementsOf } from '../../../tools/platform/operator.ts';
import { calls, createSettled, createWorld, objectOf, settle } from '../scene.ts';
import { childOf, level, linked, objects, plain } from './family.ts';

for (const fault of [
  { kind: 'status', status: 404 },
  { kind: 'status', status: 422 },
  { kind: 'status', status: 503 },
  { kind: 'dropAfter' },
] as const) {
  test(`a removal ends whatever the platform answers (${JSON.stringify(fault)})`, (t) => {
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

test('an alarm of an unreachable child survives a restart and is not raised twice', (t) => {
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

test('a child deleted on the platform is created again', (t) => {
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

test('a child that a person has taken from under the device is put back at the next start', (t) => {
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

test('a child that the platform refuses to create is reported in an event, and the others are registered', (t) => {
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

test('a child whose external id cannot be bound costs only its own requests: the board does not register again for it', (t) => {
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
