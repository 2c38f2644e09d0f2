// SPDX-License-Identifier: Apache-2.0

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { testWith } from '../../../support/needs.ts';

/* hal/esp32/chip/console.c, compiled for this machine. */

const place = fileURLToPath(new URL('./', import.meta.url));
const source = fileURLToPath(new URL('../../../../hal/esp32/chip/console.c', import.meta.url));
const directory = mkdtempSync(path.join(tmpdir(), 'fractus-console-'));
const board = path.join(directory, 'board');
const compiler = process.env['CC']?.trim() || 'cc';
const hasCompiler = spawnSync(compiler, ['--version']).status === 0;
const check = testWith(hasCompiler ? undefined : `there is no C compiler ${compiler}`);

test.before(() => {
  const renamed = ['open', 'read', 'write'].map((name) => `-D${name}=board_${name}`);
  const args = [
    '-Wall',
    '-Wextra',
    '-Werror',
    `-I${place}`,
    ...renamed,
    source,
    path.join(place, 'board.c'),
    '-o',
    board,
  ];
  if (hasCompiler) execFileSync(compiler, args);
});

test.after.always(() => rmSync(directory, { recursive: true }));

const run = (...ports: string[]) => execFileSync(board, ports, { encoding: 'utf8' }).split('\n');

check('what is typed at either port is read, in pieces that fit', (t) => {
  t.deepEqual(run('abcdef', '').slice(0, 2), ['read 4 abcd', 'read 2 ef']);
  t.deepEqual(run('', 'abcdef').slice(0, 2), ['read 4 abcd', 'read 2 ef']);
  t.deepEqual(run('ab', 'cd').slice(0, 3), ['read 2 ab', 'read 2 cd', 'opened 1']);
});

check('without USB, or with nothing typed, nothing is read; USB is opened once', (t) => {
  t.deepEqual(run('').slice(0, 1), ['opened 1']);
  t.deepEqual(run('', '').slice(0, 1), ['opened 1']);
  t.deepEqual(run('ab').slice(0, 2), ['read 2 ab', 'opened 1']);
});

check('a line goes out as it is; a watchdog that bites says who has not turned', (t) => {
  t.deepEqual(run().slice(1), ['write a line', '\r', 'not in time:', ' - agent\r', '']);
});
