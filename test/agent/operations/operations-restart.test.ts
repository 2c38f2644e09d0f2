// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import type { Operation } from '../../../tools/platform/model.ts';
import { World } from '../../../tools/simulate/machine/world.ts';
import { calls, createSettled, logged, settle } from '../scene.ts';
import { isEnded, order, runToEnd, statuses, testOnBoth, updates, Workshop } from './operating.ts';

const ordered = /^operation [0-9]+$/;

testOnBoth('c8y_Restart: EXECUTING, the restart, and SUCCESSFUL from the next start', (t, config) => {
  const world = createSettled(t, { config });
  const operation = order(world, { c8y_Restart: {} });
  world.runUntil(() => operation.status === 'EXECUTING', 10_000);
  t.deepEqual(world.device.machine.restarts, []);
  runToEnd(world, [operation]);
  t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
  t.is(world.device.machine.restarts.length, 1);
  t.regex(world.device.machine.restarts[0] ?? '', ordered);
  t.true(logged(world, 'start 2 (software)'));
  world.run(600_000);
  t.is(world.device.machine.restarts.length, 1, 'once');
});

testOnBoth('two restarts are carried out separately, and the operations between them wait their turn', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  const all = [{ c8y_Restart: {} }, { x_Work: {} }, { c8y_Restart: {} }, { x_Work: {} }].map((each) =>
    order(world, each),
  );
  runToEnd(world, all);
  for (const operation of all) t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
  t.is(world.device.machine.restarts.length, 2);
  t.deepEqual(workshop.begun, [all[1]?.id, all[3]?.id]);
});

testOnBoth('operations of children that the restart interrupts get their true end', (t, config) => {
  const workshop = new Workshop('one');
  const world = createSettled(t, { app: workshop.app, config });
  const child = [...world.platform.core.objects.values()].find(({ fragments }) => fragments['name'] === 'one');
  const interrupted = order(world, { x_Work: { ms: 60_000 } }, child?.id);
  world.runUntil(() => workshop.begun.length === 1, 20_000);
  const restart = order(world, { c8y_Restart: {} });
  runToEnd(world, [restart, interrupted]);
  t.is(restart.status, 'SUCCESSFUL');
  t.is(interrupted.failureReason, 'the device restarted before the operation was finished');
});

testOnBoth('no restart happens if flash refuses its note', (t, config) => {
  const world = createSettled(t, { config });
  world.device.machine.flash.refusing = true;
  const operation = order(world, { c8y_Restart: {} });
  runToEnd(world, [operation]);
  t.is(operation.status, 'FAILED');
  t.regex(operation.failureReason ?? '', /flash refused/);
  t.deepEqual(world.device.machine.restarts, []);
});

testOnBoth('a restart that this board was never ordered is not reported as done', (t, config) => {
  const world = createSettled(t, { config });
  const done = order(world, { c8y_Restart: {} });
  runToEnd(world, [done]);
  world.device.powerCut();
  const operation = order(world, { c8y_Restart: {} });
  Object.assign(operation, { status: 'EXECUTING' });
  world.device.start();
  runToEnd(world, [operation]);
  t.is(operation.status, 'FAILED');
  t.regex(operation.failureReason ?? '', /before it could restart/);
});

/** Holds after every power cut: the operation has ended, with its true result. */
function check(t: ExecutionContext, world: World, operation: Operation, when: string): void {
  world.start();
  world.runUntil(() => isEnded(operation), 600_000);
  settle(world);
  world.run(5000);
  const seen = statuses(operation);
  t.true(seen.length <= 3, `${when}: ${seen}`);
  const asked = world.device.machine.restarts.some((reason) => ordered.test(reason));
  if (operation.status === 'SUCCESSFUL') t.true(world.device.machine.flash.values.has('restart') || asked, when);
  if (asked) t.is(operation.status, 'SUCCESSFUL', `${when}: it did restart as asked: ${operation.failureReason}`);
  t.true(world.device.machine.restarts.length <= 1, `${when}: one restart for one operation`);
  t.notThrows(() => world.finish(), when);
}

function begin(connections: string, seed = 1): { world: World; operation: Operation } {
  const world = new World({ config: { connections }, app: new Workshop().app, seed });
  world.start();
  settle(world);
  return { world, operation: order(world, { c8y_Restart: {} }) };
}

for (const connections of ['1', '2']) {
  test(`c8y_Restart: a power cut after any event (connections=${connections})`, (t) => {
    const whole = begin(connections);
    let events = 0;
    for (; !isEnded(whole.operation); events++) whole.world.step();
    t.true(events > 20);
    for (let cut = 0; cut <= events + 5; cut++) {
      const { world, operation } = begin(connections);
      for (let i = 0; i < cut; i++) world.step();
      world.device.powerCut();
      check(t, world, operation, `cut after event ${cut}`);
    }
  });

  for (const point of ['before', 'half', 'after'] as const) {
    test(`c8y_Restart: a power cut at any write (${point}, connections=${connections})`, (t) => {
      let write = 1;
      for (; write < 20; write++) {
        const { world, operation } = begin(connections, write);
        world.device.cutAtWrite(write, point);
        world.runUntil(() => isEnded(operation) || !world.device.powered, 60_000);
        // The restart itself turns the device off for a moment, too.
        if (isEnded(operation)) break;
        world.run(1000);
        if (world.device.powered) world.runUntil(() => isEnded(operation) || !world.device.powered, 60_000);
        check(t, world, operation, `cut ${point} write ${write}`);
      }
      t.true(write > 1, `${write} writes`);
    });
  }

  test(`c8y_Restart: a power cut at each exchange, before and after it (connections=${connections})`, (t) => {
    for (const applied of [false, true]) {
      let exchange = 1;
      for (; exchange < 20; exchange++) {
        const { world, operation } = begin(connections);
        const nth = world.requests + exchange;
        world.onRequest = (_request, number) => {
          if (number === nth && !applied) world.device.powerCut();
          return number !== nth || applied;
        };
        world.onApplied = (number) => {
          if (number === nth && applied) world.device.powerCut();
        };
        if (!world.time.runUntil(() => world.requests >= nth, 60_000)) break;
        world.run(1000);
        check(t, world, operation, `cut ${applied ? 'after' : 'before'} exchange ${exchange}`);
      }
      t.true(exchange > 8, `${exchange} exchanges`);
    }
  });
}

testOnBoth('c8y_Restart: lost answers at each step', (t, config) => {
  const path = '/devicecontrol/operations/*';
  for (const kind of ['dropBefore', 'dropAfter'] as const) {
    for (const contains of ['EXECUTING', 'SUCCESSFUL']) {
      const world = createSettled(t, { config });
      world.platform.order({ kind, method: 'PUT', path, contains, times: 2 });
      const operation = order(world, { c8y_Restart: {} });
      runToEnd(world, [operation]);
      t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
      t.is(world.device.machine.restarts.length, 1);
    }
  }
});

testOnBoth('a device that stops while a handler runs leaves the operation to the next start', (t, config) => {
  const workshop = new Workshop();
  const world = createSettled(t, { app: workshop.app, config });
  const operation = order(world, { x_Work: { ms: 30_000 } });
  world.runUntil(() => workshop.begun.length === 1, 10_000);
  world.stop();
  const before = world.requests;
  world.run(60_000);
  t.is(updates(world, operation.id, before).length, 0);
  world.device.reboot();
  runToEnd(world, [operation]);
  t.is(operation.status, 'FAILED');
  t.is(calls(world, 'GET', '/devicecontrol/operations', before).length > 0, true);
});
