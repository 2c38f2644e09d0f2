// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { AppBoard } from '../../src/index.ts';
import { measurement } from '../../src/index.ts';
import { eventsOf, measurementsOf } from '../../tools/platform/operator.ts';
import { World, type WorldOptions } from '../../tools/simulate/machine/world.ts';
import { order, runToEnd } from './operations/operating.ts';
import { calls, createSettled, createWorld, logged, objectOf, settle } from './scene.ts';

const startMs = new World().time.epochMs;
/** Tolerance: whole seconds of the Date header, and the travel time of the answer. */
const toleranceMs = 1100;

const stamp = measurement({ type: 'stamp', fragments: { stamp: { S: { of: 'seconds', decimals: 3 } } } });

/** Every measurement carries its own time as a value. */
function stamped(options: WorldOptions = {}): WorldOptions & { attach(world: World): void } {
  let world: World | undefined;
  return {
    ...options,
    attach: (made) => {
      world = made;
    },
    app: (board) => {
      board.sensor({ reports: stamp, sensor: { sample: () => ({ seconds: (world?.time.nowMs ?? 0) / 1000 }) } });
    },
  };
}

/** Time on the platform minus true time of every measurement, in ms. */
function errors(world: World): number[] {
  return measurementsOf(world.platform, objectOf(world).id).map(
    ({ timeMs, fragments }) => timeMs - startMs - (fragments['stamp'] as { S: { value: number } }).S.value * 1000,
  );
}

function clock(world: World): number | undefined {
  return world.device.machine.hal?.clock.now();
}

function offMs(world: World): number {
  return (clock(world) ?? 0) - world.time.epochMs;
}

test('samples from before the time is known get their true time', (t) => {
  const options = stamped({ config: { measurementInterval: '10' } });
  const world = createWorld(t, options);
  options.attach(world);
  world.device.machine.linkUp = false;
  world.start();
  world.run(600_000);
  t.is(clock(world), undefined);
  world.device.linkUp();
  settle(world);
  world.run(60_000);
  const off = errors(world);
  t.true(off.length >= 66, `${off.length} samples`);
  t.true(Math.max(...off.map(Math.abs)) <= toleranceMs, `${Math.max(...off.map(Math.abs))} ms`);
});

test('an event and an alarm from before the time is known get their true time', (t) => {
  const world = createWorld(t, {
    app: (board) => {
      board.event('start', 'Started');
      board.alarm('cold', 'MINOR', 'Cold');
    },
  });
  world.device.machine.linkUp = false;
  world.start();
  world.run(3_600_000);
  world.device.linkUp();
  settle(world);
  const { id } = objectOf(world);
  const [event] = eventsOf(world.platform, id);
  const [alarm] = [...world.platform.core.alarms.values()].filter(({ fragments }) => fragments['type'] === 'cold');
  t.true(Math.abs((event?.timeMs ?? 0) - startMs) <= toleranceMs);
  t.true(Math.abs((alarm?.timeMs ?? 0) - startMs) <= toleranceMs);
});

test('the time of samples survives a correction of the clock', (t) => {
  const options = stamped({ config: { measurementInterval: '10' } });
  const world = createWorld(t, options);
  options.attach(world);
  world.start();
  settle(world);
  world.platform.settings.dateSkewMs = 20_000;
  world.run(30_000);
  world.platform.settings.dateSkewMs = 0;
  world.run(60_000);
  const off = errors(world).slice(-4);
  t.true(Math.max(...off.map(Math.abs)) <= toleranceMs);
});

for (const status of [404, 401, 403, 500, 503]) {
  test(`the Date of an answer ${status} is not believed`, (t) => {
    const world = createWorld(t);
    world.platform.order({ kind: 'status', status, path: '/devicecontrol/deviceCredentials', times: 3 });
    world.start();
    world.runUntil(() => calls(world, 'POST', '/devicecontrol/deviceCredentials').length === 2, 300_000);
    t.is(clock(world), undefined);
    settle(world, 600_000);
    t.true(Math.abs(offMs(world)) <= toleranceMs);
  });
}

