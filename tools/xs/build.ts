// SPDX-License-Identifier: Apache-2.0

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DirectoryBusyError, type DirectoryLock, lockDirectory } from '../../hal/node/lock.ts';
import { BUILD, ROOT } from '../places.ts';

/** The program that runs a bundle on XS, or the reason why there is none. */
export type XsHostBuild =
  | {
      readonly available: true;
      readonly reason?: undefined;
      readonly path: string;
      /** Byte figures of an ESP32 need the 32-bit build; slots and byte codes are the same in both. */
      readonly wordBits: WordBits;
    }
  | { readonly available: false; readonly reason: string };

export type WordBits = 32 | 64;

export interface XsHostBuildOptions {
  /** Undefined: 32 if the compiler supports it, else 64. */
  wordBits?: WordBits | undefined;
  /** More compiler flags, for example `-DmxStress=1`: XS then collects at every allocation. */
  flags?: readonly string[] | undefined;
  /** Called with lines for a person about the build. */
  report?: ((line: string) => void) | undefined;
}

const HOST_DIR = path.join(ROOT, 'tools/xs/host/');
const CACHE_DIR = path.join(BUILD, 'xs/');

const FLAGS = [
  ...['-O1', '-w', '-fno-common', '-DINCLUDE_XSPLATFORM', '-DXSPLATFORM="platform.h"'],
  // The options of the SDK's ESP32 build, plus the parser. That build lacks CESU-8, minus zero and Unicode properties.
  ...['-DmxParse=1', '-DmxRun=1', '-DmxSloppy=1', '-DmxNoConsole=1', '-DmxLockdown=1', '-DmxBoundsCheck=1'],
  // Counters of allocations and byte codes.
  ...['-DmxInstrument=1', '-DmxMetering=1'],
];

/** Time limit for one file. */
const COMPILER_MS = 600_000;
const POLL_MS = 50;
/** Longest wait for another build, which takes seconds, or a minute on a busy machine. */
const LONGEST_WAIT_MS = 600_000;

const NO_COMPILER = 'no C compiler found (tried $CC, cc, gcc, clang): XS cannot be built';

/**
 * The package with the sources of XS. A clone has it; users install it by choice, because it brings eighty other
 * packages.
 */
const SOURCES = '@agoric/xsnap';
const NO_SOURCES =
  `the sources of XS are missing: XS cannot be built; ` +
  `"npm install --save-dev --ignore-scripts ${SOURCES}@0.15.0" brings them`;

/**
 * Builds the XS host from the sources of XS in `@agoric/xsnap` and our own in `host/`. Takes seconds; does nothing when
 * the result is in the cache.
 * @throws Error with the compiler's output when the sources do not compile.
 */
export async function buildXsHost(options: XsHostBuildOptions = {}): Promise<XsHostBuild> {
  const { report = () => {} } = options;
  const compiler = await findCompiler();
  if (!compiler) return { available: false, reason: NO_COMPILER };
  const can32 = options.wordBits !== 64 && (await canCompile(compiler, ['-m32']));
  if (options.wordBits === 32 && !can32) {
    return { available: false, reason: `${compiler.name} has no 32-bit libraries (Debian: gcc-multilib)` };
  }
  const wordBits = can32 ? 32 : 64;
  const flags = [...FLAGS, ...(can32 ? ['-m32'] : []), ...(options.flags ?? [])];
  const sources = await findSources();
  if (!sources) return { available: false, reason: NO_SOURCES };
  const target = path.join(CACHE_DIR, `host-${wordBits}-${cacheKey(compiler, flags, sources)}`);
  if (!(await exists(target))) {
    if (!can32 && options.wordBits !== 64) {
      report(`${compiler.name} has no 32-bit libraries (Debian: gcc-multilib): XS becomes a 64-bit program`);
    }
    report(`Building XS (${wordBits}-bit, ${compiler.name}) …`);
    await buildOnce({ compiler, flags, sources, target, report });
  }
  return { available: true, path: target, wordBits };
}

interface Compiler {
  readonly name: string;
  readonly args: readonly string[];
  /** The output of `--version`. */
  readonly version: string;
}

async function findCompiler(): Promise<Compiler | undefined> {
  const chosen = process.env['CC']?.trim();
  for (const command of chosen ? [chosen] : ['cc', 'gcc', 'clang']) {
    const [name = '', ...args] = command.split(/\s+/);
    const { code, output } = await run(name, [...args, '--version']);
    if (code === 0) return { name, args, version: output };
  }
  return undefined;
}

async function canCompile(compiler: Compiler, flags: readonly string[]): Promise<boolean> {
  const program = '#include <stdio.h>\n#include <math.h>\nint main(int c, char** v) { return (int)sqrt(c); }\n';
  const args = [...compiler.args, ...flags, '-x', 'c', '-', '-o', '/dev/null', '-lm'];
  return (await run(compiler.name, args, program)).code === 0;
}

