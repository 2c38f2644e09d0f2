// SPDX-License-Identifier: Apache-2.0
/** Parameters and configuration files that an app applies with a promise. */

import test, { type ExecutionContext } from 'ava';
import {
  type ConfigurationFile,
  configurationFiles,
  parameterSet,
  parameters,
} from '../../../src/capabilities/index.ts';
import type { Json } from '../../../tools/platform/model.ts';
import { createBinary } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { order } from '../../agent/operations/operating.ts';
import { createSettled, logged, objectOf } from '../../agent/scene.ts';
import { asked } from '../parameters/parameters-scene.ts';

const HOUR_MS = 3_600_000;

/** A drive that takes each speed later: at once, never, or not at all. */
class Drive implements ConfigurationFile {
  readonly type = 'drive';
  readonly maxBytes = 10;
  /** Every call, in its order. */
  readonly calls: string[] = [];
  speed = '1';
  /** The reason why it refuses; `never`: its promise is not settled. */
  refuses: (speed: string) => string | undefined = () => undefined;

  async apply(bytes: Uint8Array | string): Promise<void> {
    const speed = String(typeof bytes === 'string' ? bytes : Buffer.from(bytes));
    this.calls.push(speed);
    await Promise.resolve();
    this.speed = speed;
    const reason = this.refuses(speed);
    if (reason === 'never') return new Promise(() => {});
    if (reason !== undefined) throw new Error(reason);
  }

  read(): Uint8Array {
    return Buffer.from(this.speed);
  }

  setOf(name: string) {
    return parameterSet(name, { speed: { kind: 'integer', least: 0, most: 9, value: 1 } }, ({ speed }) =>
      this.apply(String(speed)),
    );
  }
}

/** Promises settle between the events of a board. */
async function live(world: World, forMs: number): Promise<void> {
  for (let i = 0; i < 20; i++) {
    world.run(forMs / 20);
    await new Promise(setImmediate);
  }
}

interface Way {
  readonly name: string;
  start(t: ExecutionContext, drive: Drive): World;
  wish(world: World, speed: string): Record<string, Json>;
  shown(world: World): Json | undefined;
}

const WAYS: readonly Way[] = [
  {
    name: 'parameters',
    start: (t, drive) => createSettled(t, { app: (board) => board.operation(parameters(drive.setOf('acme_Drive'))) }),
    wish: (_world, speed) => asked({ acme_Drive: { speed: Number(speed) } }),
    shown: (world) => String((objectOf(world).fragments['acme_Drive'] as { speed: number }).speed),
  },
  {
    name: 'a configuration file',
    start: (t, drive) =>
      createSettled(t, { app: (board) => configurationFiles(drive).forEach((each) => void board.operation(each)) }),
    wish(world, speed) {
      const { id } = createBinary(world.platform, Buffer.from(speed));
      const url = `https://platform.test/inventory/binaries/${id}`;
      return { c8y_DownloadConfigFile: { url, type: 'drive', name: speed } };
    },
    shown: (world) =>
      (objectOf(world).fragments['c8y_Configuration_drive'] as { name?: string } | undefined)?.name ?? '1',
  },
];

for (const way of WAYS) {
  test(`${way.name}: a promise that resolves ends the operation`, async (t) => {
    const drive = new Drive();
    const world = way.start(t, drive);
    await live(world, 1000);
    const operation = order(world, way.wish(world, '5'));
    await live(world, 20_000);
    t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
    t.is(drive.calls.at(-1), '5');
    t.is(way.shown(world), '5');
  });

  test(`${way.name}: a rejection is the reason of the failure, and what was before is applied again`, async (t) => {
    const drive = new Drive();
    const world = way.start(t, drive);
    await live(world, 1000);
    drive.calls.length = 0;
    drive.refuses = (speed) => (speed === '5' ? `it is too hot ${'!'.repeat(2000)}` : undefined);
    const operation = order(world, way.wish(world, '5'));
    await live(world, 20_000);
    t.is(operation.status, 'FAILED');
    t.regex(operation.failureReason ?? '', /^it is too hot !{300,500}/);
    t.true((operation.failureReason ?? '').length <= 500);
    t.deepEqual(drive.calls, ['5', '1']);
    t.is(way.shown(world), '1');
    drive.refuses = (speed) => `never ${speed}`;
    const second = order(world, way.wish(world, '6'));
    await live(world, 20_000);
    t.regex(second.failureReason ?? '', /^never 6; nor can the former (ones|one) be applied: never 1$/);
    t.deepEqual(world.device.machine.restarts, []);
  });

  test(`${way.name}: a promise that never settles is FAILED at the timeout, rolled back, and holds up no other`, async (t) => {
    const drive = new Drive();
    const world = way.start(t, drive);
    await live(world, 1000);
    drive.calls.length = 0;
    drive.refuses = (speed) => (speed === '5' ? 'never' : undefined);
    const operation = order(world, way.wish(world, '5'));
    await live(world, HOUR_MS);
    t.is(operation.failureReason, 'the operation took too long');
    t.deepEqual(drive.calls, ['5', '1']);
    t.is(way.shown(world), '1');
    const next = order(world, way.wish(world, '7'));
    await live(world, 20_000);
    t.is(next.status, 'SUCCESSFUL', next.failureReason);
    t.is(way.shown(world), '7');
  });
}

