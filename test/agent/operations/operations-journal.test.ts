// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import type { App } from '../../../src/index.ts';
import type { Operation } from '../../../tools/platform/model.ts';
import { takeBack } from '../../../tools/platform/operator.ts';
import { World } from '../../../tools/simulate/machine/world.ts';
import { createSettled, settle } from '../scene.ts';
import { isEnded, order, runToEnd, statuses, testOnBoth, updates, Workshop } from './operating.ts';

/** Begins, works for a while, and ends with the result that its parameters give. */
class Worker {
  readonly begun: string[] = [];
  readonly done: string[] = [];

  readonly repeatable: boolean;

  constructor(repeatable: boolean) {
    this.repeatable = repeatable;
  }

  readonly app: App = (board) =>
    board.operation({
      name: 'x_Deed',
      repeatable: this.repeatable,
      run: (operation) => {
        this.begun.push(operation.id);
        board.hal
          .createTimer(() => {
            this.done.push(operation.id);
            const reason = operation.text('fail');
            if (reason === undefined) operation.succeed();
            else operation.fail(reason);
          })
          .start(2000);
      },
    });
}

/** Cuts the power after the handler has finished and before the platform has its report. */
function cutAfterwards(t: ExecutionContext, config: Record<string, string>, fragments: Record<string, unknown>) {
  const worker = new Worker(false);
  const world = createSettled(t, { app: worker.app, config });
  const operation = order(world, { x_Deed: fragments } as never);
  world.runUntil(() => worker.begun.length === 1, 20_000);
  world.platform.order({ kind: 'dropBefore', path: '/devicecontrol/operations/*', times: 100 });
  world.runUntil(() => worker.done.length === 1, 20_000);
  world.device.powerCut();
  world.platform.cancel();
  world.device.start();
  runToEnd(world, [operation]);
  t.deepEqual(worker.begun, [operation.id], 'begun once');
  return { world, operation };
}

testOnBoth('finished work is SUCCESSFUL even if the power fails before the report', (t, config) => {
  const { operation } = cutAfterwards(t, config, {});
  t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
});

testOnBoth('failed work is FAILED for its own reason even if the power fails before the report', (t, config) => {
  const { world, operation } = cutAfterwards(t, config, { fail: 'kein Papier' });
  t.is(operation.failureReason, 'kein Papier');
  t.false(world.device.machine.flash.values.has('op-reasons'), 'what is told is forgotten');
});

/** The platform refuses the next update of an operation to this status permanently. */
function refuse(world: World, status: string): void {
  world.platform.order({ kind: 'status', status: 403, path: '/devicecontrol/operations/*', contains: status });
}

/** An operation has failed for its own reason, and the platform has refused the report. */
function failUnheard(t: ExecutionContext, config: Record<string, string>) {
  const worker = new Worker(false);
  const world = createSettled(t, { app: worker.app, config });
  const operation = order(world, { x_Deed: { fail: 'kein Papier' } });
  refuse(world, 'FAILED');
  world.runUntil(() => worker.done.length === 1, 20_000);
  world.run(10_000);
  return { worker, world, operation };
}

testOnBoth('an end that the platform refused is sent after the next start, with its own reason', (t, config) => {
  const { worker, world, operation } = failUnheard(t, config);
  t.is(operation.status, 'EXECUTING');
  world.device.reboot();
  runToEnd(world, [operation]);
  t.deepEqual(worker.begun, [operation.id], 'begun once');
  t.is(operation.failureReason, 'kein Papier');
  t.false(world.device.machine.flash.values.has('op-reasons'), 'what is told is forgotten');
});

testOnBoth('a failed operation that may not become EXECUTING again keeps its own reason', (t, config) => {
  const { worker, world, operation } = failUnheard(t, config);
  world.device.powerCut();
  takeBack(world.platform, operation.id);
  refuse(world, 'EXECUTING');
  world.device.start();
  settle(world);
  world.run(10_000);
  t.is(operation.status, 'PENDING');
  world.device.reboot();
  runToEnd(world, [operation]);
  t.deepEqual(worker.begun, [operation.id], 'begun once');
  t.is(operation.failureReason, 'kein Papier');
});

testOnBoth('interrupted operations end FAILED; repeatable ones are repeated', (t, config) => {
  for (const repeatable of [false, true]) {
    const worker = new Worker(repeatable);
    const world = createSettled(t, { app: worker.app, config });
    const operation = order(world, { x_Deed: {} });
    world.runUntil(() => worker.begun.length === 1, 20_000);
    world.run(500);
    world.device.reboot();
    runToEnd(world, [operation]);
    t.is(operation.status, repeatable ? 'SUCCESSFUL' : 'FAILED');
    t.is(operation.failureReason, repeatable ? undefined : 'the device restarted before the operation was finished');
    t.is(worker.begun.length, repeatable ? 2 : 1);
    t.deepEqual(statuses(operation).length, 3);
  }
});

testOnBoth('an operation that was EXECUTING and not begun fails with that reason', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  // The power fails at the answer to EXECUTING.
  const operation = order(world, { x_Work: {} });
  world.runUntil(() => operation.status === 'EXECUTING', 20_000);
  world.device.powerCut();
  world.device.start();
  runToEnd(world, [operation]);
  t.deepEqual(workshop.begun, []);
  t.is(operation.failureReason, 'the device restarted before the operation was begun');
});

