// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { createProject, createSdk, fractus, makesImagesFor, TOOLS } from './deploy-scene.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

test('deploy builds and flashes an own project, with its keys', async (t) => {
  const { directory, env, calls } = createSdk();
  const project = path.join(ROOT, 'examples/weather-node');
  const args = ['--project', project, '--port', '/dev/zero', 'wifiName=Barn', 'bootstrapPassword=a b=c'];
  const { code, output } = await fractus(t, env, 'deploy', 'esp32/nodemcu', ...args);
  t.is(code, 0, output);
  const firmware = path.join(project, 'build/firmware');
  const rest = `cwd=${project} MODDABLE=${directory} UPLOAD_PORT=/dev/zero`;
  // make flashes whatever is up to date: a folder `deploy` in the project would be that.
  t.deepEqual(
    calls(),
    [
      ['build', ''],
      ['deploy', 'B'],
    ].map(
      ([target, flags]) =>
        `mcconfig -m -p esp32/nodemcu -t ${target} -o ${firmware} wifiName=Barn bootstrapPassword=a b=c ${rest} MAKEFLAGS=${flags}`,
    ),
  );
  t.regex(readFileSync(path.join(project, 'build/main.js'), 'utf8'), /from "moddable:fractus\/board"/);
  t.regex(output, /flashed; "fractus monitor" opens its console/);
});

// The others find what it has built of their projects.
test.serial('deploy stops when the image does not fit', async (t) => {
  const { env, calls } = createSdk(0, 1_048_577);
  const { code, output } = await fractus(t, env, 'deploy', 'esp32/nodemcu', '--project', createProject(t));
  t.is(code, 1, output);
  t.regex(output, /fractus deploy: the image is 1 bytes larger than its slot/);
  t.is(calls().length, 1);
});

test('deploy stops when the build fails', async (t) => {
  const { env, calls } = createSdk(3);
  const { code, output } = await fractus(t, env, 'deploy', 'esp32/esp32c3', '--debug');
  t.is(code, 1);
  t.is(calls().length, 1);
  t.regex(calls()[0] ?? '', /^mcconfig -d -m -p esp32\/esp32c3 -t build /);
  t.regex(output, /mcconfig has failed at build \(3\)/);
});

test('keys of the SDK and of the project are taken, and empty values', async (t) => {
  const { env, calls } = createSdk();
  const project = mkdtempSync(path.join(tmpdir(), 'fractus-project-'));
  writeFileSync(path.join(project, 'manifest.json'), JSON.stringify({ config: { acme_interval: '1' } }));
  writeFileSync(path.join(project, 'main.ts'), 'export default () => {};\n');
  const pairs = ['acme_interval=5', 'rotation=90', 'wifiName3=', 'measurementInterval=30'];
  const { code, output } = await fractus(t, env, 'deploy', 'esp32/nodemcu', '--project', project, ...pairs);
  t.is(code, 0, output);
  t.regex(calls()[0] ?? '', / acme_interval=5 rotation=90 wifiName3= measurementInterval=30 /);
});

test('deploy says what is wrong with ESP-IDF, the board and the port before it builds anything', async (t) => {
  const { directory, env, calls } = createSdk();
  const files = {
    'build/devices/esp32/manifest.json': '{ "build": { "EXPECTED_ESP_IDF": "v6.0" } }',
    'tools/cmake/version.cmake': 'set(IDF_VERSION_MAJOR 5)\nset(IDF_VERSION_MINOR 4)\n',
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), content);
  }
  const says = async (board: string, port: string, words: RegExp) => {
    const { code, output } = await fractus(t, env, 'deploy', board, '--port', port);
    t.is(code, 1, output);
    t.regex(output, words);
  };
  await says('esp32/nodemcu', '/dev/null', /IDF_PATH is ESP-IDF 5\.4, and the SDK wants 6\.0; `npx xs-dev update/);
  writeFileSync(path.join(directory, 'tools/cmake/version.cmake'), '');
  for (const name of ['nodemcu', 'm5stack', 'm5atom_s3']) {
    mkdirSync(path.join(directory, 'build/devices/esp32/targets', name), { recursive: true });
  }
  await says(
    'esp32/m5stick',
    '/dev/null',
    /there is no esp32\/m5stick in the Moddable SDK; .*; did you mean esp32\/m5stack\?$/m,
  );
  await says('esp32/nodemcu', '/dev/ttyUSB987', /\/dev\/ttyUSB987 does not exist/);
  t.deepEqual(calls(), []);
});

// These three build the firmware of this package, for the same board in the same folder.
test.serial('a board that does not answer, or for which the image is not, costs no build or no flashing', async (t) => {
  const { directory, env, calls } = createSdk();
  makesImagesFor(directory, 0);
  const esptool = (text: string, exitCode: number) =>
    writeFileSync(path.join(directory, 'bin/python3'), `#!/bin/sh\necho '${text}'\nexit ${exitCode}\n`);
  esptool('A fatal error occurred: Failed to connect to ESP32: No serial data received.', 2);
  const silent = await fractus(t, env, 'deploy', 'esp32/nodemcu');
  t.is(silent.code, 1);
  t.regex(silent.output, /\/dev\/null does not answer; if the board does not answer: hold its button BOOT/);
  t.deepEqual(calls(), []);
  esptool('Chip type:          ESP32-C3 (QFN32) (revision v0.4)\nDetected flash size: 4MB', 0);
  const known = await fractus(t, env, 'deploy', 'esp32/nodemcu');
  t.is(known.code, 1);
  t.regex(known.output, /^\/dev\/null: ESP32-C3, 4 MB of flash$/m);
  t.regex(known.output, /the image is for an ESP32, but the board is an ESP32-C3/);
  t.is(calls().filter((call) => call.includes('-t build')).length, 1);
  t.is(calls().filter((call) => call.includes('-t deploy')).length, 0);
});

