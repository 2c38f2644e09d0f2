// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { newestSymbols } from '../../../../tools/cli/board/symbols.ts';
import { createProject, createSdk, fractus } from './deploy-scene.ts';

const C3 = { target: 'esp32c3', monitor_toolprefix: 'riscv32-esp-elf-' };
const ESP32 = { target: 'esp32', monitor_toolprefix: 'xtensa-esp32-elf-' };

/** A build of ESP-IDF, as it leaves it in the project; returns the path of the program. */
function build(project: string, board: string, atSeconds: number, description: object | string): string {
  const folder = path.join(project, 'build/firmware/tmp/esp32', board, 'release/name/xsProj-x/build');
  mkdirSync(folder, { recursive: true });
  const text = typeof description === 'string' ? description : JSON.stringify(description);
  writeFileSync(path.join(folder, 'project_description.json'), text);
  const elf = path.join(folder, 'xs_esp32.elf');
  writeFileSync(elf, '');
  utimesSync(elf, atSeconds, atSeconds);
  return elf;
}

test('monitor is the one of ESP-IDF, at the port that is given or found, with the firmware of the project', async (t) => {
  const { env, calls } = createSdk();
  const project = createProject(t);
  const args = ['monitor', '--project', project];
  const { code, output } = await fractus(t, env, ...args, '--port', '/dev/ttyACM3');
  t.is(code, 0, output);
  t.regex(output, /^no firmware was built in .*: addresses in a backtrace are not translated$/m);
  const elf = build(project, 'esp32c3', 1000, { app_elf: 'xs_esp32.elf', ...C3 });
  t.is((await fractus(t, { ...env, UPLOAD_PORT: '/dev/ttyUSB1' }, ...args)).code, 0);
  const always = (port: string) => `python3 -m esp_idf_monitor --port ${port} --baud 115200`;
  t.deepEqual(
    calls().map((line) => line.replace(/ cwd=.*/, '')),
    [
      always('/dev/ttyACM3'),
      `${always('/dev/ttyUSB1')} --target esp32c3 --toolchain-prefix riscv32-esp-elf- --decode-panic backtrace ${elf}`,
    ],
  );
});

test('backtraces are translated with what was built last, for any board', (t) => {
  const project = createProject(t);
  const output = path.join(project, 'build/firmware');
  t.is(newestSymbols(output), undefined);
  const esp32 = build(project, 'nodemcu', 1000, { app_elf: 'xs_esp32.elf', ...ESP32 });
  const c3 = build(project, 'esp32c3', 2000, { app_elf: 'xs_esp32.elf', ...C3 });
  build(project, 'damaged', 3000, '{');
  build(project, 'empty', 3000, 'null');
  build(project, 'other', 3000, { app_elf: 7, ...C3 });
  build(project, 'unnamed', 3000, { app_elf: 'xs_esp32.elf', target: 'esp32c6' });
  build(project, 'unfinished', 3000, { app_elf: 'other.elf', ...C3 });
  t.deepEqual(newestSymbols(output), { elf: c3, target: 'esp32c3', toolPrefix: 'riscv32-esp-elf-' });
  writeFileSync(path.join(output, 'tmp/file'), '');
  t.is(newestSymbols(path.join(output, 'tmp/file')), undefined, 'no folder');
  mkdirSync(path.join(project, 'odd'));
  writeFileSync(path.join(project, 'odd/tmp'), '');
  t.is(newestSymbols(path.join(project, 'odd')), undefined, 'a file in its place');
  utimesSync(esp32, 4000, 4000);
  t.deepEqual(newestSymbols(output), { elf: esp32, target: 'esp32', toolPrefix: 'xtensa-esp32-elf-' });
});
