// SPDX-License-Identifier: Apache-2.0
/** Answers of a child's driver that are late, doubled or missing. */

import test from 'ava';
import type { App } from '../../../src/index.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { childOf, order, runToEnd, statuses, updates } from '../../agent/operations/operating.ts';
import { createSettled } from '../../agent/scene.ts';
import { createScene, KID, operate, pack, shown, update, url } from './children-scene.ts';

const HOUR_MS = 3_600_000;

/** Promises settle between the events of a board. */
async function live(world: World, forMs: number): Promise<void> {
  for (let i = 0; i < 10; i++) {
    world.run(forMs / 10);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }
}

test('an install that never ends: FAILED at the timeout, the sink is told once, and later calls do nothing', async (t) => {
  for (const asked of ['c8y_SoftwareUpdate', 'c8y_Firmware'] as const) {
    for (const isRejection of [false, true]) {
      const what = `${asked}, ${isRejection ? 'rejected' : 'resolved'}`;
      const { world, controller } = createScene(t);
      let resolve = () => {};
      let reject = (_: Error) => {};
      controller.endsWith = () =>
        new Promise<void>((yes, no) => {
          resolve = yes;
          reject = no;
        });
      const wish = pack(world, 'oven', '1');
      const operation = order(
        world,
        { [asked]: asked === 'c8y_Firmware' ? { ...wish, url: url(world, 'image') } : [wish] },
        childOf(world, KID).id,
      );
      await live(world, 1.5 * HOUR_MS);
      t.is(operation.failureReason, 'the operation took too long', what);
      t.is(controller.aborted, 1, what);
      const since = updates(world, operation.id).length;
      if (isRejection) reject(new Error('too late'));
      else resolve();
      await live(world, 60_000);
      t.is(controller.aborted, 1, what);
      t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'FAILED'], what);
      t.is(updates(world, operation.id).length, since, what);
    }
  }
});

test('a package that hangs: the list contains those before it', async (t) => {
  const { world, controller } = createScene(t);
  controller.endsWith = () => (controller.packages.has('mixer') ? new Promise<void>(() => {}) : undefined);
  const wishes = [pack(world, 'mixer', '1'), pack(world, 'oven', '1')];
  const operation = order(world, { c8y_SoftwareUpdate: wishes }, childOf(world, KID).id);
  await live(world, HOUR_MS);
  t.is(operation.failureReason, 'the operation took too long');
  t.deepEqual(shown(world, 'c8y_Software'), { mixer: '1' });
});

test('a firmware operation that fails or hangs after the child has another firmware: the inventory has the true one', async (t) => {
  const { world, controller } = createScene(t);
  const firmware = () =>
    order(world, { c8y_Firmware: { name: 'plc', version: '9', url: url(world, 'dud') } }, childOf(world, KID).id);
  controller.endsWith = () => {
    controller.runs = { name: 'plc', version: '2.1' };
  };
  const other = firmware();
  await live(world, 60_000);
  t.is(other.failureReason, 'plc 9 does not run, but plc 2.1');
  t.deepEqual(shown(world, 'c8y_Firmware'), { name: 'plc', version: '2.1', url: '' });
  controller.endsWith = () => {
    controller.runs = { name: 'plc', version: '9' };
    return new Promise<void>(() => {});
  };
  const late = firmware();
  await live(world, 1.5 * HOUR_MS);
  t.is(late.failureReason, 'the operation took too long');
  t.deepEqual(shown(world, 'c8y_Firmware'), { name: 'plc', version: '9', url: '' });
});

test('a driver written in JavaScript may return anything, and its promise may settle twice', async (t) => {
  const { world, controller } = createScene(t);
  let taken = 0;
  let answer: unknown;
  controller.install = ({ name, version }) => ({
    begin() {},
    write() {},
    end() {
      taken++;
      controller.packages.set(name, { version, content: '' });
      return answer as undefined;
    },
    abort() {},
  });
  for (const value of [7, null, 'done', {}]) {
    answer = value;
    const { failureReason } = update(world, pack(world, 'oven', `${typeof value}`));
    t.is(failureReason, undefined, typeof value);
  }
  taken = 0;
  answer = {
    // biome-ignore lint/suspicious/noThenProperty: a promise of somebody's own
    then(yes: () => void, no: (error: Error) => void) {
      yes();
      yes();
      no(new Error('no'));
    },
  };
  const twice = operate(world, { c8y_SoftwareUpdate: [pack(world, 'oven', '3'), pack(world, 'mixer', '1')] });
  t.is(twice.failureReason, undefined);
  t.is(taken, 2, 'each is fetched once');
});

test('an onTimeout that throws does not stop the board', (t) => {
  const app: App = (board) =>
    board.operation({
      name: 'x_Work',
      timeoutMs: 1000,
      run(operation) {
        operation.onTimeout = () => {
          throw new Error('it is stuck');
        };
      },
    });
  const world = createSettled(t, { app });
  const operation = order(world, { x_Work: {} });
  runToEnd(world, [operation]);
  t.is(operation.failureReason, 'the operation took too long');
  t.true(world.device.lines.every((line) => !line.includes('start 2')));
});

test('an operation that ends during a progress update gets no timeout', (t) => {
  let stops = 0;
  const app: App = (board) =>
    board.operation({
      name: 'x_Work',
      timeoutMs: 2000,
      run(operation) {
        operation.onTimeout = () => void stops++;
        const timer = board.hal.createTimer(() => {
          operation.progress('nearly done');
          operation.succeed();
        });
        timer.start(100);
      },
    });
  const world = createSettled(t, { app });
  const path = '/devicecontrol/operations/*';
  world.platform.order({ kind: 'delay', ms: 8000, method: 'PUT', path, contains: 'fractus_Progress' });
  const operation = order(world, { x_Work: {} });
  runToEnd(world, [operation]);
  t.is(operation.status, 'SUCCESSFUL');
  t.is(stops, 0);
});

test('only the end of a file may take time: a driver that returns a promise elsewhere is FAILED with the reason', async (t) => {
  const broken = () => Promise.reject(new Error('nobody waits for this')) as unknown as undefined;
  const cases = [
    ['begin', 'begin: it must end at once, not a promise'],
    ['write', 'write: it must take the bytes at once, not a promise'],
    ['install', 'install: it must return a sink, not a promise'],
    ['installed', 'installed: it must return a list of packages with name and version, not a promise'],
  ] as const;
  for (const [method, reason] of cases) {
    const { world, controller } = createScene(t);
    const sink = { begin() {}, write() {}, end() {}, abort: broken, [method]: broken };
    controller.install = () => sink;
    if (method === 'install' || method === 'installed') controller[method] = broken as never;
    const operation = order(world, { c8y_SoftwareUpdate: [pack(world, 'oven', '1')] }, childOf(world, KID).id);
    await live(world, 20_000);
    t.is(operation.status, 'FAILED', method);
    t.is(operation.failureReason?.replace(/^oven: (?:download: )?/, ''), reason);
    t.deepEqual(world.device.machine.restarts, []);
  }
});
