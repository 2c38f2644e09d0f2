// SPDX-License-Identifier: Apache-2.0

import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { until, within } from '../../support/until.ts';

const CLI = fileURLToPath(new URL('../../../tools/fractus.js', import.meta.url));

test('the lives that a command has begun end with it, whatever they are at', async (t) => {
  const command = spawn(process.execPath, [CLI, 'simulate', '--suite', 'P2', '--json'], { stdio: 'ignore' });
  t.teardown(() => command.kill('SIGKILL'));
  const over = new Promise((resolve) => command.once('close', resolve));
  const lives = () => livesOf(command.pid);
  await until(() => lives().length > 0, 'no life has begun');
  const [pid] = lives();
  command.kill('SIGTERM');
  await within(over, 'the command goes on');
  await until(() => !processes().some((each) => each.pid === pid), 'the lives go on');
  t.pass();
});

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly words: string;
}

function livesOf(parent: number | undefined): number[] {
  return processes()
    .filter((each) => each.parent === parent && each.words.includes('simulate-main'))
    .map(({ pid }) => pid);
}

function processes(): Process[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 1e8 }).split('\n');
  return lines.map((line) => {
    const [, pid, parent, words = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return { pid: Number(pid), parent: Number(parent), words };
  });
}
