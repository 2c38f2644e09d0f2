// SPDX-License-Identifier: Apache-2.0

import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { lockDirectory } from '../../../hal/node/lock.ts';
import { buildXsHost } from '../../../tools/xs/build.ts';
import { until, within } from '../../support/until.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'fractus-cc-'));
test.after.always(() => rmSync(directory, { recursive: true }));

/** A compiler that does as `body` says, and else makes the file that is asked for. */
function useCompiler(t: ExecutionContext, body: string): void {
  const file = path.join(directory, `cc-${body.length}`);
  const script = `#!/bin/sh
for arg; do
  case "$arg" in
    --version) echo "a compiler for ${directory}"; exit 0;;
    ${body}
  esac
  [ "$last" = -o ] && target="$arg"
  last="$arg"
done
echo made > "$target"
`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  setCompiler(t, `${file} -some -flags`);
}

function setCompiler(t: ExecutionContext, command: string): void {
  const former = process.env['CC'];
  process.env['CC'] = command;
  t.teardown(() => {
    if (former === undefined) delete process.env['CC'];
    else process.env['CC'] = former;
  });
}

test.serial('without a compiler there is no XS, and it says why', async (t) => {
  setCompiler(t, path.join(directory, 'nothing'));
  const build = await buildXsHost();
  t.deepEqual(build, {
    available: false,
    reason: 'no C compiler found (tried $CC, cc, gcc, clang): XS cannot be built',
  });
});

test.serial('32 bits where the compiler can, and nothing to do the second time', async (t) => {
  useCompiler(t, '');
  const lines: string[] = [];
  const build = await buildXsHost({ report: (line) => lines.push(line) });
  t.true(build.available);
  if (!build.available) return;
  t.teardown(() => rmSync(build.path));
  t.is(build.wordBits, 32);
  t.true(existsSync(build.path));
  t.deepEqual(await buildXsHost({ report: (line) => lines.push(line) }), build);
  // Another test may build meanwhile, and is waited for.
  t.is(lines.filter((line) => line.startsWith('Building')).length, 1);
  const other = await buildXsHost({ flags: ['-DmxStress=1'] });
  t.true(other.available && other.path !== build.path);
  if (other.available) rmSync(other.path);
});

test.serial('64 bits where it cannot, and it says so', async (t) => {
  useCompiler(t, '-m32) exit 1;;');
  const lines: string[] = [];
  const build = await buildXsHost({ report: (line) => lines.push(line) });
  t.true(build.available);
  if (!build.available) return;
  t.teardown(() => rmSync(build.path));
  t.is(build.wordBits, 64);
  t.regex(lines[0] ?? '', /has no 32-bit libraries \(Debian: gcc-multilib\): XS becomes a 64-bit program$/);
  const narrow = await buildXsHost({ wordBits: 32 });
  t.regex(narrow.available ? '' : narrow.reason, /has no 32-bit libraries/);
});

test.serial('one builds at a time: the others wait, say so, and go on when it has ended however', async (t) => {
  useCompiler(t, '-waits) exit 1;;');
  const lock = lockDirectory(path.resolve('build/xs'));
  t.teardown(() => lock.release());
  const lines: string[] = [];
  const building = buildXsHost({ report: (line) => lines.push(line) });
  await until(() => lines.length >= 2, 'it does not say that it waits');
  t.regex(lines[0] ?? '', /^Building XS/);
  t.is(lines[1], 'Waiting for another process that builds XS …');
  lock.release();
  const build = await within(building, 'XS is not built', 120_000);
  t.true(build.available);
  if (build.available) rmSync(build.path);
});

test.serial('what a build has left behind that was ended does no harm', async (t) => {
  useCompiler(t, '-left-behind) exit 1;;');
  const first = await buildXsHost();
  t.true(first.available);
  if (!first.available) return;
  rmSync(first.path);
  // As if killed: a folder of the process with the lowest id there can be, which lives.
  mkdirSync(`${first.path}.1`);
  mkdirSync(`${first.path}.building`);
  t.teardown(() => rmSync(`${first.path}.1`, { recursive: true }));
  const again = await buildXsHost();
  t.deepEqual(again, first);
  t.false(existsSync(`${first.path}.building`));
  rmSync(first.path);
});

test.serial('what the compiler complains about is the error', async (t) => {
  useCompiler(t, '-c) echo "xsAll.c: what is this?" >&2; exit 1;;');
  await t.throwsAsync(buildXsHost(), { message: /cannot build XS:\nxsAll\.c: what is this\?$/ });
});
