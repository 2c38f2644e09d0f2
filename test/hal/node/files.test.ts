// SPDX-License-Identifier: Apache-2.0

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { build } from 'esbuild';
import { FileBacking } from '../../../hal/node/files.ts';
import { Flash } from '../../../hal/node/flash.ts';
import { content, countOf } from './content.ts';

const KILLS = 40;

const root = mkdtempSync(join(tmpdir(), 'fractus-files-'));
test.after.always(() => rmSync(root, { recursive: true }));

/** A directory with three values, and the reports that come when it is opened again. */
function createStore(name: string) {
  const directory = join(root, name);
  const first = new FileBacking(directory, () => {});
  for (const [index, key] of ['one', 'Two', 'three'].entries()) first.write(key, content(index));
  const reports: string[] = [];
  const files = new FileBacking(directory, (line) => reports.push(line));
  return { directory, files, reports };
}

test('a value survives kill -9 at any moment: what is found is the old one or the new one', async (t) => {
  const script = join(root, 'writer.mjs');
  const entryPoints = [resolve('test/hal/node/writer.ts')];
  await build({ entryPoints, outfile: script, bundle: true, platform: 'node', format: 'esm', packages: 'external' });
  // Packages are found from where the script lies.
  mkdirSync(resolve('build'), { recursive: true });
  const runnable = resolve('build', `writer-${process.pid}.mjs`);
  writeFileSync(runnable, readFileSync(script));
  t.teardown(() => rmSync(runnable));

  const dataDir = join(root, 'killed');
  let kept = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const told = await runAndKill(runnable, dataDir, kept + 1, Math.random() * 25);
    // The lock is gone with the process: this would throw.
    const reports: string[] = [];
    const flash = new Flash({ dataDir, report: (line) => reports.push(line) });
    const value = flash.store.get('value');
    const found = countOf(value);
    t.true(found === told || found === told + 1, `kill ${kill}: ${found} after ${told}`);
    t.deepEqual(value, content(found));
    const other = flash.store.get('other');
    if (other) t.deepEqual(other, content(countOf(other)));
    t.deepEqual(reports, []);
    t.deepEqual(
      readdirSync(join(dataDir, 'store')).filter((file) => !file.endsWith('.value')),
      [],
      'something was left behind',
    );
    flash.close();
    kept = found;
  }
  t.true(kept > KILLS, 'hardly anything was stored');
});

/** Returns the last value that the writer said was kept. */
async function runAndKill(script: string, dataDir: string, from: number, afterMs: number): Promise<number> {
  const writer = spawn(process.execPath, [script, dataDir, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(writer, 'exit');
  let output = '';
  writer.stdout.on('data', (text) => {
    if (output === '') setTimeout(() => writer.kill('SIGKILL'), afterMs);
    output += text;
  });
  const closed = once(writer.stdout, 'close');
  const [, signal] = await exited;
  await closed;
  if (signal !== 'SIGKILL') throw new Error('the writer ended by itself');
  const lines = output.split('\n').slice(0, -1);
  return Number(lines.at(-1));
}

test('damaged values cost themselves only, and are reported', (t) => {
  const { directory, files, reports } = createStore('damaged');
  const path = join(directory, 'one.value');
  const whole = readFileSync(path);
  const damages = [
    whole.subarray(0, whole.length - 1),
    whole.subarray(0, 5),
    Buffer.alloc(0),
    Buffer.alloc(5000),
    Buffer.from(whole).fill(whole.subarray(0, 1), 9, 10),
    Buffer.concat([whole, whole.subarray(0, 1)]),
  ];
  for (const [index, damage] of damages.entries()) {
    writeFileSync(path, damage);
    t.deepEqual([...files.load().keys()].sort(), ['Two', 'three'], `damage ${index}`);
    t.is(reports.length, index + 1);
    t.regex(reports[index] ?? '', /value one .*(damaged|5000 bytes)/);
  }
  t.true(files.write('one', content(7)));
  t.deepEqual(files.load().get('one'), content(7));
});

test('foreign files are left alone and reported; half-written ones are tidied away', (t) => {
  const { directory, files, reports } = createStore('foreign');
  const foreign = ['notes.txt', 'sixteen-letters-.value', '.value', 'UPPER.value', 'a b.value', '+.value'];
  for (const name of foreign) writeFileSync(join(directory, name), 'not ours');
  mkdirSync(join(directory, 'folder.value'));
  writeFileSync(join(directory, 'one.value.tmp'), 'half');
  t.deepEqual([...files.load().keys()].sort(), ['Two', 'one', 'three']);
  t.is(reports.length, foreign.length + 1);
  for (const name of [...foreign, 'folder.value'])
    t.true(
      reports.some((line) => line.includes(name)),
      name,
    );
  t.deepEqual(
    readdirSync(directory).filter((file) => file.endsWith('.tmp')),
    [],
  );
  t.true(foreign.every((name) => readFileSync(join(directory, name), 'utf8') === 'not ours'));
});

test('a flash that refuses says so and keeps the old value', (t) => {
  const { directory, files, reports } = createStore('refusing');
  // A directory in the place of the temporary file: nothing can be written there.
  mkdirSync(join(directory, 'one.value.tmp', 'x'), { recursive: true });
  t.false(files.write('one', content(9)));
  t.is(reports.length, 1);
  t.regex(reports[0] ?? '', /cannot keep one/);
  t.deepEqual(files.load().get('one'), content(0));
});

test('values are for their owner only: they hold credentials', (t) => {
  const { directory } = createStore('private');
  t.is(statSync(directory).mode & 0o077, 0);
  for (const file of readdirSync(directory)) t.is(statSync(join(directory, file)).mode & 0o077, 0, file);
});
