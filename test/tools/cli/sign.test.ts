// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { firmwareFile } from '../../../tools/moddable/firmware/firmware-file.ts';
import { DeviceProcess, FRACTUS } from '../../support/device-process.ts';

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

test('files that are missing, folders, or there already are said in words', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-sign-'));
  const [key, none] = [path.join(folder, 'release.key'), path.join(folder, 'none')];
  writeFileSync(key, '');
  for (const [args, reason] of [
    [['--new-key', key], `${key}: it exists already, and is not overwritten`],
    [['--new-key', path.join(none, 'a.key')], `${none}/a.key: there is no such file or folder`],
    [['--key', none, key], `${none}: there is no such file or folder`],
    [['--public', folder], `${folder}: a folder; allowed: a file`],
    [['--check', 'B', folder], `${folder}: a folder; allowed: a file`],
  ] as const) {
    t.deepEqual(await sign(t, ...args), { code: 1, output: `fractus sign: ${reason}` });
  }
});

test('a key that cannot be written whole leaves no file behind', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-sign-'));
  const key = path.join(folder, 'release.key');
  // A limit of the size of files is what comes closest to a full disk.
  const limited = ['-c', 'trap "" XFSZ; ulimit -f 0; exec "$@" 2>&1 | cat', 'sh', process.execPath, ...FRACTUS, 'sign'];
  const child = spawnSync('sh', [...limited, '--new-key', key], { encoding: 'utf8' });
  t.regex(child.stdout, /release\.key: /);
  t.false(existsSync(key));
  t.is((await sign(t, '--new-key', key)).code, 0);
});
