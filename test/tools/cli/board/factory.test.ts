// SPDX-License-Identifier: Apache-2.0
/** `fractus image` and `fractus flash`, with images that a stand-in for the SDK makes. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { DeviceProcess, FRACTUS } from '../../../support/device-process.ts';
import { createProject, createSdk, fractus, makesImagesFor } from './deploy-scene.ts';

/** Of an ESP32-C3, by esp_chip_id_t. */
const C3 = 5;
/** Where the stand-in's image has its partition for values. */
const VALUES_AT = 0x9000;

test('image: a whole flash for each row of the table, with the values of its board in it', async (t) => {
  const { directory, env, calls } = createSdk();
  makesImagesFor(directory, C3);
  const project = createProject(t);
  const table = path.join(project, 'boards.csv');
  const output = path.join(project, 'images');
  writeFileSync(table, 'deviceId,wifiName\nbarn-1,Barn\nbarn-2,House\n');
  const args = ['--project', project, '--boards', table, '--output', output, 'url=https://t1.example.com'];
  const { code, output: said } = await fractus(t, env, 'image', 'esp32/esp32c3', ...args);
  t.is(code, 0, said);
  t.regex(said, /^2 files in .*images: the whole flash, from address 0$/m);
  // Without -m, mcconfig makes no more than a makefile.
  const builds = calls().filter((call) => call.includes(' -m '));
  t.is(builds.length, 1, calls().join('\n'));
  t.regex(builds[0] ?? '', /-p esp32\/esp32c3 -t build .*url=https:\/\/t1\.example\.com/);
  const files = readdirSync(output).sort();
  t.is(files.length, 2);
  for (const [at, name] of ['Barn', 'House'].entries()) {
    const flash = readFileSync(path.join(output, files[at] ?? ''));
    t.is(flash[0], 0xe9, 'a C3 has its bootloader at address 0');
    t.true(flash.subarray(VALUES_AT).includes(`deviceId=barn-${at + 1}\nwifiName=${name}`));
  }
});

test('image: a table that cannot be used costs no build, and leaves no file', async (t) => {
  const { directory, env, calls } = createSdk();
  makesImagesFor(directory, C3);
  const project = createProject(t);
  const table = path.join(project, 'boards.csv');
  writeFileSync(table, 'deviceId,wifiNam\nbarn-1,Barn\n');
  const wrong = await fractus(t, env, 'image', 'esp32/esp32c3', '--project', project, '--boards', table);
  t.is(wrong.code, 1);
  t.regex(wrong.output, /fractus image: .*boards\.csv: .*wifiNam/);
  t.deepEqual(calls(), []);
  t.false(readdirSync(project).includes('build'));
  t.is((await fractus(t, env, 'image')).code, 2);
  t.is((await fractus(t, { ...env, MODDABLE: '' }, 'image', 'esp32/esp32c3', '--project', project)).code, 1);
});

test('flash: serves what a project has built, until it is ended; without an image it says how to make one', async (t) => {
  const { directory, env } = createSdk();
  makesImagesFor(directory, C3);
  const project = createProject(t);
  const none = await fractus(t, env, 'flash', '--project', project);
  t.is(none.code, 1);
  t.regex(none.output, /there is no image in .*build\/firmware; "fractus build .* --board esp32\/nodemcu" makes one/);
  t.is((await fractus(t, env, 'flash', '--port', '65536')).code, 2);
  t.is((await fractus(t, env, 'flash', 'esp32/nodemcu')).code, 2);
  t.is((await fractus(t, env, 'build', project, '--board', 'esp32/esp32c3')).code, 0);
  const server = new DeviceProcess(t, { command: FRACTUS, args: ['flash', '--project', project] });
  await server.saying(/for ESP32-C3: http:\/\/\S+/);
  const url = /http:\/\/\S+/.exec(server.output)?.[0] ?? '';
  const manifest = (await (await fetch(new URL('manifest.json', url))).json()) as {
    readonly builds: readonly { readonly chipFamily: string; readonly parts: readonly { readonly path: string }[] }[];
  };
  t.deepEqual(
    manifest.builds.map(({ chipFamily }) => chipFamily),
    ['ESP32-C3'],
  );
  for (const part of manifest.builds[0]?.parts ?? [])
    t.is((await fetch(new URL(part.path, url))).status, 200, part.path);
  server.child.kill('SIGTERM');
  t.is(await server.exit(), 0);
});