interface Sources {
  /** Identifies the sources of XS. */
  readonly version: string;
  readonly includes: readonly string[];
  readonly files: readonly string[];
  /** Own sources: name and content. */
  readonly own: readonly string[];
}

async function findSources(): Promise<Sources | undefined> {
  const manifest = findManifest();
  if (manifest === undefined) return undefined;
  const xs = path.join(path.dirname(manifest), 'moddable/xs');
  const listC = async (dir: string) => {
    const names = await readdir(dir);
    return names.filter((name) => name.endsWith('.c')).map((name) => path.join(dir, name));
  };
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const own = await readdir(HOST_DIR);
  return {
    version,
    includes: [HOST_DIR, ...['includes', 'platforms', 'sources'].map((dir) => path.join(xs, dir))],
    files: [...(await listC(path.join(xs, 'sources'))), ...(await listC(HOST_DIR))],
    own: await Promise.all(own.sort().map(async (name) => `${name}\n${await readFile(path.join(HOST_DIR, name))}`)),
  };
}

function findManifest(): string | undefined {
  for (const from of [ROOT, process.cwd()]) {
    try {
      return createRequire(path.join(from, 'package.json')).resolve(`${SOURCES}/package.json`);
    } catch {
      // The package is not installed there.
    }
  }
  return undefined;
}

function cacheKey(compiler: Compiler, flags: readonly string[], sources: Sources): string {
  const parts = [compiler.name, ...compiler.args, compiler.version, ...flags, sources.version, ...sources.own];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}

interface Build {
  readonly compiler: Compiler;
  readonly flags: readonly string[];
  readonly sources: Sources;
  readonly target: string;
  readonly report: (line: string) => void;
}

const underWay = new Map<string, Promise<void>>();

/** Shares a build in progress, because several tests may need the same one. */
function buildOnce(job: Build): Promise<void> {
  let building = underWay.get(job.target);
  if (!building) {
    building = build(job).finally(() => underWay.delete(job.target));
    underWay.set(job.target, building);
  }
  return building;
}

/** Only one process builds at a time. Most waiting processes then find the result that they need. */
async function build(job: Build): Promise<void> {
  const lock = await lockCache(job.report);
  const dir = `${job.target}.building`;
  try {
    if (await exists(job.target)) return;
    // The remains of an interrupted build.
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir);
    await compileAll(job, dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
    lock.release();
  }
}

async function lockCache(report: (line: string) => void): Promise<DirectoryLock> {
  for (let waitedMs = 0; waitedMs < LONGEST_WAIT_MS; waitedMs += POLL_MS) {
    try {
      return lockDirectory(CACHE_DIR);
    } catch (error) {
      if (!(error instanceof DirectoryBusyError)) throw error;
      if (waitedMs === 0) report('Waiting for another process that builds XS …');
      await setTimeout(POLL_MS);
    }
  }
  throw new Error(
    `another process has been building XS for ${LONGEST_WAIT_MS / 60_000} minutes: it has ${CACHE_DIR}lock`,
  );
}

/** Compiles on all cores. */
async function compileAll({ compiler, flags, sources, target }: Build, dir: string): Promise<void> {
  const objects: string[] = [];
  const waiting = [...sources.files];
  const compileNext = async () => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      const object = path.join(dir, `${path.basename(file)}.o`);
      objects.push(object);
      await compile(compiler, [...flags, ...renames(file), ...includes(sources), '-c', file, '-o', object]);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compileNext));
  const program = path.join(dir, 'host');
  await compile(compiler, [...flags, ...objects.sort(), '-o', program, '-lm', '-lpthread']);
  await rename(program, target);
}

function includes({ includes }: Sources): string[] {
  return includes.map((dir) => `-I${dir}`);
}

/**
 * Renames: account.c replaces a function that XS calls at the end of each collection, and stripped.c the table of the
 * engine's features.
 */
function renames(file: string): string[] {
  const name = path.basename(file);
  return [
    ...(name === 'xsDebug.c' ? [] : ['-DfxCheckProfiler=hostCheckProfiler']),
    ...(name === 'xsDefaults.c' ? ['-DgxDefaults=xsDefaults'] : []),
  ];
}

async function compile(compiler: Compiler, args: readonly string[]): Promise<void> {
  const { code, output } = await run(compiler.name, [...compiler.args, ...args]);
  if (code !== 0) throw new Error(`${compiler.name} cannot build XS:\n${output.trimEnd()}`);
}

/** Runs a program. One that does not exist, or does not end in time, counts as failed. */
function run(name: string, args: readonly string[], input = ''): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    // Not the `timeout` of spawn, which would keep this process alive when the program does not exist.
    const child = spawn(name, args, { stdio: 'pipe', signal: AbortSignal.timeout(COMPILER_MS) });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', ({ name, message }) => {
      const text = name === 'AbortError' ? `${output}\nended after ${COMPILER_MS / 60_000} minutes` : message;
      resolve({ code: -1, output: text });
    });
    child.on('close', (code) => resolve({ code, output }));
    // The program may end without reading its input.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch {
    return false;
  }
}
