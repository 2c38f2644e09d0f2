// SPDX-License-Identifier: Apache-2.0
/** Declarations and removals long after the start. */

import test from 'ava';
import type { AppBoard, AppChild, Capability } from '../../../src/index.ts';
import { measurement } from '../../../src/index.ts';
import { createOperation, findDevice, measurementsOf } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { bodyOf, calls, createSettled, createWorld, objectOf, settle } from '../scene.ts';

const objects = '/inventory/managedObjects';
const LEVEL = measurement({ type: 'level', fragments: { level: { L: { of: 'level' } } } });
const late: Capability = {
  name: 'x_Late',
  inventory: () => ({ x_Late: { since: 'now' } }),
  run: (operation) => operation.succeed(),
};

function offered(fragments: Readonly<Record<string, unknown>> | undefined): readonly unknown[] {
  return (fragments?.['c8y_SupportedOperations'] as unknown[] | undefined) ?? [];
}

/** How often the platform was sent the offers of an object. */
function told(world: World, id: string | undefined, since: number): number {
  const updates = calls(world, 'PUT', `${objects}/${id}`, since);
  return updates.filter((update) => 'c8y_SupportedOperations' in bodyOf(update)).length;
}

function createDevice(t: Parameters<typeof createSettled>[0]) {
  let app: { board: AppBoard; child: AppChild } | undefined;
  const world = createSettled(t, {
    app: (board) => {
      app = { board, child: board.child('meter', {}) };
    },
  });
  if (app === undefined) throw new Error('no app');
  const operate = (id: string, name: string) => {
    const operation = createOperation(world.platform, id, { [name]: {} });
    world.runUntil(() => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED', 60_000);
    return operation;
  };
  const childObject = () => findDevice(world.platform, `${world.device.deviceId}:meter`);
  return { world, ...app, operate, childObject };
}

test('an operation added late is offered and carried out; a removed one is neither', (t) => {
  const { world, board, operate } = createDevice(t);
  board.operation(late);
  world.run(10_000);
  t.true(offered(objectOf(world).fragments).includes('x_Late'));
  t.deepEqual(objectOf(world).fragments['x_Late'], { since: 'now' });
  t.is(operate(objectOf(world).id, 'x_Late').status, 'SUCCESSFUL');

  board.removeOperation('x_Late');
  board.removeOperation('c8y_Restart');
  board.removeOperation('x_NeverThere');
  world.run(10_000);
  t.false(offered(objectOf(world).fragments).includes('x_Late'));
  t.false(offered(objectOf(world).fragments).includes('c8y_Restart'));
  const refused = operate(objectOf(world).id, 'x_Late');
  t.is(refused.status, 'FAILED');
  t.regex(refused.failureReason ?? '', /x_Late/);
  world.finish();
});

test('operations of a child added late: the same, and the others are not updated', (t) => {
  const { world, child, operate, childObject } = createDevice(t);
  const { requests } = world;
  child.operation(late);
  world.run(10_000);
  t.deepEqual(offered(childObject()?.fragments), ['x_Late']);
  t.is(told(world, childObject()?.id, requests), 1);
  t.is(told(world, objectOf(world).id, requests), 0);
  t.is(operate(childObject()?.id ?? '', 'x_Late').status, 'SUCCESSFUL');
  world.finish();
});

test('a declaration during the update of another one is sent, too', (t) => {
  const { world, board } = createDevice(t);
  const { requests } = world;
  let isUnderWay = false;
  world.onRequest = ({ method, path }) => {
    if (method === 'PUT' && path.startsWith(objects) && !isUnderWay) {
      isUnderWay = true;
      board.operation({ ...late, name: 'x_Later' });
    }
    return true;
  };
  board.operation(late);
  world.run(10_000);
  t.true(isUnderWay);
  t.deepEqual(offered(objectOf(world).fragments).slice(-2), ['x_Late', 'x_Later']);
  t.is(told(world, objectOf(world).id, requests), 2);
  world.finish();
});

test('a declaration without a link is sent when the link is up', (t) => {
  const { world, board } = createDevice(t);
  world.device.linkDown();
  world.run(1000);
  board.operation(late);
  world.run(60_000);
  world.device.linkUp();
  world.run(120_000);
  t.true(offered(objectOf(world).fragments).includes('x_Late'));
  world.finish();
});

test('a declaration before registration is in the first document', (t) => {
  let board: AppBoard | undefined;
  const world = createWorld(t, {
    app: (each) => {
      board = each;
    },
  });
  world.start();
  board?.operation(late);
  settle(world);
  t.true(offered(objectOf(world).fragments).includes('x_Late'));
  world.finish();
});

test('a sensor added late is sampled until it is removed', (t) => {
  const { world, board } = createDevice(t);
  const sensor = { sample: () => ({ level: 1 }) };
  board.sensor({ reports: LEVEL, sensor });
  world.run(180_000);
  const levels = () => measurementsOf(world.platform, objectOf(world).id).filter(({ fragments }) => fragments['level']);
  const { length } = levels();
  t.true(length >= 2);
  board.removeSensor(sensor);
  world.run(180_000);
  t.is(levels().length, length);
  world.finish();
});

test('a sensor that is declared twice, with another interval, is removed as a whole; others stay', (t) => {
  const { world, board } = createDevice(t);
  let samples = 0;
  let others = 0;
  const sensor = { sample: () => ({ level: ++samples }) };
  const other = { sample: () => ({ level: ++others }) };
  board.sensor({ reports: LEVEL, sensor });
  board.sensor({ reports: LEVEL, sensor: other });
  board.sensor({ reports: LEVEL, sensor, intervalS: 5 });
  world.run(60_000);
  t.true(samples > 10);
  board.removeSensor(sensor);
  const before = [samples, others] as const;
  world.run(180_000);
  t.is(samples, before[0]);
  t.true(others > before[1]);
  world.finish();
});