test('a file waits while the former one is put in force again after a timeout', async (t) => {
  const [, files] = WAYS;
  const drive = new Drive();
  let release = () => {};
  const apply = drive.apply.bind(drive);
  // The former file takes a while.
  drive.apply = async (bytes) => {
    if (String(Buffer.from(bytes)) === '1') await new Promise<void>((resolve) => (release = resolve));
    return apply(bytes);
  };
  drive.refuses = (speed) => (speed === '5' ? 'never' : undefined);
  const world = files?.start(t, drive) as World;
  await live(world, 1000);
  order(world, files?.wish(world, '5') ?? {});
  await live(world, 920_000);
  const next = order(world, files?.wish(world, '7') ?? {});
  await live(world, 20_000);
  t.deepEqual(drive.calls, ['5']);
  release();
  await live(world, 20_000);
  t.is(next.status, 'SUCCESSFUL', next.failureReason);
  t.deepEqual(drive.calls, ['5', '1', '7']);
  t.is(drive.speed, '7');
});

test('only one file waits for a former one that is never in force', async (t) => {
  const [, files] = WAYS;
  const drive = new Drive();
  drive.refuses = (speed) => (speed === '7' ? undefined : 'never');
  const world = files?.start(t, drive) as World;
  await live(world, 1000);
  for (const speed of ['5', '6']) {
    const operation = order(world, files?.wish(world, speed) ?? {});
    await live(world, 920_000);
    t.is(operation.failureReason, 'the operation took too long');
  }
  const last = order(world, files?.wish(world, '7') ?? {});
  await live(world, 20_000);
  t.is(last.status, 'SUCCESSFUL', last.failureReason);
  t.deepEqual(drive.calls, ['5', '1', '7']);
});

test('parameters: a set that rejects rolls back those before it, and those after it are not reached', async (t) => {
  const drives = [new Drive(), new Drive(), new Drive()];
  const sets = drives.map((drive, index) => drive.setOf(`acme_D${index}`));
  const world = createSettled(t, { app: (board) => board.operation(parameters(...sets)) });
  await live(world, 1000);
  for (const drive of drives) drive.calls.length = 0;
  const [, second] = drives;
  if (second !== undefined) second.refuses = (speed) => (speed === '5' ? 'no' : undefined);
  const operation = order(world, asked({ acme_D0: { speed: 4 }, acme_D1: { speed: 5 }, acme_D2: { speed: 6 } }));
  await live(world, 20_000);
  t.is(operation.failureReason, 'no');
  t.deepEqual(
    drives.map(({ calls }) => calls),
    [['4', '1'], ['5', '1'], []],
  );
});

test('parameters that are rejected at a start are logged, and the board goes on', async (t) => {
  const drive = new Drive();
  drive.refuses = () => 'the bus is silent';
  const world = createSettled(t, { app: (board) => board.operation(parameters(drive.setOf('acme_Drive'))) });
  await live(world, 1000);
  t.true(logged(world, 'parameters acme_Drive are not applied: the bus is silent'));
  t.deepEqual(world.device.machine.restarts, []);
});

test('a file that is read later is refused', async (t) => {
  const drive = new Drive();
  const file = {
    type: 'drive',
    maxBytes: 10,
    apply: () => {},
    read: () => Promise.reject(new Error('late')),
  } as unknown as ConfigurationFile;
  const world = WAYS[1]?.start(t, Object.assign(drive, file)) as World;
  for (const fragments of [{ c8y_UploadConfigFile: { type: 'drive' } }, WAYS[1]?.wish(world, '5') ?? {}]) {
    const operation = order(world, fragments);
    await live(world, 20_000);
    t.is(operation.failureReason, 'read of the file drive: it must return bytes, not a promise');
  }
});
