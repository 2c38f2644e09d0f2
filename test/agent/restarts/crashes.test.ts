// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import type { App } from '../../../src/index.ts';
import { alarmsOf } from '../../../tools/platform/operator.ts';
import { World } from '../../../tools/simulate/machine/world.ts';
import { order, runToEnd } from '../operations/operating.ts';
import { Author, counted, queue, quiet, range } from '../records/reporting.ts';
import { createSettled, logged, objectOf, settle } from '../scene.ts';

const minuteMs = 60_000;

/** An app with a counter of its starts. */
function createPatient(t: ExecutionContext) {
  const author = new Author();
  const starts = { count: 0 };
  const app: App = (board) => {
    starts.count++;
    author.app(board);
    board.operation({ name: 'x_Own', run: (operation) => operation.succeed() });
    board.child('pump', {});
  };
  const world = createSettled(t, { app, config: quiet, machine: { nor: {} } });
  return { author, starts, world };
}

function crash(world: World, cause: 'panic' | 'watchdog' = 'panic'): void {
  world.device.machine.restart('crash', cause);
  world.run(5000);
}

function safeAlarms(world: World): unknown[] {
  return alarmsOf(world.platform, objectOf(world).id)
    .filter(({ fragments }) => fragments['type'] === 'fractus_SafeMode')
    .map(({ fragments }) => fragments['status']);
}

function counter(world: World): boolean {
  return world.device.machine.flash.values.has('crashes');
}

test('three crashes in a row: without the app, but connected, reporting and executing operations', (t) => {
  const { author, starts, world } = createPatient(t);
  runToEnd(world, [order(world, { c8y_Configuration: { config: 'measurementInterval=1' } })]);
  world.device.linkDown();
  author.count(1, 3);
  crash(world);
  crash(world, 'watchdog');
  t.is(starts.count, 3);
  crash(world);
  t.is(starts.count, 3, 'not a fourth time');
  world.device.linkUp();
  settle(world);
  world.run(15 * minuteMs);
  t.deepEqual(safeAlarms(world), ['ACTIVE']);
  t.is(queue(world).lost, 0, 'what the app has left is kept for it');
  const [status, own] = [order(world, { c8y_Command: { text: 'status' } }), order(world, { x_Own: {} })];
  runToEnd(world, [status]);
  t.is(status.status, 'SUCCESSFUL');
  t.is(own.status, 'PENDING', 'for the app, which may run again');
  t.true(logged(world, 'x_Own: waits for the app'));
  t.is(objectOf(world).children.childDevices.size, 1, 'nobody was removed');
  // The app is tried again an hour later.
  world.run(60 * minuteMs);
  t.is(starts.count, 4);
  runToEnd(world, [own]);
  t.is(own.status, 'SUCCESSFUL');
  world.run(11 * minuteMs);
  t.deepEqual(safeAlarms(world), ['CLEARED']);
  t.false(counter(world));
  t.deepEqual(counted(world), range(1, 3));
});

test('one crash of the retried app is enough; a restart by an operator retries it, too', (t) => {
  const { starts, world } = createPatient(t);
  for (let i = 0; i < 3; i++) crash(world);
  t.is(starts.count, 3);
  settle(world);
  world.run(61 * minuteMs);
  t.is(starts.count, 4);
  crash(world);
  t.is(starts.count, 4);
  settle(world);
  runToEnd(world, [order(world, { c8y_Restart: {} })]);
  t.is(starts.count, 5);
});

test('crashes far apart, and power cuts, do not add up', (t) => {
  const { starts, world } = createPatient(t);
  for (let i = 0; i < 5; i++) {
    crash(world);
    t.true(counter(world));
    world.run(11 * minuteMs);
    t.false(counter(world));
  }
  for (let i = 0; i < 5; i++) {
    world.device.reboot();
    world.run(1000);
  }
  t.is(starts.count, 11);
  t.deepEqual(safeAlarms(world), []);
});

test('a start without a crash writes nothing', (t) => {
  const { world } = createPatient(t);
  const { flash } = world.device.machine;
  const { writes } = flash;
  world.device.reboot();
  settle(world);
  world.run(20 * minuteMs);
  t.is(flash.writes, writes);
});

test('an app that crashes at each start does not keep the device from the platform', (t) => {
  let starts = 0;
  const world = new World({
    app: (board) => {
      starts++;
      board.hal.createTimer(() => world.device.machine.restart('crash', 'panic')).start(500);
    },
    config: quiet,
  });
  world.start();
  settle(world);
  world.run(2 * minuteMs);
  t.is(starts, 3);
  t.deepEqual(safeAlarms(world), ['ACTIVE']);
  t.notThrows(() => world.finish());
});

test('in safe mode an interrupted operation of the app waits for the app, which knows that it was begun', (t) => {
  const begun: string[] = [];
  let burns = true;
  const world = createSettled(t, {
    config: quiet,
    app: (board) => {
      if (board.hal.board.resetCause === 'panic' && burns) {
        board.hal.createTimer(() => world.device.machine.restart('crash', 'panic')).start(20);
      }
      board.operation({
        name: 'x_Own',
        run: (operation) => {
          begun.push(operation.id);
          if (burns) board.hal.createTimer(() => world.device.machine.restart('crash', 'panic')).start(10);
        },
      });
    },
  });
  const own = order(world, { x_Own: {} });
  world.run(5 * minuteMs);
  t.is(own.status, 'EXECUTING');
  t.true(logged(world, 'the last starts have crashed'));
  burns = false;
  world.run(65 * minuteMs);
  runToEnd(world, [own]);
  t.is(own.status, 'FAILED');
  t.regex(own.failureReason ?? '', /restarted before the operation was finished/);
  t.deepEqual(begun, [own.id]);
});

/** A board that has left the crash loop: the app runs, and in ten minutes the crashes are forgotten. */
function createMended(t: ExecutionContext): World {
  const { world } = createPatient(t);
  for (let i = 0; i < 3; i++) crash(world);
  settle(world);
  world.run(minuteMs);
  t.deepEqual(safeAlarms(world), ['ACTIVE']);
  world.run(60 * minuteMs);
  settle(world);
  return world;
}

test('the alarm of a mended crash loop ends after an outage, too, whenever the power is cut', (t) => {
  const world = createMended(t);
  world.device.linkDown();
  while (counter(world)) world.step();
  world.device.reboot();
  world.device.linkUp();
  settle(world);
  world.run(15 * minuteMs);
  t.deepEqual(safeAlarms(world), ['CLEARED']);
  world.finish();
});

test('the alarm of a mended crash loop ends, whichever write of its end the power cuts', (t) => {
  for (const write of [1, 2, 3]) {
    for (const point of ['before', 'after'] as const) {
      const world = createMended(t);
      world.run(5 * minuteMs);
      world.device.cutAtWrite(write, point);
      world.run(20 * minuteMs);
      world.device.reboot();
      settle(world);
      world.run(15 * minuteMs);
      t.deepEqual(safeAlarms(world), ['CLEARED'], `${point} write ${write}`);
      t.false(counter(world));
    }
  }
});
