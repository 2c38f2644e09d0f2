// SPDX-License-Identifier: Apache-2.0
/** The walk of a new user: what is published, installed into an empty folder, and a first app there. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { findDevice, measurementsOf, startEmulator } from 'fractus/emulator';
import { buildXsHost } from '../../tools/xs/build.ts';
import { DeviceProcess } from '../support/device-process.ts';
import { testWith } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { bin, create, hasRegistry, pack, ROOT, run } from './packed.ts';

/** For compilers and npm, on a busy machine. */
const PATIENCE_MS = 300_000;

// Without a registry there is nothing to install from.
const isReached = await hasRegistry();
const walk = testWith(isReached ? undefined : 'npm reaches no registry', test.serial);

let tarball = '';
/** The project, and a folder of first steps in it. */
let folder = '';
let steps = '';

test.before(async (t) => {
  t.timeout(PATIENCE_MS);
  tarball = await pack();
  if (!isReached) return;
  folder = await create(tarball);
  steps = path.join(folder, 'steps');
});

/** What the manifest of the package exports, as it is imported. */
const EXPORTS = Object.keys(JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).exports)
  .filter((name) => !name.endsWith('.json'))
  .map((name) => path.posix.join('fractus', name));

const APP = `
import { type App, ConfigError, createAgent, measurement } from 'fractus';
import { start } from 'fractus/board';
import { type Emulator, startEmulator } from 'fractus/emulator';
import { ongoingEvent } from 'fractus/events';
import { life } from 'fractus/life';
import { createNodeHal, Flash } from 'fractus/node';
import { ownObject } from 'fractus/object';
import { digitalOutput } from 'fractus/pins';
import { bme68x } from 'fractus/sensors';
import { withSettings } from 'fractus/settings';
import { sleep } from 'fractus/sleep';
import { state } from 'fractus/state';
import { World } from 'fractus/test';

const AIR = measurement({
  type: 'acme_Air',
  fragments: { acme_Air: { T: { of: 'temperature', unit: '°C', decimals: 1 } } },
});

export const app: App = (board) => {
  const { thermometer } = board.hal.sensors;
  if (thermometer !== undefined) board.sensor({ reports: AIR, sensor: thermometer });
};

const LIMIT = { kind: 'integer', least: 1, most: 9, value: 5, remote: true, meaning: 'Too warm.' } as const;

export const careful: App = withSettings({ acme_limit: LIMIT }, (board, settings) => {
  const kept = state(board);
  kept.set('limit', String(settings.values.acme_limit + 1));
  const door = ongoingEvent(board, 'acme_Door', 'open');
  ownObject(board, ['acme_Plan']).read((view) => door.update(view?.text('acme_Plan.name')));
  life(board).onChange(({ allSent }) => {
    if (allSent) sleep(board, 60_000);
  });
});

export function main(): void {
  start(app, { sensors: { air: bme68x({ address: 0x77 }) }, actuators: { relay: digitalOutput({ pin: 26 }) } });
}

export function measured(): number {
  const world = new World({ app, config: { measurementInterval: '10' } });
  world.connect();
  world.run(60_000);
  world.finish();
  return world.measurements.length;
}

export async function emulated(): Promise<Emulator> {
  const emulator = await startEmulator();
  const flash = new Flash();
  const agent = createAgent({ hal: createNodeHal({ flash }), config: emulator.config, app });
  agent.start();
  if (String(agent) === '') throw new ConfigError('url', 'no');
  return emulator;
}
`;

test.serial('publint finds nothing', async (t) => {
  const { code, output } = await run(bin('publint'), ['run', tarball, '--strict'], ROOT);
  t.is(code, 0, output);
});

test.serial('Are The Types Wrong finds nothing, for modules of ECMAScript', async (t) => {
  const { code, output } = await run(bin('attw'), [tarball, '--profile', 'esm-only'], ROOT);
  t.is(code, 0, output);
});

