// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { alarmsOf, createOperation, measurementsOf } from '../../../tools/platform/operator.ts';
import { World, type WorldOptions } from '../../../tools/simulate/machine/world.ts';

/** Everything that can be seen from outside. */
function record(world: World): string {
  return JSON.stringify([world.device.machine.lines, world.exchanges, world.connections]);
}

function day(options: WorldOptions): World {
  const world = new World(options);
  world.start();
  world.run(600_000);
  world.cutConnections('reset');
  world.run(600_000);
  world.device.reboot();
  world.run(600_000);
  return world;
}

test('a device starts, registers, listens and reports', (t) => {
  const world = new World();
  world.start();
  world.runUntil(() => world.object !== undefined, 60_000);
  const id = world.object?.id ?? '';
  world.runUntil(() => measurementsOf(world.platform, id).length === 3, 180_000);
  t.is(world.connections, 2);
  const operation = createOperation(world.platform, id, { c8y_Command: { text: 'status' } });
  world.runUntil(() => operation.status === 'SUCCESSFUL', 5000);
  t.deepEqual(alarmsOf(world.platform, id), []);
  world.finish();
});

for (const pieces of ['whole', 'random', 'bytes'] as const) {
  test(`the same seed gives the same world, to the byte (pieces: ${pieces})`, (t) => {
    const once = day({ seed: 7, pieces });
    t.is(record(once), record(day({ seed: 7, pieces })));
    t.not(record(once), record(day({ seed: 8, pieces })));
    once.finish();
  });
}

test('several devices share a platform', (t) => {
  const world = new World({ config: { deviceId: 'one' } });
  world.add({ config: { deviceId: 'two' }, machine: { board: { serialNumber: 'fake-two', mac: '0200000000fb' } } });
  world.start();
  world.runUntil(() => world.platform.core.externalIds.size === 2, 60_000);
  t.deepEqual([...world.platform.core.externalIds.values()].map(({ externalId }) => externalId).sort(), ['one', 'two']);
  world.run(60_000);
  world.finish();
});

test('the end tells breaches, leaked secrets and what callbacks throw', (t) => {
  const breach = new World();
  breach.platform.malformed('a test');
  t.throws(() => breach.finish(), { message: /breach of header: a test/ });

  const leak = new World({
    app: (board) => board.hal.log('info', 'my password is the-bootstrap-password'),
  });
  leak.start();
  t.throws(() => leak.finish(), { message: /a secret in the log/ });

  const thrown = new World({ app: (board) => board.hal.createTimer(() => undefinedFunction()).start(10) });
  thrown.start();
  t.throws(() => thrown.run(100), { message: /world of seed 1 at 10 ms: .*no such function/s });
});

function undefinedFunction(): never {
  throw new TypeError('no such function');
}

test('an agent stops in order and is silent from then on', (t) => {
  const world = new World();
  world.start();
  world.run(119_000);
  t.true(world.stop() <= 2000);
  const { requests } = world;
  world.run(3_600_000);
  t.is(world.requests, requests);
  world.finish();
});