for (const [asked, end] of [
  [{}, 'SUCCESSFUL'],
  [{ fail: 'no water' }, 'FAILED'],
] as const) {
  testOnBoth(
    `one that is PENDING again after it was ${end} comes to that end again, and is not begun again`,
    (t, config) => {
      const worker = new Worker(false);
      const world = createSettled(t, { app: worker.app, config });
      const done = order(world, { x_Deed: asked });
      runToEnd(world, [done]);
      world.device.powerCut();
      const before = world.requests;
      takeBack(world.platform, done.id);
      world.device.start();
      settle(world);
      world.run(10_000);
      t.deepEqual(worker.begun, [done.id]);
      t.is(updates(world, done.id, before).length, 2);
      t.deepEqual(statuses(done).slice(-3), ['PENDING', 'EXECUTING', end]);
    },
  );
}

testOnBoth('a begun operation that is PENDING again fails for the restart, not begun again', (t, config) => {
  const worker = new Worker(false);
  const world = createSettled(t, { app: worker.app, config });
  const operation = order(world, { x_Deed: {} });
  world.runUntil(() => worker.begun.length === 1, 20_000);
  world.device.powerCut();
  takeBack(world.platform, operation.id);
  world.device.start();
  runToEnd(world, [operation]);
  t.deepEqual(worker.begun, [operation.id]);
  t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'PENDING', 'EXECUTING', 'FAILED']);
  t.is(operation.failureReason, 'the device restarted before the operation was finished');
});

testOnBoth('a late push of an operation that ended before the restart changes nothing', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  const done = order(world, { x_Work: {} });
  runToEnd(world, [done]);
  world.device.reboot();
  settle(world);
  const before = world.requests;
  world.platform.order({ kind: 'duplicatePush' });
  const other = order(world, { x_Work: {} });
  runToEnd(world, [other]);
  t.deepEqual(workshop.begun, [done.id, other.id]);
  t.deepEqual(updates(world, done.id, before), []);
});

testOnBoth('operations are carried out although flash refuses the journal', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  world.device.machine.flash.refusing = true;
  const all = [order(world, { x_Work: {} }), order(world, { x_Work: { ms: 50 } })];
  runToEnd(world, all);
  for (const each of all) t.is(each.status, 'SUCCESSFUL');
});

/** Checks that each operation has ended once, with the status that matches its work. */
function check(t: ExecutionContext, world: World, worker: Worker, all: readonly Operation[], when: string): void {
  world.start();
  world.runUntil(() => all.every(isEnded), 600_000);
  world.run(5000);
  for (const operation of all) {
    t.true(statuses(operation).length <= 3, `${when}: ${statuses(operation)}`);
    t.true(worker.begun.filter((id) => id === operation.id).length <= 1, `${when}: begun once`);
    // A power cut within the write after the work may lose its result; unfinished work never counts as finished.
    if (operation.status === 'SUCCESSFUL') t.true(worker.done.includes(operation.id), when);
  }
  t.notThrows(() => world.finish(), when);
}

function begin(seed: number) {
  const worker = new Worker(false);
  const world = new World({ app: worker.app, seed });
  world.start();
  settle(world);
  const all = [order(world, { x_Deed: {} }), order(world, { x_Deed: { fail: 'no' } }), order(world, { x_Deed: {} })];
  return { worker, world, all };
}

test('three operations with a power cut after any event: each is begun at most once and ends once', (t) => {
  const whole = begin(1);
  let events = 0;
  for (; !whole.all.every(isEnded); events++) whole.world.step();
  t.true(events > 20, `${events} events`);
  for (let cut = 0; cut <= events + 5; cut++) {
    const { worker, world, all } = begin(1);
    for (let i = 0; i < cut; i++) world.step();
    const done = [...worker.done];
    world.device.powerCut();
    check(t, world, worker, all, `cut after event ${cut}`);
    // An end that was written before the power cut is final.
    for (const id of done)
      t.is(all.find((each) => each.id === id)?.status, id === all[1]?.id ? 'FAILED' : 'SUCCESSFUL');
  }
});

for (const point of ['before', 'half', 'after'] as const) {
  test(`three operations with a power cut ${point} any write`, (t) => {
    let write = 1;
    for (; write < 30; write++) {
      const { worker, world, all } = begin(write);
      world.device.cutAtWrite(write, point);
      try {
        world.runUntil(() => !world.device.powered, 60_000);
      } catch {
        break;
      }
      check(t, world, worker, all, `cut ${point} write ${write}`);
    }
    t.true(write > 6, `${write} writes`);
  });
}

testOnBoth('a command is carried out once, unless it is declared repeatable', (t, config) => {
  for (const repeatable of [true, false]) {
    let runs = 0;
    const app: App = (board) =>
      board.command({ name: 'pay', help: 'pays', repeatable, run: () => `paid ${++runs} times` });
    const world = createSettled(t, { app, config });
    world.platform.order({
      kind: 'dropBefore',
      path: '/devicecontrol/operations/*',
      contains: 'SUCCESSFUL',
      times: 100,
    });
    const operation = order(world, { c8y_Command: { text: 'pay' } });
    world.runUntil(() => runs === 1, 20_000);
    world.device.powerCut();
    world.platform.cancel();
    world.device.start();
    runToEnd(world, [operation]);
    t.is(operation.status, 'SUCCESSFUL');
    t.is(runs, repeatable ? 2 : 1);
  }
});
