// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { build } from 'esbuild';
import { keptOrMade, replaceFile } from '../../tools/kept.ts';
import { BUILD, ROOT } from '../../tools/places.ts';

/** Something that is made of two sources, in a folder of its own. */
function createWork(t: ExecutionContext) {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-kept-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [a, b, kept] = ['a.ts', 'b.ts', 'out/kept.json'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(a, 'one');
  writeFileSync(b, 'two');
  let made = 0;
  const make = async (settings: unknown = 'plain') => {
    const { value, inputs } = await keptOrMade(kept, settings, async () => {
      made += 1;
      return { value: { text: readFileSync(a, 'utf8') + readFileSync(b, 'utf8') }, inputs: [a, b] };
    });
    t.deepEqual(inputs, [a, b]);
    return [value.text, made];
  };
  return { a, b, kept, make };
}

test('it is made once, and again when a source or a setting has changed', async (t) => {
  const { a, b, make } = createWork(t);
  t.deepEqual(await make(), ['onetwo', 1]);
  t.deepEqual(await make(), ['onetwo', 1]);
  writeFileSync(b, 'three');
  t.deepEqual(await make(), ['onethree', 2]);
  t.deepEqual(await make(), ['onethree', 2]);
  t.deepEqual(await make('small'), ['onethree', 3]);
  t.deepEqual(await make('small'), ['onethree', 3]);
  // Not what is longest ago, but what was last.
  t.deepEqual(await make(), ['onethree', 4]);
  // Together they are the same text as before.
  writeFileSync(a, 'onet');
  writeFileSync(b, 'hree');
  t.deepEqual(await make(), ['onethree', 5]);
});

test('a damaged or foreign record counts as missing', async (t) => {
  const { kept, make } = createWork(t);
  t.deepEqual(await make(), ['onetwo', 1]);
  const whole = readFileSync(kept, 'utf8');
  for (const [i, text] of ['', whole.slice(0, -9), 'null', '[]', '{"key":1}', '7'].entries()) {
    writeFileSync(kept, text);
    t.deepEqual(await make(), ['onetwo', i + 2], text);
    t.is(readFileSync(kept, 'utf8'), whole);
  }
});

test('a source that is gone is a reason to make it again; what cannot be made is not kept', async (t) => {
  const { a, kept, make } = createWork(t);
  await make();
  rmSync(a);
  const before = readFileSync(kept, 'utf8');
  await t.throwsAsync(make(), { code: 'ENOENT' });
  t.is(readFileSync(kept, 'utf8'), before);
  writeFileSync(a, 'one');
  t.deepEqual(await make(), ['onetwo', 2]);
});

test('a file is replaced as a whole, makes its folder, and is left alone where it is the same', async (t) => {
  const { kept } = createWork(t);
  await replaceFile(kept, 'text');
  const { ino } = statSync(kept);
  await replaceFile(kept, Buffer.from('text'));
  t.is(statSync(kept).ino, ino);
  await replaceFile(kept, 'texts');
  t.is(readFileSync(kept, 'utf8'), 'texts');
  t.deepEqual(readdirSync(path.dirname(kept)), ['kept.json']);
});

test('who replaces a file at the same time does not meet: it is that of one of them, and nothing else is left', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-kept-'));
  const contents = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(1000));
  await Promise.all(contents.map((content) => replaceFile(path.join(folder, 'a'), content)));
  t.true(contents.includes(readFileSync(path.join(folder, 'a'), 'utf8')));
  t.deepEqual(readdirSync(folder), ['a']);
});

test('what is made while a source is saved is not kept, so it is made again', async (t) => {
  const { a, b, kept } = createWork(t);
  let made = 0;
  const make = async (onRead: () => void) => {
    const { value } = await keptOrMade(kept, 'plain', async () => {
      made += 1;
      const value = readFileSync(a, 'utf8') + readFileSync(b, 'utf8');
      onRead();
      return { value, inputs: [a, b] };
    });
    return [value, made];
  };
  t.deepEqual(await make(() => writeFileSync(a, 'three')), ['onetwo', 1]);
  t.deepEqual(await make(() => rmSync(b)), ['threetwo', 2]);
  writeFileSync(b, 'four');
  t.deepEqual(await make(() => {}), ['threefour', 3]);
  t.deepEqual(await make(() => {}), ['threefour', 3]);
  t.deepEqual(readdirSync(path.dirname(kept)), ['kept.json']);
});

test('a result without what belongs to it is made again', async (t) => {
  const { a, kept } = createWork(t);
  let made = 0;
  const make = (isThere: boolean) =>
    keptOrMade(
      kept,
      'plain',
      async () => ({ value: ++made, inputs: [a] }),
      async (value) => t.is(value, made) && isThere,
    );
  await make(true);
  await make(true);
  t.is(made, 1);
  await make(false);
  t.is(made, 2);
});

test('makers that are saved while older ones work make it again', async (t) => {
  // Below the dependencies of the package.
  mkdirSync(BUILD, { recursive: true });
  const root = mkdtempSync(path.join(BUILD, 'kept-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  mkdirSync(path.join(root, 'tools/lean'), { recursive: true });
  mkdirSync(path.join(root, 'tools/moddable'));
  writeFileSync(path.join(root, 'package.json'), '{"type":"module"}');
  const outfile = path.join(root, 'tools/kept.js');
  const entryPoints = [path.join(ROOT, 'tools/kept.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' });
  const maker = path.join(root, 'tools/lean/lean.ts');
  for (const name of ['build.ts', 'moddable/modules.ts', 'lean/lean.ts'])
    writeFileSync(path.join(root, 'tools', name), '');
  const load = async (which: string): Promise<typeof import('../../tools/kept.ts')> =>
    import(`${pathToFileURL(outfile)}?${which}`);
  const made: string[] = [];
  const run = async (which: string, { keptOrMade }: typeof import('../../tools/kept.ts')) =>
    keptOrMade(path.join(root, 'kept.json'), '', async () => {
      made.push(which);
      return { value: which, inputs: [] };
    });
  const older = await load('older');
  writeFileSync(maker, 'newer');
  await run('older', older);
  const newer = await load('newer');
  for (let i = 0; i < 2; i++) t.is((await run('newer', newer)).value, 'newer');
  t.deepEqual(made, ['older', 'newer']);
});
