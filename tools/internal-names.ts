// SPDX-License-Identifier: Apache-2.0
/**
 * The names of members that nobody outside of our own sources sees, and what they are called on a board, where each name
 * is a slot and a text in flash: as few as can be, and the same in all modules of an image.
 */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { ROOT } from './places.ts';

/** Whose members may get other names. */
const OWN = ['src', 'hal/common', 'hal/esp32', 'hal/xs'];
/** What they speak to: its words stay. Besides these, whatever declares something foreign, and what the package exports. */
const CONTRACTS = [
  'hal/hal.ts',
  'hal/network.ts',
  'hal/esp32/sensors/part.ts',
  'hal/xs/protocol.ts',
  'src/parts/core.ts',
  'manifest.json',
  'tools/xs/host/board.c',
  'tools/xs/host/host.c',
];
/**
 * Whose interfaces others read or write, who are bundled apart, and those of what they export: their members stay. So `fractus/pins`
 * gives to the SDK, an app to a capability, and `fractus/settings` to the agent.
 */
const SHARED = [
  'hal/esp32/sensors/one-wire.ts',
  'hal/esp32/sensors/pins.ts',
  'hal/esp32/sensors/spi.ts',
  'src/capabilities/index.ts',
  'src/config-keys.ts',
];
/** What they export is what an author sees. */
const EXPORTS = ['src/index.ts', 'src/compose.ts', 'hal/esp32/start.ts', 'hal/esp32/sensors/drivers.ts'];

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*/g;
/** The bodies of classes and interfaces, as Biome formats them. */
const BODY = /^(?:export )?(?:default )?(?:abstract )?(class|interface) .*\{\n([\s\S]*?)^\}/gm;
const MEMBER =
  /^ {2}(?:(?:static|readonly|private|protected|override|abstract|async|get|set) )*(\w+)\??(?:[(:<;]| =)/gm;
/** The body of an object of constants, and those that its members are called with a capital. */
const CONSTANTS = /^(?:export )?const \w+(?:: .*)? = \{\n([\s\S]*?)^\}/gm;
const CONSTANT = /^ {2}([A-Z]\w*): (?!-?\d)/gm;
/** Where an object is taken apart that others may have made. */
const PATTERN = /\b(?:const|let) \{[^{}]*\} =|\{[^{}]*\}(?=: (?:Readonly<)?[A-Z])/g;
/** What has members that nobody has declared, by its name, and where they are taken out of it. In brackets they are texts. */
const RECORD = /\b(\w+)\??: (?:Readonly<)?Record<string\b/g;
const TAKEN = /\{([^{}]*)\} = (?:[\w.?!]+\.)?(\w+);/g;
/** A member of an object that is made. */
const MADE = /(?:[{,]|^) *(\w+)(?=[:,(]| \})/gm;
const TEXT = /'([\w$]+)'|"([\w$]+)"|`([\w$]+)`/g;
const READ = /(?<=\.)[A-Za-z_$][\w$]*/g;
const WORD = /[A-Za-z_$][\w$]*/g;
const CLASS = /^(?:export )?(?:default )?(?:abstract )?class (\w+)(?:<.*?>)?(?: extends (\w+))?/gm;
const PRIVATE = /^ +(?:static |readonly |get |set |async )*#(\w+)/gm;

/** Short ones first; where esbuild takes its letters from as well, so that members and variables share names. */
const FIRST = 'etnrisoalcduhfpmgybvwkxSTAECIOLDRMNPBFUGHVWKXYZJjQqz$_';
const SECOND = 'etnrisoalcduhfpmgybvwkxSTAECIOLDRMNPBFUGHVWKXYZJjQqz0123456789';

export interface InternalNames {
  /** All private members of a source; no two of one object share a name. */
  privateOf(source: string): ReadonlyMap<string, string>;
  /** What a member of any class is called instead. */
  readonly members: ReadonlyMap<string, string>;
  /** What is read of objects in other sources than these. */
  usedOutside(sources: ReadonlySet<string>): ReadonlySet<string>;
}

let known: InternalNames | undefined;

/** Of the sources as they are when it is first asked for. */
export function internalNames(): InternalNames {
  known ??= find();
  return known;
}

/** Whatever may change one of these names, by its path from the package's root. */
export function namingSources(): string[] {
  return [...OWN.flatMap((folder) => list(folder)), ...CONTRACTS];
}

function find(): InternalNames {
  const files = OWN.flatMap((folder) => list(folder));
  const sources = new Map(files.map((file) => [file, readFileSync(path.join(ROOT, file), 'utf8')]));
  const kept = new Set(builtIns());
  const declared = new Set<string>();
  const made = new Set<string>();
  const records = new Set<string>();
  for (const file of CONTRACTS) keep(kept, readFileSync(path.join(ROOT, file), 'utf8'));
  for (const text of [...CONTRACTS.map((file) => readFileSync(path.join(ROOT, file), 'utf8')), ...sources.values()]) {
    for (const [, name = ''] of text.matchAll(RECORD)) records.add(name);
  }
  for (const file of withExported(SHARED)) keepMembers(kept, sources.get(file) ?? '');
  const exported = withExported(EXPORTS);
  for (const [file, source] of sources) {
    const text = source.replace(COMMENT, '');
    if (exported.has(file) || /^declare |^export declare /m.test(text)) keep(kept, text);
    for (const texts of text.matchAll(TEXT)) for (const each of texts.slice(1)) if (each !== undefined) kept.add(each);
    for (const [, names = '', from = ''] of text.matchAll(TAKEN)) if (records.has(from)) keep(kept, names);
    for (const [, name = ''] of text.replace(PATTERN, '').matchAll(MADE)) made.add(name);
    for (const [, body = ''] of text.matchAll(CONSTANTS)) {
      for (const [, name = ''] of body.matchAll(CONSTANT)) declared.add(name);
    }
    for (const [, kind, body = ''] of text.matchAll(BODY)) {
      for (const [, name = ''] of body.matchAll(MEMBER)) {
        declared.add(name);
        if (kind === 'class') made.add(name);
      }
    }
  }
  const short = shortNames(kept);
  const privates = privateNames(sources, () => short.next().value as string);
  const names = [...declared].filter((name) => made.has(name) && !kept.has(name)).sort();
  const members = new Map(names.map((name) => [name, short.next().value as string]));
  const used = new Map([...sources].map(([file, text]) => [file, text.match(READ) ?? []]));
  return {
    members,
    privateOf: (source) => privates.get(path.relative(ROOT, source)) ?? new Map(),
    usedOutside: (inputs) => new Set([...used].flatMap(([file, words]) => (inputs.has(file) ? [] : words))),
  };
}

function list(folder: string): string[] {
  const entries = readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return entries.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
}

function keep(kept: Set<string>, text: string): void {
  for (const [word] of text.replace(COMMENT, '').matchAll(WORD)) kept.add(word);
}

function keepMembers(kept: Set<string>, text: string): void {
  for (const [, kind, body = ''] of text.replace(COMMENT, '').matchAll(BODY)) {
    if (kind === 'interface') for (const [, name = ''] of body.matchAll(MEMBER)) kept.add(name);
  }
}

/** Of the language alone: what a process has besides is not the same in the next one, and none of it is on a board. */
function builtIns(): string[] {
  const all: object = runInNewContext('globalThis');
  const names: (string | symbol)[] = [];
  for (const name of Reflect.ownKeys(all)) {
    const value = (all as Record<string | symbol, unknown>)[name];
    names.push(name);
    if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) continue;
    names.push(...Reflect.ownKeys(value));
    const prototype = (value as { prototype?: object }).prototype;
    if (typeof prototype === 'object' && prototype !== null) names.push(...Reflect.ownKeys(prototype));
  }
  return names.filter((name) => typeof name === 'string');
}

/** These, and those out of which they export. */
function withExported(sources: readonly string[]): Set<string> {
  const files = new Set(sources);
  for (const file of sources) {
    for (const [, from = ''] of readFileSync(path.join(ROOT, file), 'utf8').matchAll(
      /^(?:export .*|\}) from '(\..*)';/gm,
    )) {
      files.add(path.join(path.dirname(file), from));
    }
  }
  return files;
}

