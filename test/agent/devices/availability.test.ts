// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { App, AppBoard } from '../../../src/index.ts';
import { measurement } from '../../../src/index.ts';
import { createOperation } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { calls, createSettled, createWorld, objectOf, settle } from '../scene.ts';

const objects = '/inventory/managedObjects';
const level = measurement({ type: 'level', fragments: { level: { L: { of: 'level' } } } });
const measuring: App = (board) => board.sensor({ reports: level, sensor: { sample: () => ({ level: 1 }) } });

function beats(world: World, since = 0) {
  return calls(world, 'PUT', `${objects}/*`, since).filter(({ body }) => body === '{}');
}

/** Whether the platform has ever raised its alarm that the device is unavailable. */
function missed(world: World): boolean {
  return [...world.platform.core.alarms.values()].some(
    ({ fragments }) => fragments['type'] === 'c8y_UnavailabilityAlarm',
  );
}

test('the required availability is declared at creation and left to people afterwards', (t) => {
  const world = createSettled(t, { config: { requiredAvailability: '25' } });
  t.deepEqual(objectOf(world).fragments['c8y_RequiredAvailability'], { responseInterval: 25 });
  world.device.config = { ...world.device.config, requiredAvailability: '35' };
  world.device.reboot();
  settle(world);
  t.deepEqual(objectOf(world).fragments['c8y_RequiredAvailability'], { responseInterval: 25 });
});

test('a device that reports needs no heartbeat', (t) => {
  const world = createSettled(t, { app: measuring });
  const { requests } = world;
  world.run(6 * 3_600_000);
  t.deepEqual(beats(world, requests), []);
  t.false(missed(world));
});

for (const minutes of [1, 2, 10, 60]) {
  test(`a silent device keeps itself available (every ${minutes} minutes)`, (t) => {
    const world = createSettled(t, { app: () => {}, config: { requiredAvailability: String(minutes) } });
    const { requests } = world;
    const hours = minutes < 10 ? 1 : 6;
    world.run(hours * 3_600_000);
    const due = (hours * 60) / (minutes / 2);
    const count = beats(world, requests).length;
    t.true(count >= due - 2 && count <= due + 2, `${count} of ${due} heartbeats`);
    t.false(missed(world));
  });
}

test('a device that reports seldom sends a heartbeat in between', (t) => {
  const config = { requiredAvailability: '10', measurementInterval: '600' };
  const world = createSettled(t, { app: measuring, config });
  const { requests } = world;
  world.run(3_600_000);
  const count = beats(world, requests).length;
  t.true(count >= 5 && count <= 7, `${count} heartbeats`);
  t.false(missed(world));
});

test('batches, events and alarms count as heartbeats, too', (t) => {
  let present: AppBoard | undefined;
  const world = createSettled(t, {
    app: (board) => {
      present = board;
    },
  });
  const { requests } = world;
  for (let i = 0; i < 20; i++) {
    if (i % 3 === 0) present?.event('tick', 'Tick');
    else if (i % 3 === 1) present?.alarm(`alarm${i}`, 'MINOR', 'An alarm');
    else present?.measure('tock', { tock: { T: { value: i } } });
    world.run(240_000);
  }
  t.deepEqual(beats(world, requests), []);
  t.false(missed(world));
});

test('requiredAvailability=0: none is declared and no heartbeat is sent', (t) => {
  const world = createSettled(t, { app: () => {}, config: { requiredAvailability: '0' } });
  t.is(objectOf(world).fragments['c8y_RequiredAvailability'], undefined);
  world.run(6 * 3_600_000);
  t.deepEqual(beats(world), []);
});

test('inventory updates do not count as heartbeats', (t) => {
  let present: AppBoard | undefined;
  const world = createSettled(t, {
    app: (board) => {
      present = board;
    },
  });
  for (let i = 0; i < 30; i++) {
    if (i % 2 === 0) present?.fragment('c8y_Notes', `note ${i}`);
    else createOperation(world.platform, objectOf(world).id, { c8y_SendConfiguration: {} });
    world.run(120_000);
  }
  t.false(missed(world));
});

test('restarts do not make a silent device unavailable', (t) => {
  const world = createSettled(t, { app: () => {}, config: { requiredAvailability: '2' } });
  for (let i = 1; i < 40; i++) {
    world.run(31_000 + (i % 7) * 4000);
    world.device.powerCut();
    world.run((i % 5) * 2000);
    world.device.start();
    settle(world);
  }
  t.false(missed(world));
});

test('after a long outage the device sends a heartbeat at once', (t) => {
  for (const app of [measuring, () => {}]) {
    const world = createSettled(t, { app });
    world.device.linkDown();
    world.run(3_600_000);
    t.true(world.platform.core.unavailable.has(objectOf(world).id));
    world.device.linkUp();
    world.run(20_000);
    t.false(world.platform.core.unavailable.has(objectOf(world).id));
  }
});

test('a heartbeat that the platform refuses is not repeated at once', (t) => {
  const world = createWorld(t, { app: () => {} });
  world.start();
  settle(world);
  const { requests } = world;
  world.platform.order({ kind: 'status', status: 403, method: 'PUT', path: `${objects}/*`, times: 1000 });
  world.run(3_600_000);
  t.true(calls(world, 'PUT', `${objects}/*`, requests).length <= 13);
});
