// SPDX-License-Identifier: Apache-2.0
/** Keeps results that are made from sources, and makes them again when a source has changed. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { version } from 'esbuild';
import { ROOT } from './places.ts';

/**
 * Sources of the makers themselves: a change there is a reason to make a result again. As this process has loaded them, because it
 * does not make with those that are saved meanwhile.
 */
const MAKERS = digestOf([
  'tools/build.ts',
  'tools/moddable/modules.ts',
  ...readdirSync(path.join(ROOT, 'tools/lean')).map((name) => `tools/lean/${name}`),
]);

export interface Made<Value> {
  /** A JSON value. */
  readonly value: Value;
  /** The sources of the value, as paths from the package's root. */
  readonly inputs: readonly string[];
}

interface Kept<Value> extends Made<Value> {
  readonly key: string;
}

/** A file system notes the time of a change in steps of up to this. */
const STEP_MS = 10;

/**
 * The last result, from `file`; makes it when there is none, or when a source or `settings` has changed. What is made while
 * a source is saved is not kept: nobody knows which of both contents it has.
 * @param isThere whether what belongs to a kept value is still as it was made
 * @throws the errors of `make`
 */
export async function keptOrMade<Value>(
  file: string,
  settings: unknown,
  make: () => Promise<Made<Value>>,
  isThere: (value: Value) => Promise<boolean> = async () => true,
): Promise<Made<Value>> {
  const old = await readKept<Value>(file, settings);
  if (old !== undefined && (await isThere(old.value))) return old;
  const begunMs = await begin(file);
  const { value, inputs } = await make();
  const key = await keyOf(settings, inputs).catch(() => undefined);
  if (key !== undefined && (await areOlder(inputs, begunMs))) {
    await replaceFile(file, JSON.stringify({ key, value, inputs }));
  }
  return { value, inputs };
}

/** Resolves with the present time in the clock of the file system, when it is over. */
async function begin(file: string): Promise<number> {
  const mark = `${file}.${process.pid}-${++replacements}`;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(mark, '');
  const { ctimeMs } = await stat(mark);
  await rm(mark);
  await delay(STEP_MS);
  return ctimeMs;
}

/** Whether none of the files has changed since then, or is gone. */
async function areOlder(files: readonly string[], sinceMs: number): Promise<boolean> {
  const changes = files.map(async (file) => (await stat(path.resolve(ROOT, file))).ctimeMs);
  const timesMs = await Promise.all(changes).catch(() => [Number.POSITIVE_INFINITY]);
  return timesMs.every((each) => each <= sinceMs);
}

async function readKept<Value>(file: string, settings: unknown): Promise<Made<Value> | undefined> {
  try {
    const kept: Kept<Value> = JSON.parse(await readFile(file, 'utf8'));
    return kept.key === (await keyOf(settings, kept.inputs)) ? kept : undefined;
  } catch {
    // There is no file, it has another format, or a source is gone.
    return undefined;
  }
}

async function keyOf(settings: unknown, inputs: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([settings, version, process.version, MAKERS]));
  for (const file of inputs) hash.update(`\0${file}\0`).update(await readFile(path.resolve(ROOT, file)));
  return hash.digest('hex');
}

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(path.resolve(ROOT, file)));
  return hash.digest('hex');
}

let replacements = 0;

/**
 * Replaces a file atomically, also with several builds at the same time and in this process. An unchanged file is not
 * written.
 */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  const old = await readFile(file).catch(() => undefined);
  if (old?.equals(Buffer.from(content))) return;
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}-${++replacements}`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, file);
  } catch (error) {
    // Of a full disk.
    await rm(temporary, { force: true });
    throw error;
  }
}
