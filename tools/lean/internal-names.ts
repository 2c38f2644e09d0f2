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
/** Members that keep their names since they are texts somewhere, or used by code in other bundles: `npm run names` writes it. */
export const KEPT_NAMES = path.join(ROOT, 'tools/lean/kept-names.txt');

/**
 * Names of `src/core.ts`, which parts of an app in another bundle use, with their new names. A mod is built apart from its
 * firmware, perhaps with another version of this package: what once has a new name keeps it.
 */
export const CORE_NAMES = path.join(ROOT, 'tools/lean/core-names.txt');

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
/** A member of an object literal. */
const MADE = /(?:[{,]|^) *(\w+)(?=[:,(]| \})/gm;
const READ = /(?<=\.)[A-Za-z_$][\w$]*/g;
const CLASS = /^(?:export )?(?:default )?(?:abstract )?class (\w+)(?:<.*?>)?(?: extends (\w+))?/gm;
const PRIVATE_USE = /#(\w+)/g;
const PRIVATE = /^ +(?:static |readonly |get |set |async )*#(\w+)/gm;

/** The letters of the new names, in the order of esbuild, so that members and variables share names. */
const FIRST = 'etnrisoalcduhfpmgybvwkxSTAECIOLDRMNPBFUGHVWKXYZJjQqz$_';
const SECOND = 'etnrisoalcduhfpmgybvwkxSTAECIOLDRMNPBFUGHVWKXYZJjQqz0123456789';

export interface InternalNames {
  /** New names of the private members of a source; no two members of one object share a name. */
  privateOf(source: string): ReadonlyMap<string, string>;
  /** New names of the other members, for all classes. */
  readonly members: ReadonlyMap<string, string>;
  /** Of these, the ones that parts in other bundles use. */
  readonly shared: ReadonlyMap<string, string>;
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
  return [...list('hal'), ...list('src')];
}

/** Members that our sources declare and make. */
export function memberNames(): ReadonlySet<string> {
  return membersOf(ownSources().values());
}

/** The new names of `src/core.ts`. */
export function coreNames(): ReadonlyMap<string, string> {
  const lines = readFileSync(CORE_NAMES, 'utf8').trim().split('\n');
  return new Map(lines.map((line) => line.split(' ') as [string, string]));
}

function ownSources(): Map<string, string> {
  const files = OWN.flatMap(list);
  return new Map(files.map((file) => [file, readFileSync(path.join(ROOT, file), 'utf8')]));
}

function membersOf(sources: Iterable<string>): ReadonlySet<string> {
  const declared = new Set<string>();
  const made = new Set<string>();
  for (const source of sources) {
    const text = source.replace(COMMENT, '');
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
  return new Set([...declared].filter((name) => made.has(name)));
}

function find(): InternalNames {
  const files = [...list('hal'), ...list('src')];
  const all = new Map(files.map((file) => [file, readFileSync(path.join(ROOT, file), 'utf8')]));
  const sources = ownSources();
  const core = coreNames();
  const kept = new Set([
    ...builtIns(),
    ...readFileSync(KEPT_NAMES, 'utf8').split('\n'),
    ...core.keys(),
    ...core.values(),
  ]);
  const used = new Map([...sources].map(([file, text]) => [file, text.match(READ) ?? []]));
  const privates = privateNames(sources);
  const names = [...membersOf(sources.values())].filter((name) => !kept.has(name)).sort();
  const of = (isOurs: boolean) =>
    [...all].flatMap(([file, text]) => (file.startsWith('src/') === isOurs ? [text] : []));
  const groups = sharingGroups(names, of(true), of(false));
  const shared = new Set(groups.flat());
  for (const name of names) if (!shared.has(name)) groups.push([name]);
  const uses = usesOf([...used.values()].flat());
  const members = new Map<string, ShortName>();
  for (const group of groups) {
    const short = { uses: group.reduce((sum, name) => sum + (uses.get(name) ?? 0), 0), text: '' };
    for (const name of group) members.set(name, short);
  }
  nameShortly([...privates.values(), members], kept);
  return {
    members: new Map([...textsOf(members), ...core]),
    shared: core,
    privateOf: (source) => textsOf(privates.get(path.relative(ROOT, source)) ?? new Map()),
    usedOutside: (inputs) => new Set([...used].flatMap(([file, words]) => (inputs.has(file) ? [] : words))),
  };
}

function list(folder: string): string[] {
  const entries = readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return entries.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
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

/** A new name, and how often the sources use it. */
interface ShortName {
  uses: number;
  text: string;
}

/**
 * New names by the index of a private member in its source, the most used first, and by the number of base classes: an object
 * has the members of all its classes.
 */
function privateNames(sources: ReadonlyMap<string, string>): Map<string, Map<string, ShortName>> {
  const homes = new Map<string, string>();
  for (const [file, text] of sources) for (const [, name = ''] of text.matchAll(CLASS)) homes.set(name, file);
  const depth = (file: string): number => {
    const bases = [...(sources.get(file) ?? '').matchAll(CLASS)].map(([, , base = '']) => homes.get(base));
    return Math.max(0, ...bases.map((base) => (base === undefined || base === file ? 0 : 1 + depth(base))));
  };
  const pools: ShortName[][] = [];
  const found = new Map<string, Map<string, ShortName>>();
  for (const [file, text] of sources) {
    const declared = new Set([...text.matchAll(PRIVATE)].map(([, name = '']) => name));
    const uses = [...usesOf([...text.matchAll(PRIVATE_USE)].map(([, name = '']) => name))];
    const names = uses.filter(([name]) => declared.has(name)).sort(([, a], [, b]) => b - a);
    pools[depth(file)] ??= [];
    const pool = pools[depth(file)] as ShortName[];
    while (pool.length < names.length) pool.push({ uses: 0, text: '' });
    for (const [i, [, count]] of names.entries()) (pool[i] as ShortName).uses += count;
    found.set(file, new Map(names.map(([name], i) => [name, pool[i] as ShortName])));
  }
  return found;
}

function usesOf(words: Iterable<string>): Map<string, number> {
  const uses = new Map<string, number>();
  for (const word of words) uses.set(word, (uses.get(word) ?? 0) + 1);
  return uses;
}

/** The most used members get the shortest names. */
function nameShortly(maps: readonly ReadonlyMap<string, ShortName>[], kept: ReadonlySet<string>): void {
  const all = new Set(maps.flatMap((map) => [...map.values()]));
  const texts = shortNames(kept);
  for (const short of [...all].sort((a, b) => b.uses - a.uses)) short.text = texts.next().value as string;
}

function textsOf(names: ReadonlyMap<string, ShortName>): Map<string, string> {
  return new Map([...names].map(([name, { text }]) => [name, text]));
}

function* shortNames(kept: ReadonlySet<string>): Generator<string, never> {
  for (const name of FIRST) if (!kept.has(name)) yield name;
  for (const second of SECOND) for (const first of FIRST) if (!kept.has(first + second)) yield first + second;
  throw new Error('there are more members than short names');
}