test('the first 2xx sets the clock', (t) => {
  const world = createWorld(t);
  world.start();
  world.runUntil(() => clock(world) !== undefined, 60_000);
  t.is(world.exchanges.at(-1)?.status, 200);
  t.is(world.exchanges.filter(({ status }) => status === 200).length, 1);
  t.true(Math.abs(offMs(world)) <= toleranceMs);
});

test('no time before the build is believed; samples wait meanwhile', (t) => {
  const options = stamped({ platform: { settings: { dateSkewMs: -30 * 86_400_000 } } });
  const world = createWorld(t, options);
  options.attach(world);
  world.start();
  world.run(600_000);
  t.is(clock(world), undefined);
  t.deepEqual(errors(world), []);
  world.platform.settings.dateSkewMs = 0;
  world.run(900_000);
  const off = errors(world);
  t.true(off.length >= 20);
  t.true(Math.max(...off.map(Math.abs)) <= toleranceMs);
});

for (const [what, skews, stepped] of [
  ['one answer that lies', [3_600_000], false],
  ['two that agree', [3_600_000, 3_600_000], true],
  ['two that disagree', [3_600_000, 7_200_000], false],
  ['a lie, the truth and the lie again', [3_600_000, 0, 3_600_000], false],
  ['two that agree on an earlier time', [-3_600_000, -3_600_000], true],
  ['two that agree on a time before the build', [-90 * 86_400_000, -90 * 86_400_000], false],
  ['three lies of which two in a row agree', [3_600_000, -3_600_000, -3_600_000], true],
  ['a lie of less than a minute', [50_000], true],
  ['a lie of a second', [1000], false],
] as const) {
  test(`a running clock and ${what}: it ${stepped ? 'is set' : 'stays'}`, (t) => {
    const world = createSettled(t);
    // One answer a minute outside the poll; the long poll hangs for five.
    world.runUntil(() => world.exchanges.at(-1)?.body.includes('/meta/connect') === true, 400_000);
    world.run(1000);
    t.true(Math.abs(offMs(world)) <= toleranceMs);
    for (const skewMs of skews) {
      world.platform.order({ kind: 'date', skewMs, path: '/measurement/measurements' });
      world.run(60_000);
    }
    const last = skews[skews.length - 1] ?? 0;
    if (stepped) t.true(Math.abs(offMs(world) - last) <= toleranceMs, `${offMs(world)} ms off`);
    else t.true(Math.abs(offMs(world)) <= toleranceMs, `${offMs(world)} ms off`);
    t.is(logged(world, /the clock was .* off/), stepped);
    world.run(600_000);
    t.true(Math.abs(offMs(world)) <= toleranceMs, 'the truth wins in the end');
  });
}

for (const connections of ['1', '2']) {
  test(`connections=${connections}: the Date of a poll is that of its begin and sets no clock`, (t) => {
    const world = createSettled(t, { config: { connections, pollTimeout: '60' } });
    world.platform.order({ kind: 'date', skewMs: -55_000, path: '/notification/operations', times: 1000 });
    for (let minute = 0; minute < 10; minute++) {
      world.run(60_000);
      t.true(Math.abs(offMs(world)) <= toleranceMs, `${offMs(world)} ms off`);
    }
    t.false(logged(world, /the clock was/));
  });
}

test('the status says so while the time is unknown', (t) => {
  const world = createWorld(t, { platform: { settings: { dateSkewMs: -30 * 86_400_000 } } });
  world.start();
  settle(world);
  const status = () => {
    const operation = order(world, { c8y_Command: { text: 'status' } });
    runToEnd(world, [operation]);
    return (operation.fragments['c8y_Command'] as { result: string }).result;
  };
  t.regex(status(), /^clock: not known, measurements wait for it$/m);
  t.true(logged(world, /the platform sends no usable time/));
  world.platform.settings.dateSkewMs = 0;
  world.run(120_000);
  t.notRegex(status(), /clock/);
});

test('a board with its own time keeps it', (t) => {
  let present: AppBoard | undefined;
  const world = createWorld(t, {
    app: (board) => {
      present = board;
      board.hal.clock.set(startMs + 1200);
    },
  });
  world.start();
  settle(world);
  world.run(3_600_000);
  t.is(offMs(world), 1200);
  t.false(logged(world, /the clock was/));
  t.truthy(present);
});
