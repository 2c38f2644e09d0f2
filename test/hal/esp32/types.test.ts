// SPDX-License-Identifier: Apache-2.0
/** What `npm run check` lets pass in `src` and in `hal/esp32`: what XS has, and nothing of another runtime. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Of Node, of browsers, and what the manifest strips. */
const foreign = [
  'Atomics',
  'Buffer',
  'FinalizationRegistry',
  'Proxy',
  'SharedArrayBuffer',
  'TextDecoder',
  'TextEncoder',
  'WeakRef',
  'clearTimeout',
  'console',
  'crypto',
  'document',
  'fetch',
  'global',
  'navigator',
  'performance',
  'process',
  'queueMicrotask',
  'require',
  'setInterval',
  'setTimeout',
  'structuredClone',
];
/** Of XS, by the ambient types of the HAL. */
const board = ['System', 'device', 'trace', 'ArrayBuffer.fromString'];

/** The names among those given that nobody has declared for the project. */
function unknown(project: string, names: readonly string[], libraries: readonly string[]): string[] {
  mkdirSync(path.join(root, 'build'), { recursive: true });
  const directory = mkdtempSync(path.join(root, 'build', 'types-'));
  try {
    const lines = names.map((name) => `void ${name};`);
    writeFileSync(path.join(directory, 'names.ts'), `${lines.join('\n')}\nexport {};\n`);
    const configuration = { extends: path.join(root, project, 'tsconfig.json'), include: ['names.ts', ...libraries] };
    writeFileSync(path.join(directory, 'tsconfig.json'), JSON.stringify(configuration));
    const found = new Set<number>();
    for (const match of compile(directory).matchAll(/names\.ts\((\d+),\d+\): error TS/g)) found.add(Number(match[1]));
    return names.filter((_name, index) => found.has(index + 1));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function compile(directory: string): string {
  const compiler = path.join(root, 'node_modules', '.bin', 'tsc');
  try {
    return execFileSync(compiler, ['--noEmit', '--pretty', 'false', '-p', directory], { encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

test('src knows no runtime at all', (t) => {
  const names = [...foreign, ...board];
  t.deepEqual(unknown('src', names, []), names);
});

test('hal/esp32 knows XS, and no other runtime', (t) => {
  const library = [path.join(root, 'hal/esp32/moddable.d.ts')];
  t.deepEqual(unknown('hal/esp32', [...foreign, ...board], library), foreign);
});

test('what Node has is there for the tests, so that they can tell', (t) => {
  t.deepEqual(unknown('.', ['Buffer', 'process', 'setTimeout', 'nothing'], []), ['nothing']);
});
