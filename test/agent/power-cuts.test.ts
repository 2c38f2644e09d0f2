// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { createRandom } from '../../hal/common/random.ts';
import type { App } from '../../src/index.ts';
import { findDevice } from '../../tools/platform/operator.ts';
import { World, type WorldOptions } from '../../tools/simulate/machine/world.ts';
import { objectOf, owned, settle } from './scene.ts';

/** A board with two children, one of them with a serial number of its own. */
const family: App = (board) => {
  board.child('meter', { type: 'meter' });
  board.child('valve', { hardware: { serialNumber: 'V-17' } });
};

function createFamily(options: WorldOptions = {}): World {
  return new World({ app: family, ...options });
}

/** Whether all three are registered. */
function complete(world: World): boolean {
  const { deviceId } = world.device;
  return ['', ':meter', ':valve'].every((suffix) => findDevice(world.platform, `${deviceId}${suffix}`) !== undefined);
}

/** Checks the final state: one object for each device, with its external id, in its place. */
function check(t: ExecutionContext, world: World, when: string): void {
  world.start();
  settle(world, 600_000);
  world.runUntil(() => complete(world), 120_000);
  world.run(5000);
  const { deviceId } = world.device;
  const children = ['meter', 'valve'].map((child) => findDevice(world.platform, `${deviceId}:${child}`)?.id ?? '');
  const device = objectOf(world);
  t.deepEqual(
    owned(world)
      .map(({ id }) => id)
      .sort(),
    [device.id, ...children].sort(),
    when,
  );
  t.deepEqual([...device.children.childDevices].sort(), children.sort(), when);
  t.is(world.platform.core.externalIds.size, 3, when);
  t.notThrows(() => world.finish(), when);
}

/** Events of an undisturbed cold start. */
function coldStartEvents(): number {
  const world = createFamily();
  world.start();
  let events = 0;
  while (!complete(world) || objectOf(world).children.childDevices.size < 2) {
    world.step();
    events += 1;
  }
  return events + 20;
}

test('a power cut after any event of a cold start', (t) => {
  const events = coldStartEvents();
  t.true(events > 50, `${events} events`);
  for (let cut = 0; cut <= events; cut++) {
    const world = createFamily();
    world.start();
    for (let i = 0; i < cut; i++) world.step();
    world.device.powerCut();
    check(t, world, `cut after event ${cut}`);
  }
});

for (const point of ['before', 'half', 'after'] as const) {
  test(`a power cut ${point === 'half' ? 'in the middle of' : point} any write of a cold start`, (t) => {
    let write = 1;
    for (; write < 100; write++) {
      const world = createFamily({ seed: write });
      world.device.cutAtWrite(write, point);
      world.start();
      try {
        world.runUntil(() => !world.device.powered, 60_000);
      } catch {
        break;
      }
      check(t, world, `cut ${point} write ${write}`);
    }
    t.true(write > 6, `${write} writes`);
  });
}

test('repeated power cuts', (t) => {
  const random = createRandom(4711);
  for (let seed = 1; seed <= 60; seed++) {
    const connections = seed % 2 === 0 ? '1' : '2';
    const world = createFamily({ seed, pieces: seed % 3 === 0 ? 'random' : 'whole', config: { connections } });
    world.start();
    const cuts = 2 + Math.floor(random() * 5);
    for (let cut = 0; cut < cuts; cut++) {
      const events = Math.floor(random() * 220);
      for (let i = 0; i < events; i++) world.step();
      if (random() < 0.3) world.device.cutAtWrite(1 + Math.floor(random() * 3), 'half');
      for (let i = 0; i < 60 && world.device.powered; i++) world.step();
      world.device.powerCut();
      world.run(Math.floor(random() * 20_000));
      world.start();
    }
    check(t, world, `seed ${seed}`);
  }
});

test('stored credentials are never requested again, whenever the power fails', (t) => {
  const events = coldStartEvents();
  for (let cut = 0; cut <= events; cut += 3) {
    const world = createFamily();
    world.start();
    for (let i = 0; i < cut; i++) world.step();
    world.device.powerCut();
    const stored = world.device.machine.flash.values.has('credentials');
    const before = world.requests;
    world.start();
    settle(world);
    const asked = world.exchanges.some(({ number, path }) => number > before && path.endsWith('/deviceCredentials'));
    t.is(asked, !stored, `cut after event ${cut}`);
  }
});

test('the link fails after any event of a cold start', (t) => {
  const events = coldStartEvents();
  for (let cut = 0; cut <= events; cut++) {
    const world = createFamily();
    world.start();
    for (let i = 0; i < cut; i++) world.step();
    world.device.linkDown();
    world.run(5000);
    world.device.linkUp();
    check(t, world, `link lost after event ${cut}`);
  }
});

for (const how of ['end', 'reset', 'vanish'] as const) {
  test(`all connections fail after any event of a cold start (${how})`, (t) => {
    const events = coldStartEvents();
    for (let cut = 0; cut <= events; cut += how === 'vanish' ? 2 : 1) {
      const world = createFamily({ seed: cut + 1 });
      world.start();
      for (let i = 0; i < cut; i++) world.step();
      world.cutConnections(how);
      check(t, world, `${how} after event ${cut}`);
    }
  });
}