test.serial('a flash that cannot be written says what to do about the board', async (t) => {
  const { directory, env } = createSdk();
  const mcconfig = path.join(directory, 'build/bin', TOOLS, 'release/mcconfig');
  writeFileSync(mcconfig, readFileSync(mcconfig, 'utf8').replace(/exit 0\s*$/, 'test "$target" = build\n'));
  const { code, output } = await fractus(t, env, 'deploy', 'esp32/nodemcu');
  t.is(code, 1);
  t.regex(output, /mcconfig has failed at deploy \(1\); if the board does not answer: hold its button BOOT/);
});

test.serial('an SDK that is too old is named, with the command that brings a newer one', async (t) => {
  const { directory, env, calls } = createSdk();
  for (const [version, code] of [
    ['7.0.0\n', 1],
    ['8.1.4', 1],
    ['8.2.0\n', 0],
    ['10.0.0', 0],
  ] as const) {
    mkdirSync(path.join(directory, 'tools'), { recursive: true });
    writeFileSync(path.join(directory, 'tools/VERSION'), version);
    const result = await fractus(t, env, 'deploy', 'esp32/nodemcu');
    t.is(result.code, code, result.output);
    if (code !== 0) t.regex(result.output, /is the Moddable SDK [\d.]+; 8.2 or later is needed; `npx xs-dev update`/);
  }
  t.is(calls().length, 4);
});

test('a board that the SDK does not have is named, with those that it has', async (t) => {
  const { directory, env, calls } = createSdk();
  for (const name of ['nodemcu', 'esp32c3'])
    mkdirSync(path.join(directory, 'build/devices/esp32/targets', name), { recursive: true });
  const wrong = await fractus(t, env, 'deploy', 'esp32/esp32c33');
  t.is(wrong.code, 1);
  t.regex(
    wrong.output,
    /^fractus deploy: there is no esp32\/esp32c33 in the Moddable SDK; there are: esp32\/esp32c3, esp32\/nodemcu; did you mean esp32\/esp32c3\?$/m,
  );
  t.deepEqual(calls(), []);
});

test('what is missing is named, with the command that installs it', async (t) => {
  const { env } = createSdk();
  const noSdk = await fractus(t, { ...env, MODDABLE: '' }, 'deploy', 'esp32/nodemcu');
  t.is(noSdk.code, 1);
  t.regex(noSdk.output, /MODDABLE is not set; `npx xs-dev setup` installs/);
  for (const command of [['deploy', 'esp32/nodemcu'], ['monitor']]) {
    const noIdf = await fractus(t, { ...env, IDF_PATH: '' }, ...command);
    t.is(noIdf.code, 1);
    t.regex(noIdf.output, /IDF_PATH is not set; `npx xs-dev setup --device esp32` installs ESP-IDF/);
  }
});

test('bad arguments are refused, and no value of them is shown', async (t) => {
  const { env, calls } = createSdk();
  for (const args of [
    [],
    ['lin'],
    ['esp32/nodemcu', 'hunter2'],
    ['esp32/nodemcu', '=hunter2'],
    ['esp32/nodemcu', '--nothing'],
  ]) {
    const { code, output } = await fractus(t, env, 'deploy', ...args);
    t.is(code, 2, output);
    t.regex(output, /usage: fractus deploy BOARD/);
    t.false(output.includes('hunter2'), output);
  }
  for (const [pair, words] of [
    ['wifiPassword', /"wifiPassword" is not allowed; allowed: key=value/],
    ['ssid=Barn', /there is no key ssid; the key is wifiName; docs\/configuration.md lists all/],
    ['bootstrapPasword=hunter2', /there is no key bootstrapPasword; /],
    ['url=example.cumulocity.com', /url: "example.cumulocity.com" is not allowed; allowed: http/],
    ['wifiPassword=hunter2', /wifiPassword: that value \(a secret, not shown\) is not allowed; allowed: 8 to 63/],
    ['acme_interval=5', /there is no key acme_interval; .*the manifest of a project its own keys/],
  ] as const) {
    const { code, output } = await fractus(t, env, 'deploy', 'esp32/nodemcu', pair);
    t.is(code, 2, output);
    t.regex(output, words);
    t.false(output.includes('hunter2'), output);
  }
  const nowhere = await fractus(t, env, 'deploy', 'esp32/nodemcu', '--project', tmpdir());
  t.is(nowhere.code, 2);
  t.regex(nowhere.output, /there is no manifest.json in /);
  const mod = await fractus(t, env, 'deploy', 'esp32', '--project', path.join(ROOT, 'examples/mod'));
  t.is(mod.code, 2);
  t.regex(mod.output, /examples\/mod is a mod, not a firmware/);
  t.deepEqual(calls(), []);
});

