// SPDX-License-Identifier: Apache-2.0
/** What no app of a firmware uses of the SDK is not in it, and is as soon as one may. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { buildForModdable } from '../../../tools/moddable/bundle.ts';
import { ROOT } from '../../../tools/places.ts';

const QUIET = "import { start } from 'fractus/board';\nexport default () => start(() => {});";

/** What the manifest of a project's firmware includes, by board. */
async function includes(t: ExecutionContext, manifest: object, main: string | undefined) {
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-unused-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const files = {
    'package.json': '{ "name": "own", "version": "1.0.0", "type": "module" }',
    'manifest.json': JSON.stringify(manifest),
    ...(main === undefined ? {} : { 'main.ts': `declare const device: { io: Record<string, unknown> };\n${main}` }),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
  const built = await buildForModdable(directory);
  const { platforms } = JSON.parse(readFileSync(path.join(built.directory, 'manifest.json'), 'utf8'));
  return (board: string, what: string) => {
    const included: readonly string[] = platforms[`esp32/${board}`].include;
    t.true(
      included.some((each) => /chip\/(?:c[36]|large)\/manifest\.json$/.test(each)),
      board,
    );
    return included.some((each) => each.endsWith(`/chip/${what}/manifest.json`));
  };
}

const DEVKITS = ['esp32c3', 'esp32c3_cdc', 'esp32c6', 'esp32c6_cdc'];

for (const [what, manifest, main, isOut] of [
  ['a driver', { include: ['$(MODULES)/drivers/neopixel/manifest.json'] }, QUIET, false],
  ['pins', { include: ['$(MODULES)/pins/digital/monitor/manifest.json'] }, QUIET, false],
  ['a sensor', { include: ['$(MODULES)/drivers/sensors/tmp117/manifest.json'] }, QUIET, true],
  ['a manifest of others, which may include the driver', { include: ['./lamp/manifest.json'] }, QUIET, false],
  ['the button', {}, `declare const Host: unknown;\n${QUIET.replace('{}', 'void Host')}`, false],
  ['nothing', {}, QUIET, true],
] as const) {
  test.serial(
    `the button and light of Espressif's boards are left out: ${isOut}, of an app with ${what}`,
    async (t) => {
      const leavesOut = await includes(t, manifest, main);
      for (const board of DEVKITS) t.is(leavesOut(board, 'devkit'), isOut, board);
    },
  );
}

const BOARDS = ['nodemcu', 'esp32s3', 'esp32c3', 'esp32c3_cdc', 'xiao_esp32c3', 'esp32c6', 'esp32c6_cdc', 'm5nanoc6'];

for (const [what, manifest, main, isOut] of [
  ['nothing', {}, QUIET, true],
  ['no main module', {}, undefined, true],
  [
    'what a new project has',
    { include: ['./build/fractus/manifest.json'], modules: { main: './build/main' } },
    QUIET,
    true,
  ],
  ['a sensor', { include: '$(MODDABLE)/modules/drivers/sensors/sht3x/manifest.json' }, QUIET, true],
  ['the class', {}, `import SPI from 'embedded:io/spi';\n${QUIET.replace('{}', 'void new SPI({})')}`, false],
  ['the class for its mods', {}, `import 'embedded:io/spi';\n${QUIET}`, false],
  ['what the board has', {}, QUIET.replace('{}', 'void device.io.SPI'), false],
  ['a counter', {}, QUIET.replace('{}', 'void device.io["PulseCount"]'), false],
  ['the provider', {}, `import device from 'embedded:provider/builtin';\n${QUIET.replace('{}', 'void device')}`, false],
  ["the SDK's manifest of it", { include: ['$(MODDABLE)/modules/io/spi/manifest.json'] }, QUIET, false],
  ['a driver', { platforms: { esp32: { include: '$(MODULES)/drivers/sx127x/manifest.json' } } }, QUIET, false],
  ['a driver by a way around', { include: ['$(MODULES)/../contributed/radio/manifest.json'] }, QUIET, false],
  ['a manifest of others', { include: ['./radio/manifest.json'] }, QUIET, false],
  ['a manifest from elsewhere', { include: [{ git: 'https://example.com/radio.git' }] }, QUIET, false],
  ['a module that is not bundled', { modules: { radio: './radio' } }, QUIET, false],
  ['a main module that is not bundled', { modules: { main: './build/main' } }, undefined, false],
] as const) {
  test.serial(`SPI and counters of pulses are left out: ${isOut}, of an app with ${what}`, async (t) => {
    const leavesOut = await includes(t, manifest, main);
    for (const board of BOARDS) t.is(leavesOut(board, 'buses'), isOut, board);
  });
}

test('the manifest that others may include leaves out nothing, on any board', (t) => {
  const [all, own] = ['manifest.json', 'firmware.json'].map((name) => readFileSync(path.join(ROOT, name), 'utf8'));
  t.notRegex(all ?? '', /chip\/(?:devkit|buses)\//);
  t.regex(own ?? '', /chip\/devkit\/.*chip\/buses\//);
  const boards = (text = '') => Object.keys(JSON.parse(text).platforms);
  t.deepEqual(
    boards(own).filter((board) => !boards(all).includes(board)),
    [],
  );
});
