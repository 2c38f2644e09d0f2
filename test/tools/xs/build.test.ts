import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { buildXsHost } from '../../../tools/xs/build.ts';

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
  t.is(lines.length, 1);
  t.deepEqual(await buildXsHost({ report: (line) => lines.push(line) }), build);
  t.is(lines.length, 1);
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

test.serial('what the compiler complains about is the error', async (t) => {
  useCompiler(t, '-c) echo "xsAll.c: what is this?" >&2; exit 1;;');
  await t.throwsAsync(buildXsHost(), { message: /cannot build XS:\nxsAll\.c: what is this\?$/ });
});
