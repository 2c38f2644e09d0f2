// SPDX-License-Identifier: Apache-2.0

import { readFileSync, writeFileSync } from 'node:fs';
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
  writeFileSync(first.path, '// kept');
  t.deepEqual(await buildBundle(options), { ...first, sizeBytes: 7 });
  write('lib/part.ts', 'export class Part { next(): number { return 7; } }\n');
  const second = await buildBundle(options);
  t.notDeepEqual(readFileSync(first.path, 'utf8'), '// kept');
  t.true(second.firmware.buildTimeMs >= first.firmware.buildTimeMs);
  writeFileSync(first.path, '// kept');
  await buildBundle({ ...options, minify: false });
  t.not(readFileSync(first.path, 'utf8'), '// kept');
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
