// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { firmwareFile } from '../../../tools/moddable/firmware/firmware-file.ts';
import { DeviceProcess, FRACTUS } from './device/device-process.ts';

async function sign(t: ExecutionContext, ...args: string[]) {
  const child = new DeviceProcess(t, { command: [...FRACTUS, 'sign'], args });
  return { code: await child.exit(), output: child.output.trim() };
}

test('from a new key to a firmware that a device takes', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-sign-'));
  const [key, firmware] = [path.join(folder, 'release.key'), path.join(folder, 'weather.fractus')];
  const image = Uint8Array.from({ length: 500 }, (_, at) => (at === 0 ? 0xe9 : at === 12 ? 5 : 0));
  writeFileSync(firmware, firmwareFile(image, { name: 'weather', version: '1.2.0' }));
  const made = await sign(t, '--new-key', key);
  t.is(made.code, 0, made.output);
  t.regex(made.output, /^B[\w-]{86}$/);
  t.deepEqual(await sign(t, '--public', key), made);
  t.is((await sign(t, '--new-key', key)).code, 1);
  const before = await sign(t, '--check', made.output, firmware);
  t.is(before.code, 1);
  t.regex(before.output, /the firmware is not signed/);
  const signed = await sign(t, '--key', key, firmware);
  t.is(signed.code, 0, signed.output);
  t.is((await sign(t, '--check', made.output, firmware)).code, 0);
  for (const { output } of [made, before, signed]) t.notRegex(output, /PRIVATE|MIG/);
  writeFileSync(firmware, 'no firmware');
  const refused = await sign(t, '--key', key, firmware);
  t.is(refused.code, 1);
  t.is(readFileSync(firmware, 'utf8'), 'no firmware');
});

test('bad arguments are said, with what is allowed', async (t) => {
  for (const args of [[], ['--key', 'a'], ['--key', 'a', '--check', 'b', 'c'], ['--new-key', 'a', 'b'], ['--sing']]) {
    const { code, output } = await sign(t, ...args);
    t.is(code, 2, args.join(' '));
    t.regex(output, /usage: fractus sign/);
  }
  t.is((await sign(t, '--help')).code, 0);
});
