// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const KEPT = 'contents.json';
/** Files that make combines from all others. */
const WHOLE = /^mc\.(?:so|xs\.c|xs\.c\.o|resources\.c|resources\.c\.o)$/;

/**
 * Removes outdated results, so that make builds them again. make compares dates, and does not compile a module again
 * that was replaced by an older file; this compares the content of the files that the makefiles in `output` name.
 * @returns a function to call once everything has been built
 */
export async function freshen(output: string): Promise<() => Promise<void>> {
  const makefiles = (await readdir(output, { recursive: true })).filter((name) => path.basename(name) === 'makefile');
  const acts = await Promise.all(makefiles.map((name) => freshenOne(path.resolve(output), path.join(output, name))));
  return async () => {
    for (const act of acts) await act();
  };
}

async function freshenOne(output: string, makefile: string): Promise<() => Promise<void>> {
  const file = path.join(path.dirname(makefile), KEPT);
  const before = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Record<string, string>;
  const now = await digests(makefile);
  // A rule may be for a file outside of `output`.
  for (const target of Object.keys(now)) if (!target.startsWith(output + path.sep)) delete now[target];
  const changed = Object.keys(now).filter((target) => now[target] !== before[target]);
  const wholes = changed.length === 0 ? [] : Object.keys(now).filter((target) => WHOLE.test(path.basename(target)));
  for (const target of [...changed, ...wholes]) {
    await rm(target, { recursive: true, force: true });
    // The content of the target is unknown until it is built again.
    delete before[target];
  }
  await writeFile(file, JSON.stringify(before));
  return () => writeFile(file, JSON.stringify(now));
}

/** Digests by target, of its rule and the content of all files in the rule. */
async function digests(makefile: string): Promise<Record<string, string>> {
  const text = await readFile(makefile, 'utf8');
  const variables = new Map([...text.matchAll(/^(\w+) = (\S+)$/gm)].map(([, name, value]) => [name, value]));
  const expand = (part: string) => part.replace(/\$\((\w+)\)/g, (whole, name) => variables.get(name) ?? whole);
  const headers = await contents(text.match(/(?<=\s)\/[^\s\\]+\.h(?=[\s\\])/g) ?? []);
  const result: Record<string, string> = {};
  for (const [rule, target = '', sources = ''] of text.matchAll(/^(\$\(\w+\)\/[^\s%:]+): ?(.*)\n(?:\t.*\n)*/gm)) {
    const name = expand(target);
    const parts = [rule, ...(await contents(expand(sources).split(/[\s|]+/)))];
    // Combined files depend on the whole makefile.
    const more = WHOLE.test(path.basename(name)) ? [text] : name.endsWith('.o') ? headers : [];
    result[name] = digest([...parts, ...more]);
  }
  const engine = variables.get('XS_DIR');
  const library = variables.get('LIB_DIR');
  if (engine !== undefined && library !== undefined) result[library] = digest(await contents(await filesIn(engine)));
  return result;
}

async function filesIn(directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true });
  return names.sort().map((name) => path.join(directory, name));
}

/** The contents of the files that are not made by make. */
async function contents(files: readonly string[]): Promise<Buffer[]> {
  const absolute = files.filter((file) => path.isAbsolute(file) && !WHOLE.test(path.basename(file)));
  return Promise.all(absolute.map((file) => readFile(file).catch(() => Buffer.alloc(0))));
}

function digest(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(String(part.length)).update('\0').update(part);
  return hash.digest('hex');
}
