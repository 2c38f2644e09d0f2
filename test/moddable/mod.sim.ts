// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { isWhole } from '../../hal/esp32/mods/archive.ts';
import { buildProject } from '../../tools/moddable/bundle.ts';
import { mcrun } from '../../tools/moddable/sdk.ts';
import { alarmsOf, createOperation, findDevice, measurementsOf } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../tools/platform/server.ts';
import { createMd5 } from '../support/mod-archives.ts';
import { until } from '../support/until.ts';
import { ARCHIVE_PARTITION_BYTES, Board, bootstrapConfig, buildFirmware, directory, Screen, sdk } from './bench.ts';

const DEVICE = 'simulated';
const PATIENCE_MS = 60_000;
const EXAMPLE = fileURLToPath(new URL('../../examples/mod', import.meta.url));
const MANIFEST = { include: ['$(MODDABLE)/examples/manifest_mod.json'], modules: { mod: './build/mod' } };

const screen = await Screen.open();
let library = '';

test.after.always(() => screen.close());

test.before(async () => {
  // The package's own manifest, which knows nothing of these mods.
  library = await buildFirmware('bare');
});

/** Builds a mod with the SDK's mcrun, as its author does. */
async function build(project: string): Promise<Buffer> {
  await buildProject(project);
  return readFileSync(await mcrun({ sdk, project, platform: 'lin', output: `${project}/build/output` }));
}

