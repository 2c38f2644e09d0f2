// SPDX-License-Identifier: Apache-2.0

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { buildBundle } from '../../tools/build.ts';
import { createSources } from './sources.ts';

test.serial('one script with `main` in the global `bundle`; private fields stay as they are', async (t) => {
  const { write: _, ...options } = createSources(t);
  const bundle = await buildBundle(options);
  const code = readFileSync(bundle.path, 'utf8');
  t.is(new Function(`${code}; return bundle.main();`)(), 42);
  t.regex(code, /#\w+=41\b/);
  t.is(bundle.sizeBytes, Buffer.byteLength(code));
  const plain = await buildBundle({ ...options, minify: false });
  t.true(plain.sizeBytes > bundle.sizeBytes);
});

test.serial('is built again only when a source or an option has changed', async (t) => {
  const { write, ...options } = createSources(t);
  const first = await buildBundle(options);
  const record = `${first.path}.json`;
  const kept = JSON.parse(readFileSync(record, 'utf8'));
  // What is made again has another time.
  const date = () => writeFileSync(record, JSON.stringify({ ...kept, value: { ...kept.value, buildTimeMs: 7 } }));
  date();
  t.is((await buildBundle(options)).firmware.buildTimeMs, 7);
  write('lib/part.ts', 'export class Part { next(): number { return 7; } }\n');
  const second = await buildBundle(options);
  t.true(second.firmware.buildTimeMs >= first.firmware.buildTimeMs);
  date();
  t.not((await buildBundle({ ...options, minify: false })).firmware.buildTimeMs, 7);
});

test.serial('a script that another process has written since is built again', async (t) => {
  const { write: _, ...options } = createSources(t);
  const first = await buildBundle(options);
  const code = readFileSync(first.path, 'utf8');
  for (const spoil of [() => writeFileSync(first.path, '// of older sources'), () => rmSync(first.path)]) {
    spoil();
    await buildBundle(options);
    t.is(readFileSync(first.path, 'utf8'), code);
  }
});

test.serial('SOURCE_DATE_EPOCH is the build time', async (t) => {
  const { write: _, ...options } = createSources(t);
  process.env['SOURCE_DATE_EPOCH'] = '1700000000';
  t.teardown(() => {
    delete process.env['SOURCE_DATE_EPOCH'];
  });
  const { firmware } = await buildBundle(options);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  t.deepEqual(firmware, { name: 'fractus', version, buildTimeMs: 1_700_000_000_000 });
  process.env['SOURCE_DATE_EPOCH'] = 'yesterday';
  await t.throwsAsync(buildBundle(options), { message: 'SOURCE_DATE_EPOCH is "yesterday", not a number of seconds' });
});

test.serial('a mistake in a source is the error of esbuild', async (t) => {
  const { write, ...options } = createSources(t);
  write('lib/part.ts', 'export class {');
  await t.throwsAsync(buildBundle(options), { message: /part\.ts/ });
});

test.serial('no name of a number and no documentation reaches the device', async (t) => {
  const { outfile } = createSources(t);
  const { path: file } = await buildBundle({ entry: 'hal/xs/main.ts', outfile });
  const code = readFileSync(file, 'utf8');
  t.false(/guide step|Between two batches/.test(code));
  t.false(/\.(NotFound|SkipTrailer|RemoveOrphan)\b/.test(code));
  t.true(code.includes('look up the external id'), 'names of states are for the log');
});
