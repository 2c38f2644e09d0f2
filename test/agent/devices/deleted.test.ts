// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { App, AppBoard, AppChild } from '../../../src/index.ts';
import { measurement } from '../../../src/index.ts';
import {
  alarmsOf,
  createOperation,
  deleteObject,
  eventsOf,
  findDevice,
  measurementsOf,
} from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { calls, createSettled, objectOf, owned, settle } from '../scene.ts';

const objects = '/inventory/managedObjects';
const level = measurement({ type: 'level', fragments: { level: { L: { of: 'level', decimals: 0 } } } });

/** Numbers its samples, so that lost ones show. */
function counting(): App {
  let count = 0;
  return (board) => {
    board.sensor({ reports: level, sensor: { sample: () => ({ level: ++count }) } });
  };
}

function levels(world: World, id: string): number[] {
  return measurementsOf(world.platform, id).map(
    ({ fragments }) => (fragments['level'] as { L: { value: number } }).L.value,
  );
}

function works(world: World): boolean {
  const operation = createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'help' } });
  world.run(20_000);
  return operation.status === 'SUCCESSFUL';
}

for (const connections of ['1', '2']) {
  test(`a device deleted on the platform registers again and continues (connections=${connections})`, (t) => {
    const world = createSettled(t, { app: counting(), config: { connections } });
    world.run(180_000);
    const old = objectOf(world).id;
    const before = levels(world, old);
    deleteObject(world.platform, old);
    const { requests } = world;
    world.run(600_000);
    const made = objectOf(world).id;
    t.not(made, old);
    t.deepEqual(owned(world), [objectOf(world)]);
    const after = levels(world, made);
    t.deepEqual(
      after,
      after.map((_, i) => before.length + 1 + i),
      'no sample is lost',
    );
    t.true(after.length >= 9);
    t.true(works(world));
    t.true(world.requests - requests < (connections === '1' ? 200 : 50), `${world.requests - requests} requests`);
    t.is(calls(world, 'POST', objects, requests).length, 1);
  });
}

test('a device without reports notices its deletion at the heartbeat', (t) => {
  const world = createSettled(t, { app: () => {} });
  const old = objectOf(world).id;
  deleteObject(world.platform, old);
  world.run(900_000);
  t.not(objectOf(world).id, old);
  t.true(works(world));
});

test('a device without heartbeat notices its deletion at the next subscription', (t) => {
  // Without heartbeat and reports there is no other way to notice it.
  const world = createSettled(t, { app: () => {}, config: { requiredAvailability: '0' } }, ['subscribe-denied']);
  const old = objectOf(world).id;
  deleteObject(world.platform, old);
  world.platform.expireSessions();
  world.run(900_000);
  t.not(world.object?.id, old);
  t.true(works(world));
});

test('a device notices its deletion at an event, an alarm or an inventory update', (t) => {
  const acts: ((board: AppBoard) => void)[] = [
    (board) => board.event('door', 'Door open'),
    (board) => board.alarm('smoke', 'CRITICAL', 'Smoke'),
    (board) => board.fragment('c8y_Notes', 'moved'),
  ];
  for (const [i, act] of acts.entries()) {
    let present: AppBoard | undefined;
    const world = createSettled(t, {
      config: { requiredAvailability: '0' },
      app: (board) => {
        present = board;
      },
    });
    const old = objectOf(world).id;
    deleteObject(world.platform, old);
    if (present !== undefined) act(present);
    world.run(300_000);
    const made = world.object?.id ?? 'none';
    t.not(made, old, `act ${i}`);
    t.not(made, 'none', `act ${i}`);
    if (i === 0) t.is(eventsOf(world.platform, made).length, 1);
    if (i === 1) t.is(alarmsOf(world.platform, made).length, 1);
    if (i === 2) t.is(objectOf(world).fragments['c8y_Notes'], 'moved');
  }
});