/** By their number in the source, and by how many others its classes extend: an object has those of all of them. */
function privateNames(sources: ReadonlyMap<string, string>, next: () => string): Map<string, Map<string, string>> {
  const homes = new Map<string, string>();
  for (const [file, text] of sources) for (const [, name = ''] of text.matchAll(CLASS)) homes.set(name, file);
  const depth = (file: string): number => {
    const bases = [...(sources.get(file) ?? '').matchAll(CLASS)].map(([, , base = '']) => homes.get(base));
    return Math.max(0, ...bases.map((base) => (base === undefined || base === file ? 0 : 1 + depth(base))));
  };
  const pools: string[][] = [];
  const found = new Map<string, Map<string, string>>();
  for (const [file, text] of sources) {
    const names = new Set([...text.matchAll(PRIVATE)].map(([, name = '']) => name));
    pools[depth(file)] ??= [];
    const pool = pools[depth(file)] as string[];
    while (pool.length < names.size) pool.push(next());
    found.set(file, new Map([...names].map((name, i) => [name, pool[i] as string])));
  }
  return found;
}

function* shortNames(kept: ReadonlySet<string>): Generator<string, never> {
  for (const name of FIRST) if (!kept.has(name)) yield name;
  for (const second of SECOND) for (const first of FIRST) if (!kept.has(first + second)) yield first + second;
  throw new Error('there are more members than short names');
}
