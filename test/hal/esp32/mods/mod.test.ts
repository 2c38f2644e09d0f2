// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { type Mod, withMod } from '../../../../hal/esp32/mods/mod.ts';
import type { PartitionIo } from '../../../../hal/esp32/platform.ts';
import type { ResetCause } from '../../../../hal/hal.ts';
import { alarmsOf } from '../../../../tools/platform/operator.ts';
import { World } from '../../../../tools/simulate/machine/world.ts';
import { MemoryValues } from '../../../support/memory-values.ts';

const MINUTE_MS = 60_000;

/** What XS finds at the beginning of the slot. */
function head(magic: string, digest: number): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set(Buffer.from(magic), 4);
  new DataView(bytes.buffer).setUint32(28, digest);
  return bytes;
}

/** A board with a firmware and a slot for modules. */
function createBoard(t: ExecutionContext) {
  const values = new MemoryValues();
  const scene = {
    /** In the order in which they are called. */
    calls: [] as string[],
    slot: head('XS_A', 1) as Uint8Array | undefined,
    mod: undefined as unknown,
    /** What the import throws. */
    broken: undefined as Error | undefined,
    archive: ['mod', 'check'],
  };
  scene.mod = ((board) => {
    scene.calls.push('mod');
    board.fragment('acme_Mod', 1);
  }) satisfies Mod;
  const modules = {
    get archive() {
      return scene.archive;
    },
    importNow(name: string) {
      scene.calls.push(`import ${name}`);
      if (scene.broken !== undefined) throw scene.broken;
      return scene.mod;
    },
  };
  const slot: PartitionIo = {
    status: () => ({ size: 4096, blockLength: 4096 }),
    eraseBlock() {},
    read(byteLength) {
      if (scene.slot === undefined) throw new Error('read failed');
      return scene.slot.slice(0, byteLength).buffer as ArrayBuffer;
    },
    write() {},
  };
  const app = withMod({ app: () => scene.calls.push('app'), slot, modules, values });
  const world = new World({ app, config: { measurementInterval: '3600' } });
  const settle = () => world.run(MINUTE_MS);
  world.start();
  settle();
  t.teardown(() => world.finish());
  return {
    scene,
    world,
    values,
    /** What the next start calls. */
    start(cause: ResetCause = 'software') {
      scene.calls.length = 0;
      world.device.machine.restart(cause, cause);
      settle();
      return scene.calls.join(', ');
    },
    alarms: () =>
      alarmsOf(world.platform, world.object?.id ?? '')
        .filter(({ fragments }) => fragments['type'] === 'fractus_ModLeftOut')
        .map(({ fragments }) => `${fragments['status']} ${fragments['text']}`),
  };
}

test('a mod takes the place of the app, and nothing is written while all is well', (t) => {
  const { scene, values, world, start, alarms } = createBoard(t);
  t.deepEqual(scene.calls, ['import mod', 'mod']);
  t.is(world.object?.fragments['acme_Mod'], 1);
  t.like(world.object?.fragments['c8y_Software'], { mod: '1' });
  t.is(start(), 'import mod, mod');
  world.run(15 * MINUTE_MS);
  t.is(values.writes, 0);
  t.deepEqual(alarms(), []);
});

test('a mod may call the app to add to it', (t) => {
  const { scene, start } = createBoard(t);
  scene.mod = ((board, app) => {
    app(board);
    scene.calls.push('more');
  }) satisfies Mod;
  t.is(start(), 'import mod, app, more');
});

test('an empty slot, and one that cannot be read, is no mod', (t) => {
  const { scene, values, start, alarms } = createBoard(t);
  scene.slot = new Uint8Array(64).fill(0xff);
  t.is(start(), 'app');
  scene.slot = undefined;
  t.is(start(), 'app');
  scene.slot = new Uint8Array(4);
  t.is(start(), 'app');
  t.deepEqual(alarms(), []);
  t.is(values.writes, 0);
});

for (const [what, change, reason] of [
  ['throws at its import', { broken: new RangeError('no such pin') }, 'RangeError: no such pin'],
  ['exports no function', { mod: { run: 1 } }, 'TypeError: its default export is not a function'],
  ['exports nothing', { mod: undefined }, 'TypeError: its default export is not a function'],
  ['is in no module of the archive', { archive: ['other'] }, 'Error: it has no module "mod"'],
] as const) {
  test(`a mod that ${what}: the firmware's app runs at once, and the platform is told`, (t) => {
    const { scene, world, start, alarms } = createBoard(t);
    const { restarts } = world.device.machine;
    const good = { broken: scene.broken, mod: scene.mod, archive: scene.archive };
    Object.assign(scene, change);
    const calls = start().split(', ');
    t.is(calls.at(-1), 'app');
    t.false(calls.includes('mod'));
    t.is(restarts.length, 1, 'the one of the test');
    t.deepEqual(alarms(), [`ACTIVE The mod is left out, the firmware's own app runs: ${reason}`]);
    t.is(start(), 'app', 'it is not tried again at once');
    world.run(11 * MINUTE_MS);
    Object.assign(scene, good);
    t.is(start(), 'import mod, mod', 'but by the start after a calm while');
    world.run(11 * MINUTE_MS);
    t.regex(alarms().join(), /^CLEARED/);
    t.is(alarms().length, 1);
  });
}