/** The same of some lines. */
async function buildSource(
  name: string,
  source: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Buffer> {
  const project = directory(`mod-${name}`);
  mkdirSync(project, { recursive: true });
  writeFileSync(path.join(project, 'manifest.json'), JSON.stringify({ ...MANIFEST, ...more }));
  writeFileSync(path.join(project, 'mod.ts'), source);
  return build(project);
}

async function start(t: ExecutionContext, archive: Uint8Array, isNew = false) {
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const config = {
    url: server.url,
    ...bootstrapConfig(platform),
    deviceId: DEVICE,
    measurementInterval: '2',
  };
  const board = new Board({ screen, library, config, archive, isNew, survivesAborts: true });
  t.teardown(() => board.simulator.stop());
  board.simulator.start();
  const id = () => findDevice(platform, DEVICE)?.id ?? '';
  const alarms = () => alarmsOf(platform, id()).map(({ fragments }) => `${fragments['type']} ${fragments['text']}`);
  const measured = (type: string) =>
    until(
      () => measurementsOf(platform, id()).some(({ fragments }) => fragments['type'] === type),
      () => `no ${type}:\n${board.simulator.lines.join('\n')}`,
      PATIENCE_MS,
    );
  /** It listens, and the app of the firmware reports. */
  const isWell = async () => {
    await measured('c8y_TemperatureMeasurement');
    t.deepEqual(platform.breaches, []);
  };
  const alarmed = (text: string) =>
    until(
      () => alarms().includes(text),
      () => alarms().join('\n'),
      PATIENCE_MS,
    );
  return { platform, board, id, alarms, measured, isWell, alarmed };
}

const LEFT_OUT = "fractus_ModLeftOut The mod is left out, the firmware's own app runs: ";

test.serial("an author's mod: its own measurement and command, and what the firmware's app does", async (t) => {
  const { platform, board, id, alarms, measured, isWell } = await start(t, await build(EXAMPLE));
  await board.line(/the mod runs/);
  await measured('acme_Cellar');
  await isWell();
  const operation = createOperation(platform, id(), { c8y_Command: { text: 'cellar' } });
  await until(
    () => operation.status === 'SUCCESSFUL',
    () => JSON.stringify(operation.fragments),
    PATIENCE_MS,
  );
  t.regex(JSON.stringify(operation.fragments['c8y_Command']), /°C/);
  t.deepEqual(alarms(), []);
  t.is(board.simulator.aborts, 0);
});

test.serial('a mod that is installed by the device itself is there after the restart', async (t) => {
  const next = await build(EXAMPLE);
  const project = directory('mod-installer');
  writeFileSync(path.join(project, 'next.xsa'), next);
  const source = `
    import type { Mod } from 'fractus/board';
    const mod: Mod = (board) => {
      const { hal } = board;
      const next = hal.resource('next.xsa');
      const { modules } = hal;
      const install = (bytes) => {
        const installation = modules?.install(bytes.length);
        for (let at = 0; at < bytes.length; at += 100)
          installation?.write(bytes, at, Math.min(at + 100, bytes.length));
        return installation?.complete();
      };
      const damaged = next.slice();
      damaged[500] ^= 1;
      const tooLong = modules?.install(modules.capacityBytes + 1);
      hal.log('info', 'mod: ' + [modules?.installed, tooLong, install(damaged), install(next)].join());
      board.restart('installed');
    };
    export default mod;`;
  const archive = await buildSource('installer', source, { data: { '*': './next' } });
  const read = (count: number, at: number) => Uint8Array.from(archive.subarray(at, at + count)).buffer;
  t.true(isWhole(read, archive.length, createMd5()), 'also one with data in it');
  const { board, measured, isWell } = await start(t, archive);
  t.is(await board.line(/mod: /), 'info: mod: true,,false,true');
  await measured('acme_Cellar');
  await isWell();
  t.is(board.simulator.restarts, 2, 'one that it asks for, and one after the archive was put into its place');
  t.deepEqual(board.archive(next.length), next);
});

test.serial(
  'a new firmware is not given up for what was installed besides: that waits for the start after',
  async (t) => {
    const next = await build(EXAMPLE);
    const partition = new Uint8Array(ARCHIVE_PARTITION_BYTES).fill(0xff);
    partition.set(next, ARCHIVE_PARTITION_BYTES / 2 + 8);
    const { platform, board, id, measured, isWell } = await start(t, partition, true);
    await board.line(/the new firmware is kept/);
    t.is(board.simulator.restarts, 0);
    await isWell();
    createOperation(platform, id(), { c8y_Restart: {} });
    await measured('acme_Cellar');
    t.is(board.simulator.restarts, 2);
    t.deepEqual(board.archive(next.length), next);
  },
);

test.serial('what an engine that is stripped as ours has for a mod', async (t) => {
  const source = `
    import type { Mod } from 'fractus/board';
    function* count(to) { for (let i = 0; i < to; i++) yield i; }
    const mod: Mod = (board) => {
      const map = new Map([['a', 1], ['b', 2]]);
      const set = new Set([...map.values(), ...count(3)]);
      const sorted = [...set].map((each) => each * 2).filter((each) => each > 0).sort((a, b) => b - a);
      const view = new DataView(new Float64Array([Math.hypot(3, 4)]).buffer);
      const parsed = JSON.parse(JSON.stringify({ sorted, date: new Date(0).toISOString(), text: 'a-b'.replace(/-(.)/, '+$1') }));
      const weak = new WeakMap([[map, 7n ** 2n]]);
      Promise.all([1, 2].map(async (each) => (await each) + 1)).then(([a, b]) => {
        const all = { ...parsed, five: view.getFloat64(0, true), big: String(weak.get(map)), a, b };
        board.hal.log('info', 'mod: ' + Reflect.ownKeys(all).map((name) => name + '=' + all[name]).join(' '));
      });
    };
    export default mod;`;
  const { board } = await start(t, await buildSource('features', source));
  const line = await board.line(/mod: /);
  t.is(line, 'info: mod: sorted=4,2 date=1970-01-01T00:00:00.000Z text=a+b five=5 big=49 a=2 b=3');
  t.is(board.simulator.aborts, 0);
});

for (const [name, source, reason] of [
  ['throws', "throw new RangeError('no such pin'); export default () => {};", 'RangeError: no such pin'],
  ['object', 'export default { run() {} };', 'TypeError: its default export is not a function'],
  ['nothing', 'export const mod = 1;', 'TypeError: its default export is not a function'],
] as const) {
  test.serial(`a mod that cannot be used (${name}): the firmware's app runs, and the platform is told`, async (t) => {
    const { board, isWell, alarmed } = await start(t, await buildSource(name, source));
    await isWell();
    await alarmed(LEFT_OUT + reason);
    t.is(board.simulator.restarts, 0);
  });
}

test.serial('a mod that throws in its declarations: one restart, and it is left out', async (t) => {
  const source = `export default (board) => { board.child('half', {}); throw new Error('the other half is missing'); };`;
  const { board, isWell, alarmed } = await start(t, await buildSource('half', source));
  await isWell();
  await alarmed(`${LEFT_OUT}Error: the other half is missing`);
  t.is(board.simulator.restarts, 1);
  t.is(board.simulator.aborts, 0);
});

test.serial('a mod that aborts the engine: two starts, and it is left out', async (t) => {
  const source = `
    import Timer from 'timer';
    export default (board) => Timer.set(() => { throw new Error('nobody catches this'); }, 200);`;
  const { board, isWell, alarmed } = await start(t, await buildSource('aborts', source));
  await isWell();
  await alarmed(`${LEFT_OUT}its last starts have crashed (panic)`);
  t.is(board.simulator.aborts, 2);
  t.is(board.simulator.lines.filter((line) => line.includes('the mod runs')).length, 2);
});

test.serial('an archive for another version of the engine is refused by it', async (t) => {
  const { board, isWell, alarmed } = await start(t, (await build(EXAMPLE)).fill(16, 16, 17));
  await isWell();
  await alarmed(`${LEFT_OUT}the engine refuses it: it is damaged, or for another firmware`);
  t.is(board.simulator.aborts, 0);
  t.is(board.archive(8).toString('latin1', 4), 'XS_E');
});
