// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Agent } from '../../src/agent/agent.ts';
import { List } from '../../src/agent/operations/backlog-table.ts';
import { Decision } from '../../src/base/outcome.ts';
import type { App } from '../../src/index.ts';
import { alarmsOf } from '../../tools/platform/operator.ts';
import { isEnded, order } from './operations/operating.ts';
import { quiet } from './records/reporting.ts';
import { createSettled, createWorld, listening, logged, objectOf, settle } from './scene.ts';

const appThatThrows: App = (board) =>
  board.operation({
    name: 'x_Fuse',
    run(operation) {
      board.hal
        .createTimer(() => {
          throw new Error('blown');
        })
        .start(1000);
      operation.succeed();
    },
  });

test('a callback of an app that throws causes a restart with its error text, and the device recovers', (t) => {
  const world = createSettled(t, { app: appThatThrows, config: quiet });
  world.toleratesPanics = true;
  order(world, { x_Fuse: {} });
  world.run(3000);
  const { machine } = world.device;
  t.is(machine.panics.length, 1);
  t.is(machine.bootCount, 2);
  t.is(machine.hal?.board.resetCause, 'panic');
  t.true(logged(world, 'error: a callback has thrown: Error: blown'));
  settle(world);
  const next = order(world, { c8y_Command: { text: 'help' } });
  world.runUntil(() => isEnded(next), 60_000);
  t.is(next.status, 'SUCCESSFUL');
});

for (const service of ['get', 'set'] as const) {
  test(`flash that throws at ${service} within an event causes a restart, not a hang`, (t) => {
    const world = createSettled(t, { config: quiet });
    world.toleratesPanics = true;
    const store = world.device.machine.hal?.store;
    if (store === undefined) throw new Error('no hal');
    let calls = 0;
    store[service] = () => {
      calls++;
      throw new RangeError('no such thing');
    };
    // Outside a handler, because a fault inside one fails only its operation.
    order(world, { c8y_Restart: {} });
    world.run(5000);
    t.true(calls > 0);
    settle(world);
    t.true(listening(world));
    t.true(world.device.machine.bootCount >= 2);
  });
}

test('an exception of the agent itself within a handler causes a restart, too', (t) => {
  const world = createSettled(t, { config: quiet });
  world.toleratesPanics = true;
  const clock = world.device.machine.hal?.clock;
  if (clock === undefined) throw new Error('no hal');
  const now = clock.now.bind(clock);
  clock.now = () => {
    if (new Error('where').stack?.includes('onSuccess') === true) throw new RangeError('no such time');
    return now();
  };
  const operation = order(world, { c8y_MeasurementRequestOperation: {} });
  world.run(5000);
  settle(world);
  t.is(world.device.machine.panics.length, 1);
  world.runUntil(() => isEnded(operation), 60_000);
  t.true(listening(world));
});

test('an exception of the agent during its declarations causes a restart: no fragment is missing', (t) => {
  const world = createWorld(t, { config: quiet });
  world.toleratesPanics = true;
  world.start();
  const store = world.device.machine.hal?.store;
  if (store === undefined) throw new Error('no hal');
  const get = store.get.bind(store);
  let thrown = 0;
  store.get = (name) => {
    if (thrown === 0 && new Error('where').stack?.includes('shownRuntime') === true) {
      thrown++;
      throw new Error('the flash does not answer');
    }
    return get(name);
  };
  settle(world);
  t.is(thrown, 1);
  t.is(world.device.machine.panics.length, 1);
  t.regex(JSON.stringify(objectOf(world).fragments['c8y_Configuration']), /measurementInterval/);
});

test('a decision without a next state causes a restart, not a stopped machine', (t) => {
  const world = createSettled(t, { config: quiet });
  world.toleratesPanics = true;
  const { backlog } = world.device.agent as unknown as Agent;
  backlog.sorted = () => Decision.Other;
  backlog.refresh();
  world.run(1000);
  const { panics } = world.device.machine;
  t.deepEqual(
    panics.map((error) => (error as Error).message),
    [`state ${List.SortedPending}: the decision ${Decision.Other} leads nowhere`],
  );
  settle(world);
  const next = order(world, { c8y_Command: { text: 'help' } });
  world.runUntil(() => isEnded(next), 60_000);
  t.is(next.status, 'SUCCESSFUL');
});

test('an app that throws at each start, and later: safe mode, reported to the platform', (t) => {
  let starts = 0;
  const world = createWorld(t, {
    app: (board) => {
      starts++;
      if (starts > 1) throw new RangeError('declared wrongly');
      board.hal
        .createTimer(() => {
          throw new Error('later');
        })
        .start(10);
    },
    config: quiet,
  });
  world.toleratesPanics = true;
  world.start();
  settle(world);
  t.is(starts, 3);
  const types = alarmsOf(world.platform, objectOf(world).id).map(({ fragments }) => fragments['type']);
  t.deepEqual(types, ['fractus_SafeMode']);
});

test('a device that always crashes, even without the app, does so at most twice a minute', (t) => {
  const world = createSettled(t, { config: quiet });
  world.toleratesPanics = true;
  const { network } = world;
  network.decide = () => {
    // Imitates a bug of the agent that an answer of the platform triggers.
    world.time.schedule(0, () => world.device.machine.panic(new Error('for ever')));
    return 'hang';
  };
  world.device.reboot();
  world.run(600_000);
  t.true(world.device.machine.panics.length > 5);
  t.true(world.device.machine.panics.length <= 3 + 20, String(world.device.machine.panics.length));
});
