// SPDX-License-Identifier: Apache-2.0

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, fstatSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Flash } from '../../../hal/node/flash.ts';
import { DirectoryBusyError, lockDirectory } from '../../../hal/node/lock.ts';
import { testWith } from '../../support/needs.ts';

const root = mkdtempSync(join(tmpdir(), 'fractus-flash-'));
test.after.always(() => rmSync(root, { recursive: true }));

test('a board keeps its MAC and counts its starts', (t) => {
  const dataDir = join(root, 'board');
  const first = new Flash({ dataDir });
  t.regex(first.mac, /^[0-9a-f][26ae][0-9a-f]{10}$/, 'a locally administered unicast MAC');
  t.deepEqual([first.countBoot(), first.countBoot()], [1, 2]);
  first.close();
  const second = new Flash({ dataDir });
  t.is(second.mac, first.mac);
  t.is(second.countBoot(), 3);
  second.close();
  t.not(new Flash().mac, first.mac);
});

test('a given MAC is taken, a wrong one refused', (t) => {
  t.is(new Flash({ mac: '24a160000001' }).mac, '24a160000001');
  for (const mac of ['', '24A160000001', '24:a1:60:00:00:01', '24a16000000']) {
    t.throws(() => new Flash({ mac }), { instanceOf: RangeError });
  }
});

test('a damaged board file gives what is left of it and is reported', (t) => {
  const dataDir = join(root, 'damaged');
  const first = new Flash({ dataDir });
  first.countBoot();
  first.close();
  const path = join(dataDir, 'board.json');
  const whole = readFileSync(path, 'utf8');
  const reports: string[] = [];
  const report = (line: string) => reports.push(line);

  writeFileSync(path, whole.slice(0, whole.indexOf('bootCount')));
  const second = new Flash({ dataDir, report });
  t.is(second.mac, first.mac);
  t.is(second.countBoot(), 1);
  second.close();
  t.deepEqual(reports, []);

  writeFileSync(path, 'nothing of ours');
  const third = new Flash({ dataDir, report });
  t.not(third.mac, first.mac);
  t.is(reports.length, 1);
  t.regex(reports[0] ?? '', /board\.json is damaged/);
  third.close();
});

test('a directory belongs to one device at a time', (t) => {
  const dataDir = join(root, 'locked');
  const first = new Flash({ dataDir });
  const error = t.throws(() => new Flash({ dataDir }), { instanceOf: DirectoryBusyError });
  t.true(error?.message.includes(dataDir));
  const script = `
    import { lockDirectory } from ${JSON.stringify(join(process.cwd(), 'hal/node/lock.ts'))};
    try { lockDirectory(process.argv[1]); process.exit(0); } catch (error) { console.log(error.name); process.exit(3); }`;
  const lockElsewhere = () =>
    spawnSync(process.execPath, ['--import=tsx', '--input-type=module', '-e', script, dataDir], { encoding: 'utf8' });
  const refused = lockElsewhere();
  t.deepEqual([refused.status, refused.stdout.trim()], [3, 'DirectoryBusyError']);
  first.close();
  t.is(lockElsewhere().status, 0);
  // The file that the other process has left behind means nothing.
  const lock = lockDirectory(dataDir);
  lock.release();
  lock.release();
});

test('a directory that cannot be used is an error', (t) => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  t.throws(() => new Flash({ dataDir: file }), { message: /^the directory .*file cannot be made: EEXIST/ });
  t.throws(() => new Flash({ dataDir: join(file, 'below') }), { message: /^the directory .* cannot be made: / });
  const blocked = join(root, 'blocked');
  new Flash({ dataDir: blocked }).close();
  rmSync(join(blocked, 'store'), { recursive: true });
  writeFileSync(join(blocked, 'store'), '');
  t.throws(() => new Flash({ dataDir: blocked }), { message: /store cannot be made: EEXIST/ });
  // The failed attempt has not kept the lock.
  rmSync(join(blocked, 'store'));
  t.notThrows(() => new Flash({ dataDir: blocked }).close());
});

test('a directory is free at once, though another process still has the open file', (t) => {
  const dataDir = join(root, 'inherited');
  const lock = lockDirectory(dataDir);
  const child = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', descriptorOf(join(dataDir, 'lock'))] });
  t.teardown(() => child.kill());
  lock.release();
  t.notThrows(() => lockDirectory(dataDir).release());
});

/** The one by which this process has it open. */
function descriptorOf(file: string): number {
  const { dev, ino } = statSync(file);
  const isIts = (descriptor: number) => {
    try {
      const stat = fstatSync(descriptor);
      return stat.dev === dev && stat.ino === ino;
    } catch {
      return false;
    }
  };
  const found = Array.from({ length: 1024 }, (_, descriptor) => descriptor).find(isIts);
  if (found === undefined) throw new Error(`${file} is not open`);
  return found;
}

const testWithProc = testWith(existsSync('/proc/self') ? undefined : 'there is no /proc');

// Node's own mkdir with `recursive` never comes back from there.
testWithProc('a place where there can be no directory is an error, too', (t) => {
  t.throws(() => new Flash({ dataDir: '/proc/fractus/deep' }), {
    message: /^the directory \/proc\/fractus\/deep cannot be made: ENOENT/,
  });
});