test("settings of a project's app are keys of its own, and their values are checked", async (t) => {
  const { env, calls } = createSdk();
  const project = mkdtempSync(path.join(tmpdir(), 'fractus-project-'));
  writeFileSync(path.join(project, 'manifest.json'), '{}');
  const main = `import { start } from 'fractus/board';
import { withSettings } from 'fractus/settings';
const app = withSettings({ acme_delay: { kind: 'integer', least: 1, most: 600, value: 30, meaning: '' } }, () => {});
export default () => start(app);`;
  writeFileSync(path.join(project, 'main.ts'), main);
  const deploy = (pair: string) => fractus(t, env, 'deploy', 'esp32/nodemcu', '--project', project, pair);
  const [wrong, unknown, right] = await Promise.all(['acme_delay=0', 'acme_dely=5', 'acme_delay=5'].map(deploy));
  t.is(wrong?.code, 2);
  t.regex(wrong?.output ?? '', /acme_delay: "0" is not allowed; allowed: a whole number from 1 to 600/);
  t.is(unknown?.code, 2);
  t.regex(unknown?.output ?? '', /there is no key acme_dely/);
  t.is(right?.code, 0, right?.output);
  t.regex(calls()[0] ?? '', / acme_delay=5 /);
});

test('build makes a project ready for mcconfig, and says what is wrong with one that is none', async (t) => {
  const project = mkdtempSync(path.join(tmpdir(), 'fractus-project-'));
  for (const named of [[project], ['--manifest', project]]) {
    const none = await fractus(t, {}, 'build', ...named);
    t.is(none.code, 1);
    t.is(none.output, `fractus build: there is no main.ts in ${project}\n`);
  }
  for (const [args, trouble] of [
    [['build', project, '--manifest', project], 'fractus build: more than one directory; allowed: one'],
    [['build', '--all', project], 'fractus build: --all: not allowed with a directory or with --board'],
    [
      ['build', '--board', 'foo'],
      'fractus build: --board: "foo" is not allowed; allowed: esp32/…, for example esp32/nodemcu',
    ],
    [['build', project, '--sign', 'release.key'], 'fractus build: --sign: allowed only with --board or --virtual'],
    [['build', '--bord', 'esp32/nodemcu'], "fractus build: Unknown option '--bord'; did you mean --board?"],
    [['check', '--all'], "fractus check: Unknown option '--all'"],
    [['check', project, project], 'fractus check: more than one directory; allowed: one'],
    [['deploy'], 'fractus deploy: BOARD: missing; allowed: esp32/…, for example esp32/nodemcu'],
  ] as const) {
    const bad = await fractus(t, {}, ...args);
    t.deepEqual([bad.code, bad.output.split('\n')[0]], [2, trouble]);
  }
  writeFileSync(path.join(project, 'main.js'), 'export default () => {};');
  t.is(
    (await fractus(t, {}, 'build', project)).output,
    `fractus build: there is no main.ts in ${project}; rename main.js to main.ts: JavaScript is allowed in it\n`,
  );
  writeFileSync(path.join(project, 'manifest.json'), '{ "config": { }');
  for (const command of [
    ['build', project],
    ['deploy', 'esp32/nodemcu', '--project', project],
  ]) {
    const torn = await fractus(t, createSdk().env, ...command);
    t.regex(torn.output, /manifest\.json is not JSON: /);
    t.true(torn.code > 0);
  }
  writeFileSync(path.join(project, 'manifest.json'), '{}');
  writeFileSync(path.join(project, 'part.ts'), 'export const pin: number = 26;\n');
  const main =
    "import { start } from 'fractus/board';\nimport { digitalOutput } from 'fractus/pins';\nimport { pin } from './part.ts';\n";
  writeFileSync(
    path.join(project, 'main.ts'),
    `${main}export default () => start(() => {}, { actuators: { relay: digitalOutput({ pin }) } });\n`,
  );
  const good = await fractus(t, {}, 'build', project);
  t.is(good.code, 0, good.output);
  const code = readFileSync(path.join(project, 'build/main.js'), 'utf8');
  t.regex(code, /from "moddable:fractus\/board"/);
  t.regex(code, /\{ pin: 26 \}/);
  t.is((await fractus(t, {}, 'build', project, project)).code, 2);
});
