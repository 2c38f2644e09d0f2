// SPDX-License-Identifier: Apache-2.0
/** The `config` of a project's manifest, merged with its includes and platforms as mcconfig does. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { BOARD_KEYS, boardKey, checkSetting, isSdkKey, noKey } from '../../../hal/esp32/config.ts';
import { CONFIG_KEYS, type ConfigKey, configKey, type Parts } from '../../../src/config.ts';
import { didYouMean } from '../../author/near.ts';
import { type Manifest, type Part, parseManifest } from '../manifest.ts';

/** One key, and its place. */
interface Entry {
  readonly file: string;
  /** `config`, or `platforms.esp32.config`. */
  readonly section: string;
  readonly name: string;
  readonly value: unknown;
}

/** The SDK's platform name of this desk. */
export const DESK = 'lin';
/** The package's own manifest, as a build generates it in a project. It has no configuration. */
const OURS = path.join('build', 'fractus', 'manifest.json');
const NO_KEYS: readonly ConfigKey[] = [];

/**
 * The values of our keys for a platform, as `esp32/nodemcu`. A manifest overrides its includes, and a platform
 * overrides all of them. An empty text removes a value.
 * @param own keys of the project's app
 * @throws Error that names file and key when any value in it is not allowed
 */
export function projectConfig(directory: string, platform: string, own = NO_KEYS): Record<string, string> {
  checkProjectConfig(directory, own);
  const config = new Map<string, string>();
  for (const { name, value } of entries(directory, (manifest) => partOf(manifest, platform))) {
    if (!isKnown(name, own) || isLightOfSdk(name, value)) continue;
    const text = textOf(value) as string;
    if (text === '') config.delete(name);
    else config.set(name, text);
  }
  return Object.fromEntries(config);
}

/**
 * Checks all keys: an error would only show after flashing, at a console that may not be watched. A key with an
 * underscore belongs to the project, unless it begins like a setting of the app.
 * @param own keys of the project's app, where they are known
 * @param parts the parts of its firmware (`partsOf`)
 * @throws Error that names file and key
 */
export function checkProjectConfig(directory: string, own = NO_KEYS, parts?: Parts): void {
  for (const { file, section, name, value } of entries(directory, allParts)) {
    if (isLightOfSdk(name, value)) continue;
    const isOther = !isKnown(name, own);
    if (isOther && (isSdkKey(name) || (name.includes('_') && !isLikeOne(name, own)))) continue;
    const place = `${file}: ${section}`;
    if (isOther) {
      const all = [...BOARD_KEYS, ...CONFIG_KEYS, ...own].map((key) => key.name);
      throw new Error(`${place}: ${noKey(name)}; ${listOf(name, own)}${didYouMean(name, all)}`);
    }
    const text = textOf(value);
    if (text === undefined) throw new Error(`${place}: ${name}: not a text, number, true or false`);
    try {
      if (text !== '') checkSetting(name, text, own, parts);
    } catch (error) {
      throw new Error(`${place}: ${(error as Error).message}`, { cause: error });
    }
  }
}

function isKnown(name: string, own: readonly ConfigKey[]): boolean {
  return boardKey(name) !== undefined || configKey(name) !== undefined || configKey(name, own) !== undefined;
}

/** Whether a setting of the app has the same beginning, up to the underscore. */
function isLikeOne(name: string, own: readonly ConfigKey[]): boolean {
  return own.some((key) => prefixOf(key.name) === prefixOf(name));
}

function prefixOf(name: string): string {
  return name.slice(0, name.indexOf('_') + 1);
}

/** A hint for a person where the existing keys are listed. */
function listOf(name: string, own: readonly ConfigKey[]): string {
  if (!name.includes('_')) return 'docs/configuration.md lists all';
  return `settings of the app: ${own.map((key) => key.name).join(', ')}`;
}

/** Whether the value is the SDK's own setting for a light, which has the same name. */
function isLightOfSdk(name: string, value: unknown): boolean {
  return name === 'led' && typeof value === 'object' && value !== null;
}

/** The value as the board reads it; undefined for an object or list. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : undefined;
}

type Choice = (manifest: Manifest) => readonly (readonly [name: string, part: Part])[];

/** All keys; later entries override earlier ones. */
function entries(directory: string, choose: Choice): Entry[] {
  const found: Entry[] = [];
  const already = new Set<string>();
  const walk = (file: string) => {
    if (already.has(file) || file.endsWith(OURS)) return;
    already.add(file);
    const manifest = parseManifest(file);
    const parts = choose(manifest);
    const includes = [manifest, ...parts.map(([, part]) => part)].flatMap(({ include = [] }) => include);
    for (const each of includes.filter(isPath)) walk(included(file, each));
    for (const [section, { config = {} }] of [['config', manifest] as const, ...parts]) {
      for (const [name, value] of Object.entries(config)) found.push({ file, section, name, value });
    }
  };
  walk(path.resolve(directory, 'manifest.json'));
  return found;
}

/** Whether the include is a path in the project. Includes of the SDK or a repository have none of our keys. */
function isPath(include: unknown): include is string {
  return typeof include === 'string' && !include.startsWith('$(');
}

function included(file: string, include: string): string {
  const found = path.resolve(path.dirname(file), include);
  if (!existsSync(found) && !found.endsWith(OURS)) throw new Error(`${file}: include: there is no ${include}`);
  return found;
}

const allParts: Choice = ({ platforms = {} }) =>
  Object.entries(platforms).map(([name, part]) => [`platforms.${name}.config`, part] as const);

/** The platform that mcconfig uses: the nearest by name, else `...`. */
function partOf({ platforms = {} }: Manifest, platform: string): ReturnType<Choice> {
  const steps = platform.split('/');
  for (; steps.length > 0; steps.pop()) {
    const name = steps.join('/');
    const key = Object.keys(platforms).find((each) => {
      if (each.endsWith('/*')) return name.startsWith(each.slice(0, -1));
      return each.startsWith('*/') ? name.endsWith(each.slice(1)) : each === name;
    });
    const part = key === undefined ? undefined : platforms[key];
    if (part !== undefined) return [[`platforms.${key}.config`, part]];
  }
  const rest = platforms['...'];
  return rest === undefined ? [] : [['platforms.....config', rest]];
}
