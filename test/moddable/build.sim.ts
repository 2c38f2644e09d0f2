// SPDX-License-Identifier: Apache-2.0
/** `fractus build --board` as a user runs it, with the SDK and without ESP-IDF. */

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { DeviceProcess, FRACTUS } from '../support/device-process.ts';
import { directory } from './bench.ts';

/** As in all tables of ours. */
const SLOT = 1_966_080;

async function build(t: ExecutionContext, ...args: string[]) {
  const command = new DeviceProcess(t, { command: FRACTUS, args: ['build', ...args], env: { IDF_PATH: '' } });
  return { code: await command.exit(), output: command.output };
}

function writeProject(name: string, include: string, main: string): string {
  const project = directory(name);
  const manifest = {
    include: [include],
    creation: { main: 'main' },
    modules: { main: './build/main' },
    preload: ['main'],
  };
  writeFileSync(path.join(project, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(path.join(project, main), 'export default () => {};\n');
  return project;
}

test.serial('an estimate: what the image consists of, and what is free', async (t) => {
  const project = writeProject('built', './build/fractus/manifest.json', 'main.ts');
  const { code, output } = await build(t, project, '--board', 'esp32/esp32c3');
  t.is(code, 0, output);
  t.regex(output, /^an estimate, because IDF_PATH is not set; `npx xs-dev setup --device esp32` installs/m);
  const rows = output.matchAll(/^(\S.*?) +([\d,]+) +(\d+\.\d) %$/gm);
  const bytes = new Map([...rows].map(([, part = '', digits = '']) => [part, Number(digits.replaceAll(',', ''))]));
  const [image = 0, free = 0] = [bytes.get('image'), bytes.get('free')];
  t.is(image + free, SLOT, output);
  const parts = ['JavaScript', 'certificates and other files', 'engine, SDK and ESP-IDF, as on an ESP32-C3'];
  t.is(
    parts.reduce((sum, part) => sum + (bytes.get(part) ?? Number.NaN), 0),
    image,
    output,
  );

  t.notRegex(output, /firmware file for uploads/, 'there is no image');
});

test.serial('what is no firmware, and a board that is none, are named', async (t) => {
  const mod = writeProject('built-mod', '$(MODDABLE)/examples/manifest_mod.json', 'mod.ts');
  const refused = await build(t, mod, '--board', 'esp32/esp32c3');
  t.is(refused.code, 1);
  t.regex(refused.output, /is a mod, not a firmware$/m);
  const firmware = writeProject('built', './build/fractus/manifest.json', 'main.ts');
  const unknown = await build(t, firmware, '--board', 'esp32/esp32c33');
  t.is(unknown.code, 1);
  t.regex(unknown.output, /there is no esp32\/esp32c33 in the Moddable SDK; .*did you mean esp32\/esp32c3\?$/m);
});
