// SPDX-License-Identifier: Apache-2.0

import { closeSync, mkdtempSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { DeviceProcess, FRACTUS_OF_USERS } from '../../support/device-process.ts';

const [CLI = ''] = FRACTUS_OF_USERS;

/** The command line on a Node that says it has that version. */
function on(version: string): string[] {
  const code = `Object.defineProperty(process, 'version', { value: '${version}' })`;
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`, CLI];
}

test('an old Node gets the needed version, and a new one continues', async (t) => {
  for (const version of ['v18.20.3', 'v20.18.3']) {
    const old = new DeviceProcess(t, { command: on(version), args: ['help'] });
    t.is(await old.exit(), 1);
    t.is(old.output, `fractus: this is Node ${version}; 20.19 or newer is needed (https://nodejs.org)\n`);
  }
  for (const version of ['v20.19.0']) {
    const good = new DeviceProcess(t, { command: on(version), args: ['help'] });
    t.is(await good.exit(), 0, good.output);
    t.regex(good.output, /^usage: fractus <command>/);
  }
});

test('npx can run it as it is checked out', (t) => {
  t.is(statSync(CLI).mode & 0o111, 0o111);
});

test('its version is told', async (t) => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const told = new DeviceProcess(t, { command: [CLI], args: ['--version'] });
  t.is(await told.exit(), 0);
  t.is(told.output, `${version}\n`);
});

test('a project that cannot be made is told in one line', async (t) => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'fractus-create-')), 'file');
  writeFileSync(file, '');
  const refused = new DeviceProcess(t, { command: [CLI], args: ['create', path.join(file, 'x')] });
  t.is(await refused.exit(), 1);
  t.regex(refused.output, /^fractus create: \S+ cannot be made: E\w+: [^\n]+\n$/);
});

test('an unknown command is named, with the known commands', async (t) => {
  const none = new DeviceProcess(t, { command: [CLI], args: ['fry'] });
  t.is(await none.exit(), 2);
  t.regex(none.output, /there is no command "fry"\n\nusage: fractus <command>/);
  const slip = new DeviceProcess(t, { command: [CLI], args: ['strat'] });
  t.is(await slip.exit(), 2);
  t.regex(slip.output, /there is no command "strat"; did you mean start\?\n\nusage: fractus <command>/);
});

test('an output that cannot be written is no success', async (t) => {
  const full = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(full));
  for (const args of [['completion', 'bash'], ['--version'], ['help']]) {
    const told = new DeviceProcess(t, { command: [CLI], args, stdout: full });
    t.is(await told.exit(), 1, args.join(' '));
    t.is(told.output, 'fractus: the output: the disk is full\n');
  }
});

test('after an error and an empty line comes the usage', async (t) => {
  const refused = async (...args: string[]) => {
    const child = new DeviceProcess(t, { command: [CLI], args });
    t.is(await child.exit(), 2, args.join(' '));
    return child.output;
  };
  for (const name of ['start', 'device', 'platform', 'deploy', 'flash', 'image', 'monitor', 'connect']) {
    const output = await refused(name, '--nix');
    t.regex(output, new RegExp(`^fractus ${name}: Unknown option '--nix'[^\\n]*\\n\\nusage: fractus ${name} `));
  }
  const shell = await refused('completion', 'tcsh');
  t.regex(shell, /^fractus completion: the shell: "tcsh" is not allowed; allowed: bash, zsh, fish\n\nusage: /);
  t.regex(await refused('completion'), /^fractus completion: the shell: missing; allowed: bash, zsh, fish\n\nusage: /);
});