test('children are put under the new object', (t) => {
  const world = createSettled(t, {
    app: (board) => {
      counting()(board);
      board.child('a', {});
      board.child('b', {}).sensor({ reports: level, sensor: { sample: () => ({ level: 1 }) } });
    },
  });
  const { deviceId } = world.device;
  deleteObject(world.platform, objectOf(world).id);
  world.run(600_000);
  const ids = ['a', 'b'].map((child) => findDevice(world.platform, `${deviceId}:${child}`)?.id ?? 'none');
  t.deepEqual([...objectOf(world).children.childDevices].sort(), ids.sort());
  t.is(owned(world).length, 3);
});

test('everything deleted at once is created again', (t) => {
  const world = createSettled(t, {
    app: (board) => {
      counting()(board);
      board.child('a', {}).sensor({ reports: level, sensor: { sample: () => ({ level: 1 }) } });
    },
  });
  for (const { id } of owned(world)) deleteObject(world.platform, id);
  world.run(600_000);
  t.is(owned(world).length, 2);
  t.is(objectOf(world).children.childDevices.size, 1);
  t.true(works(world));
});

test('measurements taken while a deleted child is created again arrive, and no empty one is sent', (t) => {
  for (let offsetMs = 0; offsetMs < 400; offsetMs += 10) {
    let child: AppChild | undefined;
    const world = createSettled(t, {
      app: (board) => {
        child = board.child('a', {});
      },
      platform: { settings: { deletionDelayMs: 0 } },
    });
    for (const { id } of owned(world)) deleteObject(world.platform, id);
    child?.event('x_Seen', 'somebody was here');
    world.run(offsetMs);
    for (let n = 0; n < 3; n++) {
      child?.measure('x_Level', { x_Level: { L: { value: n } } });
      world.run(40);
    }
    world.run(600_000);
    const made = findDevice(world.platform, `${world.device.deviceId}:a`);
    const values = measurementsOf(world.platform, made?.id ?? '').map(
      ({ fragments }) => (fragments['x_Level'] as { L: { value: number } }).L.value,
    );
    t.deepEqual(values, [0, 1, 2], `${offsetMs} ms`);
  }
});

test('an alarm that still holds is raised for the new object', (t) => {
  const world = createSettled(t, {
    app: (board) => {
      counting()(board);
      board.alarm('smoke', 'CRITICAL', 'Smoke');
    },
  });
  const old = objectOf(world).id;
  t.is(alarmsOf(world.platform, old).length, 1);
  deleteObject(world.platform, old);
  world.run(600_000);
  t.deepEqual(
    alarmsOf(world.platform, objectOf(world).id).map(({ fragments }) => fragments['type']),
    ['smoke'],
  );
});

test('an external id that still answers after the deletion makes the device wait, not repeat quickly', (t) => {
  const world = createSettled(t, { app: counting(), platform: { settings: { deletionDelayMs: 120_000 } } });
  const old = objectOf(world).id;
  deleteObject(world.platform, old);
  const { requests } = world;
  world.run(900_000);
  t.not(objectOf(world).id, old);
  t.deepEqual(owned(world), [objectOf(world)]);
  t.true(world.requests - requests < 120, `${world.requests - requests} requests`);
});

test('a device deleted while it was off is created again at the next start', (t) => {
  const world = createSettled(t);
  world.device.powerCut();
  const old = objectOf(world).id;
  deleteObject(world.platform, old);
  world.run(60_000);
  world.device.start();
  settle(world);
  t.not(objectOf(world).id, old);
});

test('a device deleted together with its user does not flood the platform', (t) => {
  const world = createSettled(t);
  const user = world.platform.core.findUser('t1000', world.device.user);
  deleteObject(world.platform, objectOf(world).id);
  if (user !== undefined) user.enabled = false;
  const { requests } = world;
  world.run(3_600_000);
  t.true(world.requests - requests < 300, `${world.requests - requests} requests in an hour`);
});