test('a mod that throws in the middle of its declarations: a restart, and it is left out', (t) => {
  const { scene, world, start, alarms } = createBoard(t);
  scene.mod = ((board) => {
    board.child('half', {});
    throw new Error('the other half is missing');
  }) satisfies Mod;
  t.is(start(), 'import mod, app');
  t.is(world.device.machine.restarts.length, 2);
  t.deepEqual(alarms(), ["ACTIVE The mod is left out, the firmware's own app runs: Error: the other half is missing"]);
  t.is(world.object?.children.childDevices.size, 0, 'nothing of it was declared to the platform');
});

test('two crashes in a row: left out, with a count that is there before the import', (t) => {
  const { scene, values, start, alarms } = createBoard(t);
  scene.mod = (() => {
    t.regex(Buffer.from(values.kept.get('mod') ?? []).toString(), /^1 1 its last starts have crashed \(watchdog\)$/);
    scene.calls.push('mod');
  }) satisfies Mod;
  t.is(start('watchdog'), 'import mod, mod');
  t.is(start('panic'), 'app');
  t.deepEqual(alarms(), [
    "ACTIVE The mod is left out, the firmware's own app runs: its last starts have crashed (panic)",
  ]);
  t.is(start('power-on'), 'app', 'also after a restart soon after it');
});

test('the app of the firmware may crash too: then the safe mode, in which neither runs', (t) => {
  const { world, start, alarms } = createBoard(t);
  start('panic');
  t.is(start('panic'), 'app');
  t.is(start('panic'), '');
  t.is(alarms().length, 1);
  // After an hour the agent tries it again, still without the mod.
  world.run(61 * MINUTE_MS);
  t.is(start(), 'app');
});

test('left out and calm: the next start tries it again, and then one crash is enough', (t) => {
  const { world, start, alarms } = createBoard(t);
  start('panic');
  t.is(start('panic'), 'app');
  world.run(11 * MINUTE_MS);
  t.is(start(), 'import mod, mod');
  t.is(start('watchdog'), 'app');
  world.run(11 * MINUTE_MS);
  t.is(start(), 'import mod, mod');
  world.run(11 * MINUTE_MS);
  t.regex(alarms().join(), /^CLEARED/);
  t.is(start('panic'), 'import mod, mod', 'all is forgotten');
});

test('crashes that are far apart, and power cuts, are no row', (t) => {
  const { world, start, alarms } = createBoard(t);
  for (let i = 0; i < 4; i++) {
    t.is(start('panic'), 'import mod, mod');
    world.run(11 * MINUTE_MS);
  }
  for (let i = 0; i < 4; i++) t.is(start('power-on'), 'import mod, mod');
  for (let i = 0; i < 4; i++) t.is(start('brownout'), 'import mod, mod');
  t.deepEqual(alarms(), []);
});

test('another archive is another mod; an empty slot ends the trouble', (t) => {
  const { scene, world, start, alarms } = createBoard(t);
  start('panic');
  t.is(start('panic'), 'app');
  scene.slot = head('XS_A', 2);
  t.is(start(), 'import mod, mod');
  world.run(11 * MINUTE_MS);
  t.regex(alarms().join(), /^CLEARED/);
  start('panic');
  t.is(start('panic'), 'app');
  scene.slot = new Uint8Array(64).fill(0xff);
  t.is(start(), 'app');
  t.deepEqual(
    alarms().map((each) => each.split(' ')[0]),
    ['CLEARED', 'CLEARED'],
  );
});

test('an archive that XS has refused is reported', (t) => {
  const { scene, world, start, alarms } = createBoard(t);
  scene.slot = head('XS_E', 0);
  t.is(start(), 'app');
  world.run(11 * MINUTE_MS);
  t.is(start(), 'app');
  t.deepEqual(alarms(), [
    "ACTIVE The mod is left out, the firmware's own app runs: the engine refuses it: it is damaged, or for another firmware",
  ]);
});

test('flash that refuses: a crash that cannot be counted is enough', (t) => {
  const { scene, values, start } = createBoard(t);
  values.refuses = true;
  t.is(start(), 'import mod, mod');
  t.is(start('panic'), 'app');
  scene.broken = new Error('broken');
  t.is(start(), 'import mod, app');
});