walk('the new project passes its own test', async (t) => {
  t.timeout(PATIENCE_MS);
  const { code, output } = await run('npm', ['test'], folder);
  t.is(code, 0, output);
  t.regex(output, /^# pass 2$/m);
});

walk('the types are right with the settings of tsc --init, and without strict', async (t) => {
  mkdirSync(steps);
  await run(bin('tsc'), ['--init'], steps);
  writeFileSync(path.join(steps, 'first.ts'), APP);
  const strict = await run(bin('tsc'), ['--noEmit', '-p', '.'], steps);
  t.is(strict.code, 0, strict.output);
  const loose = ['--strict', 'false', '--exactOptionalPropertyTypes', 'false'];
  const { code, output } = await run(bin('tsc'), ['--noEmit', '-p', '.', ...loose], steps);
  t.is(code, 0, output);
});

walk('a mistake is found by these types', async (t) => {
  const config = { extends: './tsconfig.json', files: ['mistake.ts'] };
  writeFileSync(path.join(steps, 'mistake.json'), JSON.stringify(config));
  writeFileSync(path.join(steps, 'mistake.ts'), APP.replace("unit: '°C'", 'unit: 7'));
  const { code, output } = await run(bin('tsc'), ['--noEmit', '-p', 'mistake.json'], steps);
  t.not(code, 0);
  t.regex(output, /mistake\.ts\(\d+,\d+\): error TS2322/);
});

walk('the ambient types of the SDK are there for whoever wants them', async (t) => {
  const config = {
    extends: './tsconfig.json',
    compilerOptions: { types: ['fractus/moddable'] },
    files: ['ambient.ts'],
  };
  writeFileSync(path.join(steps, 'ambient.json'), JSON.stringify(config));
  writeFileSync(path.join(steps, 'ambient.ts'), "import Timer from 'timer';\nTimer.set(() => {}, 10);\n");
  const { code, output } = await run(bin('tsc'), ['--noEmit', '-p', 'ambient.json'], steps);
  t.is(code, 0, output);
});

walk('each export can be imported; those of a board say where they belong', async (t) => {
  const script = EXPORTS.filter((name) => name !== 'fractus/moddable').map(
    (name) =>
      `await import('${name}').then(() => console.log('${name}: there'), (e) => console.log('${name}: ' + e.message));`,
  );
  const { output } = await run(process.execPath, ['--input-type=module', '-e', script.join('\n')], steps);
  const lines = output.trim().split('\n');
  t.deepEqual(
    lines.filter((line) => line.endsWith(': there')).map((line) => line.split(':')[0]),
    EXPORTS.filter((name) => !/\/(?:board|sensors|moddable)$/.test(name)),
    output,
  );
  t.is(lines.filter((line) => /^fractus\/(board|sensors): .*are modules of a board/.test(line)).length, 2, output);
});

walk('its app runs on Node and on XS, under its own name', async (t) => {
  t.timeout(PATIENCE_MS);
  const emulator = await startEmulator();
  t.teardown(() => emulator.close());
  const config = Object.entries(emulator.config).map(([key, value]) => `${key}=${value}`);
  const runtimes = (await buildXsHost()).available ? ['node', 'xs'] : ['node'];
  for (const runtime of runtimes) {
    const command = [path.join(folder, 'node_modules/fractus/tools/fractus.js'), 'device', '--app', 'app.ts'];
    const args = ['--runtime', runtime, ...config, `deviceId=${runtime}`];
    const device = new DeviceProcess(t, { command, args, cwd: folder });
    const object = () => findDevice(emulator.platform, runtime);
    await until(
      () => measurementsOf(emulator.platform, object()?.id ?? '').length > 0,
      () => `${runtime}: ${device.output}`,
      // Before it says a word, a bundle is built.
      PATIENCE_MS / 2,
    );
    t.like(object()?.fragments['c8y_Firmware'], { name: 'greenhouse', version: '0.1.0' });
    device.child.kill('SIGTERM');
    t.is(await device.exit(), 0, device.output);
  }
  t.deepEqual(emulator.platform.breaches, []);
});

walk('the command line runs without a loader; what it builds goes to the project', async (t) => {
  t.timeout(PATIENCE_MS);
  const files = () => readdirSync(path.join(folder, 'node_modules/fractus'), { recursive: true }).length;
  const before = files();
  for (const args of [[], ['.']]) {
    const { code, output } = await run('npx', ['fractus', 'build', ...args], folder);
    t.is(code, 0, output);
  }
  t.is(files(), before);
  const built = readdirSync(path.join(folder, 'build/fractus'));
  for (const name of ['device.xs.js', 'manifest.json', 'board.js', 'trust']) t.true(built.includes(name), name);
  t.true(existsSync(path.join(folder, 'build/main.js')));
  const firmware = readFileSync(path.join(folder, 'build/fractus/firmware.js'), 'utf8');
  t.regex(firmware, /name: "greenhouse", version: "0\.1\.0"/);
});

test('the template wants the versions that we are tested with', (t) => {
  const read = (file: string) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
  const { version, devDependencies } = read('package.json');
  const wanted = { ...devDependencies, fractus: version };
  for (const [name, each] of Object.entries(read('create/template/package.json').devDependencies)) {
    t.is(each, wanted[name], name);
  }
  t.is(read('create/package.json').version, version);
});
