// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { createRandom } from '../../hal/common/random.ts';
import type { App } from '../../src/index.ts';
import { measurement } from '../../src/index.ts';
import type { Fault, Misbehaviour } from '../../tools/platform/faults.ts';
import { createOperation, findDevice, measurementsOf } from '../../tools/platform/operator.ts';
import { World } from '../../tools/simulate/machine/world.ts';
import { objectOf, owned } from './scene.ts';

const level = measurement({ type: 'level', fragments: { level: { L: { of: 'level', decimals: 0 } } } });

/** Numbers its samples over all starts, so that lost and repeated ones show. */
function counting(): App {
  let count = 0;
  return (board) => {
    board.sensor({ reports: level, sensor: { sample: () => ({ level: ++count }) } });
    board.child('meter', {});
    board.child('valve', { hardware: { serialNumber: 'V-17' } });
  };
}

function levels(world: World): number[] {
  return measurementsOf(world.platform, objectOf(world).id).map(
    ({ fragments }) => (fragments['level'] as { L: { value: number } }).L.value,
  );
}

/** Faults of networks, load balancers and overload; none claims anything false about the tenant. */
const misbehaviours: readonly Misbehaviour[] = [
  { kind: 'dropBefore' },
  { kind: 'dropAfter' },
  { kind: 'cut', ms: 700 },
  { kind: 'delay', ms: 8000 },
  { kind: 'delay', ms: 45_000, after: true },
  { kind: 'status', status: 500, applied: true },
  { kind: 'status', status: 502, html: true },
  { kind: 'status', status: 503, retryAfterSeconds: 20 },
  { kind: 'status', status: 504, html: true, applied: true },
  { kind: 'status', status: 429 },
  { kind: 'status', status: 401 },
  { kind: 'status', status: 404, html: true },
  { kind: 'status', status: 200, html: true },
  { kind: 'truncate', bytes: 17 },
  { kind: 'trickle', ms: 30 },
  { kind: 'bayeuxError' },
  { kind: 'advice', advice: { reconnect: 'handshake' } },
  { kind: 'advice', advice: { reconnect: 'none' } },
  { kind: 'advice', advice: { interval: 3000 } },
  { kind: 'duplicatePush' },
  { kind: 'connectFirst' },
];

/** One random disturbance. */
function strike(world: World, random: () => number): void {
  const dice = random();
  if (dice < 0.12) {
    world.device.powerCut();
    world.run(Math.floor(random() * 30_000));
    world.device.start();
  } else if (dice < 0.2) world.device.cutAtWrite(1 + Math.floor(random() * 3), 'half');
  else if (dice < 0.3) {
    world.device.linkDown();
    world.run(Math.floor(random() * 120_000));
    world.device.linkUp();
  } else if (dice < 0.4) world.cutConnections(random() < 0.5 ? 'reset' : random() < 0.5 ? 'end' : 'vanish');
  else {
    const what = misbehaviours[Math.floor(random() * misbehaviours.length)] as Fault;
    world.platform.order({ ...what, times: 1 + Math.floor(random() * 4), skip: Math.floor(random() * 5) });
  }
}

/** An hour of disturbances, then quiet: in the end the state must be as without them. */
function live(t: ExecutionContext, seed: number, connections: string): void {
  const random = createRandom(seed * 7919);
  const world = new World({
    seed,
    app: counting(),
    config: { connections },
    pieces: seed % 2 > 0 ? 'random' : 'whole',
  });
  const when = `seed ${seed}, connections=${connections}`;
  world.start();
  for (let i = 0; i < 40; i++) {
    world.run(Math.floor(random() ** 3 * 180_000));
    if (!world.device.powered) world.start();
    strike(world, random);
    if (random() < 0.3 && world.object !== undefined) {
      createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'help' } });
    }
  }
  world.platform.cancel();
  world.start();
  world.run(900_000);
  if (!world.device.powered) world.start();
  world.run(600_000);

  const { deviceId } = world.device;
  const ids = ['', ':meter', ':valve'].map(
    (suffix) => findDevice(world.platform, `${deviceId}${suffix}`)?.id ?? 'none',
  );
  t.deepEqual(
    owned(world)
      .map(({ id }) => id)
      .sort(),
    [...ids].sort(),
    `one object each: ${when}`,
  );
  t.deepEqual([...objectOf(world).children.childDevices].sort(), ids.slice(1).sort(), `links: ${when}`);
  const last = createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'help' } });
  world.run(30_000);
  t.is(last.status, 'SUCCESSFUL', `it listens: ${when}`);
  const statuses = [...world.platform.core.operations.values()].map(({ status }) => status);
  t.true(
    statuses.every((status) => status === 'SUCCESSFUL' || status === 'FAILED'),
    `operations: ${when}`,
  );
  const values = levels(world);
  const late = values.slice(-10);
  t.deepEqual(
    late,
    late.map((_, i) => (late[0] ?? 0) + i),
    `samples of the calm arrive once and in order: ${when}`,
  );
  const { requests } = world;
  world.run(3_600_000);
  t.true(
    world.requests - requests < (connections === '1' ? 1000 : 110),
    `${world.requests - requests} requests in a calm hour: ${when}`,
  );
  t.notThrows(() => world.finish(), when);
}

for (const connections of ['1', '2']) {
  test(`after any disturbance the state is complete again (connections=${connections})`, (t) => {
    for (let seed = 1; seed <= 30; seed++) live(t, seed, connections);
  });
}
