// SPDX-License-Identifier: Apache-2.0
/**
 * Members that are only used inside our own sources, and their short names on a board, where each name costs a slot and
 * a text in flash. The names are as few as possible, and the same in all modules of an image.
 */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { ROOT } from '../places.ts';
import { sharingGroups } from './shared-names.ts';

/** Folders whose members may be renamed. */
const OWN = ['src', 'hal/common', 'hal/esp32', 'hal/xs'];
/**
 * Contracts of these folders with others: their names stay. So do the names in foreign declarations, and in the
 * package's exports.
 */
const CONTRACTS = [
  'hal/hal.ts',
  'hal/network.ts',
  'hal/esp32/sensors/part.ts',
  'hal/xs/protocol.ts',
  'src/core.ts',
  'manifest.json',
  'tools/xs/host/board.c',
  'tools/xs/host/host.c',
];
/**
 * Modules whose interfaces and exported members stay, because code in another bundle reads or writes them:
 * `fractus/pins` is used with the SDK, an app with a capability, `fractus/settings` with the agent. Or because an app may send
 * a whole object: the state in `fractus/life`.
 */
const SHARED = [
  'hal/esp32/sensors/one-wire.ts',
  'hal/esp32/sensors/pins.ts',
  'hal/esp32/sensors/spi.ts',
  'src/capabilities/index.ts',
  'src/config-keys.ts',
  'src/parts/life.ts',
];
/** Modules whose exports an author sees. */
const EXPORTS = ['src/index.ts', 'src/compose.ts', 'hal/esp32/entry/start.ts', 'hal/esp32/sensors/drivers.ts'];

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*/g;
/** The bodies of classes and interfaces, as Biome formats them. */
const BODY = /^(?:export )?(?:default )?(?:abstract )?(class|interface) .*\{\n([\s\S]*?)^\}/gm;
const MEMBER =
  /^ {2}(?:(?:static|readonly|private|protected|override|abstract|async|get|set) )*(\w+)\??(?:[(:<;]| =)/gm;
/** The body of an object of constants, and its members with a capital. */
const CONSTANTS = /^(?:export )?const \w+(?:: .*)? = \{\n([\s\S]*?)^\}/gm;
const CONSTANT = /^ {2}([A-Z]\w*): (?!-?\d)/gm;
/** Destructuring of an object that other code may have created. */
const PATTERN = /\b(?:const|let) \{[^{}]*\} =|\{[^{}]*\}(?=: (?:Readonly<)?[A-Z])/g;
/**
 * Names of records, whose members are not declared, and the places where members are taken out of them. In brackets,
 * members are texts.
 */
const RECORD = /\b(\w+)\??: (?:Readonly<)?Record<string\b/g;
const TAKEN = /\{([^{}]*)\} = (?:[\w.?!]+\.)?(\w+);/g;
/** A member of an object literal. */
const MADE = /(?:[{,]|^) *(\w+)(?=[:,(]| \})/gm;
const TEXT = /'([\w$]+)'|"([\w$]+)"|`([\w$]+)`/g;
const READ = /(?<=\.)[A-Za-z_$][\w$]*/g;
const WORD = /[A-Za-z_$][\w$]*/g;
const REEXPORT = /^(?:export (?:type )?\{([^}]*)\}|export .*) from '(\..*)';/gm;
/** The begin of a declaration of a module. */
const DECLARATION = /^(?=(?:export )?(?:(?:default|abstract|async) )*(?:class|interface|type|function|const|let) \w)/m;
const DECLARED = /^(?:export )?(?:(?:default|abstract|async) )*(?:class|interface|type|function|const|let) (\w+)/;
const CLASS = /^(?:export )?(?:default )?(?:abstract )?class (\w+)(?:<.*?>)?(?: extends (\w+))?/gm;
const PRIVATE = /^ +(?:static |readonly |get |set |async )*#(\w+)/gm;

/** The letters of the new names, in the order of esbuild, so that members and variables share names. */
const FIRST = 'etnrisoalcduhfpmgybvwkxSTAECIOLDRMNPBFUGHVWKXYZJjQqz$_';
const SECOND = 'etnrisoalcduhfpmgybvwkxSTAECIOLDRMNPBFUGHVWKXYZJjQqz0123456789';

export interface InternalNames {
  /** New names of the private members of a source; no two members of one object share a name. */
  privateOf(source: string): ReadonlyMap<string, string>;
  /** New names of the other members, for all classes. */
  readonly members: ReadonlyMap<string, string>;
  /** Members that other sources than these read. */
  usedOutside(sources: ReadonlySet<string>): ReadonlySet<string>;
}

let known: InternalNames | undefined;

/** The names for the sources as they are at the first call. */
export function internalNames(): InternalNames {
  known ??= find();
  return known;
}

/** The files that can change one of these names, as paths from the package's root. */
export function namingSources(): string[] {
  return [...list('hal'), ...list('src'), ...CONTRACTS.filter((file) => !file.endsWith('.ts'))];
}

function find(): InternalNames {
  const files = [...list('hal'), ...list('src')];
  const all = new Map(files.map((file) => [file, readFileSync(path.join(ROOT, file), 'utf8')]));
  const sources = new Map([...all].filter(([file]) => OWN.some((folder) => file.startsWith(`${folder}/`))));
  const kept = new Set(builtIns());
  const declared = new Set<string>();
  const made = new Set<string>();
  const records = new Set<string>();
  for (const file of CONTRACTS) keep(kept, readFileSync(path.join(ROOT, file), 'utf8'));
  for (const text of [...CONTRACTS.map((file) => readFileSync(path.join(ROOT, file), 'utf8')), ...sources.values()]) {
    for (const [, name = ''] of text.matchAll(RECORD)) records.add(name);
  }
  for (const file of withExported(SHARED).keys()) keepMembers(kept, sources.get(file) ?? '');
  const exported = withExported(EXPORTS);
  for (const [file, source] of sources) {
    const text = source.replace(COMMENT, '');
    if (/^declare |^export declare /m.test(text)) keep(kept, text);
    else if (exported.has(file)) keep(kept, declarations(text, exported.get(file)));
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
  const members = new Map<string, string>();
  const of = (isOurs: boolean) =>
    [...all].flatMap(([file, text]) => (file.startsWith('src/') === isOurs ? [text] : []));
  for (const group of sharingGroups(names, of(true), of(false))) {
    const shared = short.next().value as string;
    for (const name of group) members.set(name, shared);
  }
  for (const name of names) if (!members.has(name)) members.set(name, short.next().value as string);
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

/** Names of the language itself. Other globals differ between processes, and do not exist on a board. */
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

/** The sources, and the modules from which they re-export, with the names of the exports; undefined: all. */
function withExported(sources: readonly string[]): Map<string, readonly string[] | undefined> {
  const files = new Map<string, readonly string[] | undefined>();
  for (const file of sources) {
    for (const [, list = '', from = ''] of readFileSync(path.join(ROOT, file), 'utf8').matchAll(REEXPORT)) {
      const other = path.join(path.dirname(file), from);
      files.set(other, [...(files.get(other) ?? []), ...(list.match(WORD) ?? [])]);
    }
  }
  for (const file of sources) files.set(file, undefined);
  return files;
}

/** The declarations of these names in a module, and those that they mention; undefined: all. */
function declarations(text: string, names: readonly string[] | undefined): string {
  if (names === undefined) return text;
  const found = new Map<string, string>();
  for (const part of text.split(DECLARATION)) {
    const name = DECLARED.exec(part)?.[1];
    if (name !== undefined) found.set(name, `${found.get(name) ?? ''}${part}`);
  }
  let all = '';
  const todo = [...names];
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    const part = found.get(name) ?? '';
    if (found.delete(name)) todo.push(...(part.match(WORD) ?? []));
    all += part;
  }
  return all;
}

/**
 * New names by the index of a private member in its source, and by the number of base classes: an object has the
 * members of all its classes.
 */
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
