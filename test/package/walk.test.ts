// SPDX-License-Identifier: Apache-2.0
/** The walk of a new user: what is published, installed into an empty folder, and a first app there. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { bin, install, pack, ROOT, run } from './packed.ts';

const tarball = await pack();
const project = await install(tarball);
// Without a registry there is nothing to install from.
const walk = project === undefined ? test.serial.skip : test.serial;
const folder = project ?? '';
if (project === undefined) console.log('    npm reaches no registry: the walk of a new user is skipped');

/** What the manifest of the package exports, as it is imported. */
const EXPORTS = Object.keys(JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).exports)
  .filter((name) => !name.endsWith('.json'))
  .map((name) => path.posix.join('fractus', name));

const APP = `
import { type App, ConfigError, createAgent, measurement } from 'fractus';
import { digitalOutput, start } from 'fractus/board';
import { type Emulator, startEmulator } from 'fractus/emulator';
import { createNodeHal, Flash } from 'fractus/node';
import { bme68x } from 'fractus/sensors';
import { World } from 'fractus/test';

const AIR = measurement({
  type: 'acme_Air',
  fragments: { acme_Air: { T: { of: 'temperature', unit: '°C', decimals: 1 } } },
});

export const app: App = (board) => {
  const { thermometer } = board.hal.sensors;
  if (thermometer !== undefined) board.sensor({ reports: AIR, sensor: thermometer });
};

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

walk('the types are right with the settings of tsc --init, and without strict', async (t) => {
  await run(bin('tsc'), ['--init'], folder);
  writeFileSync(path.join(folder, 'first.ts'), APP);
  const strict = await run(bin('tsc'), ['--noEmit', '-p', '.'], folder);
  t.is(strict.code, 0, strict.output);
  const loose = ['--strict', 'false', '--exactOptionalPropertyTypes', 'false'];
  const { code, output } = await run(bin('tsc'), ['--noEmit', '-p', '.', ...loose], folder);
  t.is(code, 0, output);
});

walk('a mistake is found by these types', async (t) => {
  const config = { extends: './tsconfig.json', files: ['mistake.ts'] };
  writeFileSync(path.join(folder, 'mistake.json'), JSON.stringify(config));
  writeFileSync(path.join(folder, 'mistake.ts'), APP.replace("unit: '°C'", 'unit: 7'));
  const { code, output } = await run(bin('tsc'), ['--noEmit', '-p', 'mistake.json'], folder);
  t.not(code, 0);
  t.regex(output, /mistake\.ts\(\d+,\d+\): error TS2322/);
});

walk('the ambient types of the SDK are there for whoever wants them', async (t) => {
  const config = {
    extends: './tsconfig.json',
    compilerOptions: { types: ['fractus/moddable'] },
    files: ['ambient.ts'],
  };
  writeFileSync(path.join(folder, 'ambient.json'), JSON.stringify(config));
  writeFileSync(path.join(folder, 'ambient.ts'), "import Timer from 'timer';\nTimer.set(() => {}, 10);\n");
  const { code, output } = await run(bin('tsc'), ['--noEmit', '-p', 'ambient.json'], folder);
  t.is(code, 0, output);
});

walk('each export can be imported; those of a board say where they belong', async (t) => {
  const script = EXPORTS.filter((name) => name !== 'fractus/moddable').map(
    (name) =>
      `await import('${name}').then(() => console.log('${name}: there'), (e) => console.log('${name}: ' + e.message));`,
  );
  const { output } = await run(process.execPath, ['--input-type=module', '-e', script.join('\n')], folder);
  const lines = output.trim().split('\n');
  t.deepEqual(
    lines.filter((line) => line.endsWith(': there')).map((line) => line.split(':')[0]),
    ['fractus', 'fractus/node', 'fractus/test', 'fractus/emulator'],
    output,
  );
  t.is(lines.filter((line) => /^fractus\/(board|sensors): .*are modules of a board/.test(line)).length, 2, output);
});

walk('the command line runs without a loader, and writes nothing into node_modules', async (t) => {
  const files = () => readdirSync(path.join(folder, 'node_modules/fractus'), { recursive: true }).length;
  const before = files();
  const { code, output } = await run('npx', ['fractus', 'build'], folder);
  t.is(code, 0, output);
  t.regex(output, /bundle: \d+ bytes, .*\/build\/fractus\/device\.xs\.js/);
  t.is(files(), before);
});
