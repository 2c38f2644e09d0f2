// SPDX-License-Identifier: Apache-2.0

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { freshen } from '../../../tools/moddable/freshness.ts';

/** An output as mcconfig and make leave it, with two modules, one object, the engine, and what is put together of them. */
async function create(t: ExecutionContext) {
  const root = await mkdtemp(path.join(tmpdir(), 'fractus-freshness-'));
  t.teardown(() => rm(root, { recursive: true }));
  const output = path.join(root, 'output');
  const made = path.join(output, 'tmp', 'lin');
  await mkdir(path.join(made, 'modules'), { recursive: true });
  await mkdir(path.join(root, 'xs'));
  const write = async (name: string, content = '', dateMs = 0) => {
    await writeFile(path.join(root, name), content);
    await utimes(path.join(root, name), dateMs / 1000, dateMs / 1000);
  };
  const writeMakefile = (module: string, list = '') =>
    write(
      'output/tmp/lin/makefile',
      `XS_DIR = ${root}/xs
LIB_DIR = ${made}/lib
MODULES_DIR = ${made}/modules
TMP_DIR = ${made}
HEADERS =\\
\t${root}/timer.h\\

PRELOADS = ${list}
$(TMP_DIR)/mc.xs.c: $(MODULES)
\txsl $(MODULES)
$(MODULES_DIR)/one.xsb: ${root}/one.js
\txsc ${root}/one.js
$(MODULES_DIR)/two.xsb: ${module}
\txsc ${module}
$(XS_DIR)/xs.c: ${root}/one.js
\tcp ${root}/one.js $(XS_DIR)/xs.c
$(TMP_DIR)/timer.c.o: ${root}/timer.c $(HEADERS) | $(TMP_DIR)/mc.xs.c
\tcc ${root}/timer.c
`,
    );
  const make = async () => {
    await mkdir(path.join(made, 'lib'), { recursive: true });
    for (const name of ['lib/xs.o', 'modules/one.xsb', 'modules/two.xsb', 'timer.c.o', 'mc.xs.c']) {
      await writeFile(path.join(made, name), '');
    }
  };
  /** What is left of what was made. */
  const left = async () =>
    (await readdir(made, { recursive: true })).filter((name) => /\.(o|xsb|xs\.c)$/.test(name)).sort();
  for (const name of ['one.js', 'two.js', 'older.js', 'timer.c', 'timer.h', 'xs/xs.c']) await write(name, name);
  await writeMakefile(path.join(root, 'two.js'));
  await make();
  return { root, output, write, writeMakefile, make, left };
}

const ALL = ['lib/xs.o', 'mc.xs.c', 'modules/one.xsb', 'modules/two.xsb', 'timer.c.o'];

test('what nobody knows anything of is made anew; what was made to the end is not, whatever its date', async (t) => {
  const { output, make, left, write } = await create(t);
  const made = await freshen(output);
  t.deepEqual(await left(), []);
  await make();
  await made();
  await write('one.js', 'one.js', Date.now() + 1e6);
  await (await freshen(output))();
  t.deepEqual(await left(), ALL);
});

for (const [what, act, gone] of [
  ['a module with another content and an old date', (w) => w.write('one.js', 'other'), ['mc.xs.c', 'modules/one.xsb']],
  [
    'a module that is replaced by an older one',
    (w) => w.writeMakefile(path.join(w.root, 'older.js')),
    ['mc.xs.c', 'modules/two.xsb'],
  ],
  ['what is put together in another way', (w) => w.writeMakefile(path.join(w.root, 'two.js'), '-p one'), ['mc.xs.c']],
  ['a header', (w) => w.write('timer.h', 'other'), ['mc.xs.c', 'timer.c.o']],
  ['a source in C', (w) => w.write('timer.c', 'other'), ['mc.xs.c', 'timer.c.o']],
  ['the engine', (w) => w.write('xs/xs.c', 'other'), ['lib/xs.o', 'mc.xs.c']],
] as readonly (readonly [string, (world: Awaited<ReturnType<typeof create>>) => Promise<void>, string[]])[]) {
  test(`what was made of something else is removed, and no more: ${what}`, async (t) => {
    const world = await create(t);
    const made = await freshen(world.output);
    await world.make();
    await made();
    await act(world);
    await freshen(world.output);
    t.true(existsSync(path.join(world.root, 'xs', 'xs.c')), 'nothing outside of the output is touched');
    const expected = ALL.filter((name) => !gone.includes(name));
    t.deepEqual(await world.left(), expected);
    await world.make();
    const again = await freshen(world.output);
    t.deepEqual(await world.left(), expected, 'the make before has not come to its end');
    await world.make();
    await again();
    await freshen(world.output);
    t.deepEqual(await world.left(), ALL);
  });
}
