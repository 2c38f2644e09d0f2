// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { FIRST_SLOTS } from '../../../hal/common/slots.ts';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import { createAgent } from '../../../src/index.ts';
import type { Fault } from '../../../tools/platform/faults.ts';
import { createOperation } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { createWorld, listening, objectOf, settle } from '../scene.ts';

/** A board that starts with a new firmware. */
function createTrial(t: Parameters<typeof createWorld>[0]) {
  const world = createWorld(t, { machine: { firmwareBytes: 1000 } });
  const { machine } = world.device;
  machine.slots = { other: 'starts', onTrial: false, rolledBack: false };
  return { world, machine };
}

/** Runs until the firmware is kept. */
function runUntilKept(world: World): void {
  world.runUntil(() => world.device.machine.hal?.firmware?.onTrial === false, 60_000);
}

test('a new firmware is kept once its long poll was answered', (t) => {
  const { world, machine } = createTrial(t);
  world.start();
  t.true(machine.hal?.firmware?.onTrial);
  settle(world);
  t.true(machine.hal?.firmware?.onTrial, 'the platform holds the first poll');
  runUntilKept(world);
  world.run(60_000);
  t.is(world.device.lines.filter((line) => line.includes('the new firmware is kept')).length, 1);
  machine.reboot();
  t.false(machine.hal?.firmware?.rolledBack);
});

const FAULTS: Record<string, Fault> = {
  'no connect is answered': { kind: 'dropBefore', channel: '/meta/connect' },
  'each connect is answered with an error': { kind: 'status', status: 500, channel: '/meta/connect' },
  'each connect is refused': { kind: 'bayeuxError', channel: '/meta/connect' },
  'what is PENDING cannot be listed': { kind: 'status', status: 500, method: 'GET', contains: 'status=PENDING' },
};
for (const [what, fault] of Object.entries(FAULTS)) {
  test(`a new firmware that registers and subscribes is given up if ${what}`, (t) => {
    const { world, machine } = createTrial(t);
    world.platform.order({ ...fault, times: 1_000_000 });
    world.start();
    world.run(29 * 60_000);
    t.true(world.device.lines.some((line) => line.includes('listening for operations')));
    t.true(machine.hal?.firmware?.onTrial);
    world.run(2 * 60_000);
    t.true(machine.hal?.firmware?.rolledBack);
  });
}

test('a firmware whose confirmation the flash refuses is kept later', (t) => {
  const { world, machine } = createTrial(t);
  machine.firmware.onChange = () => 'refused';
  world.start();
  world.run(10 * 60_000);
  t.true(machine.hal?.firmware?.onTrial);
  machine.firmware.onChange = undefined;
  runUntilKept(world);
  t.deepEqual(machine.restarts, []);
});

test('a restart that is ordered while a firmware is on trial waits until it is kept', (t) => {
  const { world, machine } = createTrial(t);
  // The operation waits on the platform for the start of the new firmware.
  machine.slots = FIRST_SLOTS;
  world.start();
  settle(world);
  world.device.powerCut();
  machine.slots = { other: 'starts', onTrial: false, rolledBack: false };
  const operation = createOperation(world.platform, objectOf(world).id, { c8y_Restart: {} });
  world.device.start();
  world.runUntil(() => operation.status === 'SUCCESSFUL', 600_000);
  t.deepEqual(machine.restarts, [`operation ${operation.id}`]);
  t.like(machine.slots, { onTrial: false, rolledBack: false });
});

test('a new firmware that does not reach its platform is rolled back at the next restart', (t) => {
  const { world, machine } = createTrial(t);
  world.network.decide = () => 'hang';
  world.start();
  world.run(600_000);
  t.true(machine.hal?.firmware?.onTrial);
  machine.reboot();
  t.true(machine.hal?.firmware?.rolledBack);
  world.network.decide = () => 'accept';
  world.runUntil(() => listening(world), 600_000);
  t.true(machine.hal?.firmware?.rolledBack);
});

test('a new firmware that has a link but never listens is rolled back after a while', (t) => {
  const { world, machine } = createTrial(t);
  // It connects and is refused each time: nothing else would ever restart it.
  world.network.decide = () => 'refused';
  world.start();
  world.run(29 * 60_000);
  t.true(machine.hal?.firmware?.onTrial);
  world.run(2 * 60_000);
  t.true(machine.hal?.firmware?.rolledBack);
  t.deepEqual(machine.restarts, ['the new firmware does not listen in time: back to the former one']);
  world.run(120 * 60_000);
  t.is(machine.restarts.length, 1, 'the old one has all the time of the world');
  world.network.decide = () => 'accept';
  world.runUntil(() => listening(world), 600_000);
});

test('without a link the trial waits, because the firmware has had no chance', (t) => {
  const { world, machine } = createTrial(t);
  world.start();
  world.device.linkDown();
  world.run(10 * 3_600_000);
  t.true(machine.hal?.firmware?.onTrial);
  world.device.linkUp();
  runUntilKept(world);
  world.run(3_600_000);
  t.deepEqual(machine.restarts, []);
});

test('a firmware that crashes is rolled back by the bootloader at its first crash', (t) => {
  const { world, machine } = createTrial(t);
  world.start();
  world.run(500);
  machine.restart('crash', 'panic');
  world.run(500);
  t.true(machine.hal?.firmware?.rolledBack);
  settle(world);
  t.true(machine.hal?.firmware?.rolledBack);
});

test('safe mode confirms no firmware, because its app has not shown that it runs', (t) => {
  const { world, machine } = createTrial(t);
  world.start();
  settle(world);
  for (let i = 0; i < 2; i++) {
    machine.restart('crash', 'panic');
    world.run(5000);
  }
  // A board whose bootloader keeps it on trial after a crash.
  machine.slots = { other: 'starts', onTrial: false, rolledBack: false };
  machine.restart('crash', 'panic');
  world.run(500);
  t.true(machine.hal?.firmware?.onTrial);
  world.runUntil(() => listening(world), 600_000);
  world.run(10 * 60_000);
  t.true(machine.hal?.firmware?.onTrial);
});

test('only time with a link counts: a link that comes back late leaves the full time', (t) => {
  const { world, machine } = createTrial(t);
  world.network.decide = () => 'refused';
  world.start();
  world.device.linkDown();
  world.run(29 * 60_000);
  world.device.linkUp();
  world.run(29 * 60_000);
  t.true(machine.hal?.firmware?.onTrial);
  world.run(2 * 60_000);
  t.true(machine.hal?.firmware?.rolledBack);
});

test('a firmware that fails at the start, because of its configuration or its app, is rolled back at once', (t) => {
  const config = { url: 'http://platform.example', bootstrapPassword: 'secret' };
  for (const [what, broken] of [
    ['configuration', { config: {}, app: () => {} }],
    [
      'app',
      {
        config,
        app: () => {
          throw new Error('no such part');
        },
      },
    ],
  ] as const) {
    const machine = new FakeMachine({
      firmwareBytes: 1000,
      onBoot: (hal) => {
        if (hal.firmware?.onTrial === true) t.throws(() => createAgent({ hal, ...broken }));
      },
    });
    machine.slots = { other: 'starts', onTrial: false, rolledBack: false };
    machine.boot();
    machine.time.run(1000);
    t.true(machine.hal?.firmware?.rolledBack, what);
    t.is(machine.bootCount, 2);
    // A firmware that is not on trial does not restart for ever.
    t.throws(() => createAgent({ hal: machine.boot(), ...broken }));
    machine.time.run(1000);
    t.is(machine.bootCount, 3);
  }
});
