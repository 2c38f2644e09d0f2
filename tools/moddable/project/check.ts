// SPDX-License-Identifier: Apache-2.0
/** Finds code in an author's project that would only fail on a board, with its place in the source. */

import { existsSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import path from 'node:path';
import { createContext, runInContext } from 'node:vm';
import {
  type MemberExpression,
  type Node,
  type ObjectExpression,
  type ObjectPattern,
  parse,
  type VariableDeclarator,
} from 'acorn';
import { ancestor } from 'acorn-walk';
import { transform } from 'esbuild';
import type { Hal } from '../../../hal/hal.ts';
import * as parts from '../../../src/agent/parts/index.ts';
import type { AppHal } from '../../../src/app-hal.ts';
import { configKey } from '../../../src/config.ts';
import { CURRENT } from '../../../src/enrolment/slots.ts';
import { didYouMean } from '../../author/near.ts';
import { ownKeys } from '../../author/own-keys.ts';
import { misplacedCapabilities } from '../../author/owners.ts';
import { ROOT } from '../../places.ts';
import { findResource, readManifest } from '../manifest.ts';
import { partsOf } from './composition.ts';
import { checkProjectConfig } from './project-config.ts';

/** Globals of browsers; those of Node are read from this process. */
const OF_BROWSERS = ['document', 'localStorage', 'navigator', 'window', 'XMLHttpRequest', 'WebSocket'];
/** Part of the language, but missing in XS. */
const NOT_IN_XS = ['Intl', 'WebAssembly', 'console'];
/** Methods that change an object of these classes; an object in flash cannot change. */
const CHANGES: Readonly<Record<string, readonly string[]>> = {
  Map: ['set', 'delete', 'clear'],
  Set: ['add', 'delete', 'clear'],
  WeakMap: ['set', 'delete'],
  WeakSet: ['add', 'delete'],
};
const TYPED = /^(?:Uint8|Uint8Clamped|Int8|Uint16|Int16|Uint32|Int32|Float32|Float64|BigInt64|BigUint64)Array$/;
const CHANGES_TYPED = ['set', 'fill', 'copyWithin', 'reverse', 'sort'];
const INSTEAD: Readonly<Record<string, string>> = {
  setTimeout: 'hal.createTimer',
  setInterval: 'hal.createTimer',
  console: 'hal.log',
  fetch: 'the calls of the app',
  Date: 'hal.clock',
};

/**
 * Checks these sources, and the manifest next to them.
 * @returns one line per problem: `file:line:column: text`, or `manifest.json: text`
 */
export async function checkProject(directory: string, sources: readonly string[]): Promise<string[]> {
  return [...(await checkSources(directory, sources)), ...(await checkManifest(directory))];
}

/** The same of the sources alone. Those of fractus and of installed packages are passed over. */
export async function checkSources(directory: string, sources: readonly string[]): Promise<string[]> {
  const ours = ['src', 'hal', 'kit', 'tools'].map((folder) => path.join(ROOT, folder, path.sep));
  const isOwn = (file: string) =>
    !ours.some((folder) => file.startsWith(folder)) && !file.split(path.sep).includes('node_modules');
  const code = sources.filter((file) => isOwn(file) && /\.[cm]?[jt]s$/.test(file));
  const found = await Promise.all(code.map((file) => checkSource(file, path.relative(directory, file))));
  return found.flat();
}

/** @throws Error with these lines, for a person */
export function refuseFaults(troubles: readonly string[]): void {
  if (troubles.length > 0) throw new Error(`this would fail on a board:\n${troubles.join('\n')}`);
}

async function checkSource(file: string, name: string): Promise<string[]> {
  const text = readFileSync(file, 'utf8');
  // Renaming tells free references from names that the source declares itself.
  const define = Object.fromEntries(missingGlobals().map((each) => [each, `${MISSING}${each}`]));
  const { code, map } = await transform(text, { loader: 'ts', format: 'esm', sourcemap: 'external', define });
  const places = new SourceMap(JSON.parse(map) as SourceMapPayload);
  const tree = parse(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
  const troubles: string[] = [];
  const say = ({ loc }: Node, what: string) => {
    const entry = places.findEntry((loc?.start.line ?? 1) - 1, loc?.start.column ?? 0);
    if ('originalLine' in entry)
      troubles.push(`${name}:${entry.originalLine + 1}:${entry.originalColumn + 1}: ${what}`);
  };
  const state = moduleState(tree);
  const machines = halNames(tree);
  const isChange = (object: Node, method: string | undefined) => {
    const kind = object.type === 'Identifier' ? state.get((object as Named).name) : undefined;
    if (kind === undefined) return undefined;
    const isTyped = TYPED.test(kind);
    if (method === undefined ? !isTyped : !(isTyped ? CHANGES_TYPED : (CHANGES[kind] ?? [])).includes(method))
      return undefined;
    return `${(object as Named).name} is a ${kind} at module level, so it is in flash and cannot change; create it in the app`;
  };
  ancestor(tree, {
    Identifier(node) {
      if (!node.name.startsWith(MISSING)) return;
      const missing = node.name.slice(MISSING.length);
      const instead = INSTEAD[missing];
      say(node, `a board has no ${missing}${instead === undefined ? '' : `; use ${instead}`}`);
    },
    ImportDeclaration({ source, specifiers }) {
      if (source.value !== 'fractus/parts') return;
      for (const each of specifiers) {
        const name = each.type === 'ImportSpecifier' && each.imported.type === 'Identifier' ? each.imported.name : '';
        if (name !== '' && !Object.hasOwn(parts, name))
          say(
            each,
            `fractus/parts has no ${name}; it has ${Object.keys(parts).join(', ')}${didYouMean(name, Object.keys(parts))}`,
          );
      }
    },
    CallExpression(node, _, ancestors) {
      const { callee } = node;
      // Without the type check of a compiler, only the board would report it.
      if (callee.type === 'Identifier' && callee.name === 'startWith' && isWithoutParts(node.arguments[1]))
        say(node, 'startWith: parts: missing; list those of fractus/parts, or []');
      if (!isInFunction(ancestors) || callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier')
        return;
      const what = isChange(callee.object, callee.property.name);
      if (what !== undefined) say(node, what);
    },
    MemberExpression(node) {
      const { object, property } = node;
      if (property.type === 'Identifier' && OF_THE_AGENT.has(property.name) && isHal(object, machines))
        say(node, notForApps(property.name));
    },
    ObjectPattern(node, _, ancestors) {
      const parent = ancestors.at(-2);
      const isOfHal = parent?.type === 'VariableDeclarator' && isHal((parent as VariableDeclarator).init, machines);
      for (const pattern of isOfHal ? [node] : halPatterns(node))
        for (const name of keysOf(pattern)) if (OF_THE_AGENT.has(name)) say(pattern, notForApps(name));
    },
    AssignmentExpression({ left }, _, ancestors) {
      if (!isInFunction(ancestors) || left.type !== 'MemberExpression' || !left.computed) return;
      const what = isChange(left.object, undefined);
      if (what !== undefined) say(left, what);
    },
  });
  for (const { node, what } of misplacedCapabilities(tree)) say(node, what);
  return troubles;
}

/** Members of the HAL that only the agent may use, and what an app uses instead. */
const INSTEAD_OF_HAL: Readonly<Record<Exclude<keyof Hal, keyof AppHal>, string>> = {
  store: 'use fractus/state',
  flash: 'use fractus/state',
  watchdog: 'the agent feeds it',
  indicator: 'the agent shows the state of the device',
  verify: 'use signedFirmware',
  onLog: 'use logs',
  restart: 'use board.restart',
  sleep: 'use fractus/sleep',
};
const OF_THE_AGENT: ReadonlyMap<string, string> = new Map(Object.entries(INSTEAD_OF_HAL));

function notForApps(name: string): string {
  return `hal.${name} is the agent's: ${OF_THE_AGENT.get(name)}`;
}

/** Whether the node is the HAL of an app: `board.hal`, or a name that was destructured from a board. */
function isHal(node: Node | null | undefined, machines: ReadonlySet<string>): boolean {
  if (node?.type === 'Identifier') return machines.has((node as Named).name);
  if (node?.type !== 'MemberExpression') return false;
  const { property } = node as MemberExpression;
  return property.type === 'Identifier' && property.name === 'hal';
}

/** Local names for the `hal` of an object: `const { hal } = board`, `run(operation, { hal })`. */
function halNames(tree: ReturnType<typeof parse>): Set<string> {
  const names = new Set<string>();
  ancestor(tree, {
    ObjectPattern({ properties }) {
      for (const each of properties) {
        if (each.type !== 'Property' || each.key.type !== 'Identifier' || each.key.name !== 'hal') continue;
        if (each.value.type === 'Identifier') names.add(each.value.name);
      }
    },
    VariableDeclarator({ id, init }) {
      if (id.type === 'Identifier' && isHal(init, new Set())) names.add(id.name);
    },
  });
  return names;
}

/** Patterns that destructure `hal` itself: `{ hal: { clock } }`. */
function halPatterns({ properties }: ObjectPattern): ObjectPattern[] {
  return properties.flatMap((each) => {
    const isHalMember = each.type === 'Property' && each.key.type === 'Identifier' && each.key.name === 'hal';
    return isHalMember && each.value.type === 'ObjectPattern' ? each.value : [];
  });
}

/** Whether the options are an object literal without `parts`. */
function isWithoutParts(options: Node | undefined): boolean {
  if (options?.type !== 'ObjectExpression') return false;
  return !(options as ObjectExpression).properties.some(
    (each) => each.type === 'SpreadElement' || (each.key.type === 'Identifier' && each.key.name === 'parts'),
  );
}

function keysOf({ properties }: ObjectPattern): string[] {
  return properties.flatMap((each) =>
    each.type === 'Property' && each.key.type === 'Identifier' ? each.key.name : [],
  );
}

type Named = Node & { readonly name: string };

const MISSING = '__missing_';

/** Globals of Node or browsers that a board lacks: not in XS, or removed by `strip` of the manifest. */
function missingGlobals(): string[] {
  const { strip } = JSON.parse(readFileSync(path.join(ROOT, 'manifest.json'), 'utf8')) as { strip: string[] };
  const ofTheLanguage = runInContext('Object.getOwnPropertyNames(globalThis)', createContext()) as string[];
  const there = new Set(ofTheLanguage.filter((name) => !NOT_IN_XS.includes(name) && !strip.includes(name)));
  const all = new Set([...Object.getOwnPropertyNames(globalThis), ...OF_BROWSERS, ...NOT_IN_XS, ...strip]);
  return [...all].filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && !there.has(name));
}

/** Constants of a module that are created by `new`, with the names of their classes. */
function moduleState(tree: ReturnType<typeof parse>): Map<string, string> {
  const state = new Map<string, string>();
  for (const statement of tree.body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration?.type !== 'VariableDeclaration') continue;
    for (const { id, init } of declaration.declarations) {
      if (id.type !== 'Identifier' || init?.type !== 'NewExpression' || init.callee.type !== 'Identifier') continue;
      const { name } = init.callee;
      if (name in CHANGES || TYPED.test(name)) state.set(id.name, name);
    }
  }
  return state;
}

function isInFunction(ancestors: readonly Node[]): boolean {
  return ancestors.some(({ type }) => /Function/.test(type));
}

/**
 * Finds unknown keys, values that are not allowed (also of the app's own keys), and resources that are missing in
 * `data`.
 */
async function checkManifest(directory: string): Promise<string[]> {
  if (!existsSync(path.join(directory, 'manifest.json'))) return [];
  try {
    checkProjectConfig(directory, await ownKeys(directory), await partsOf(directory));
  } catch (error) {
    return [(error as Error).message];
  }
  const { config = {} } = readManifest(directory);
  return Object.entries(config).flatMap(([name, value]) => {
    if (configKey(name)?.file !== true || value === '' || findResource(directory, String(value)) !== undefined)
      return [];
    // A certificate that the device enrolled itself is not a file.
    if (value === CURRENT && name !== 'ca') return [];
    return `manifest.json: config: ${name}: the manifest has no data ${value}`;
  });
}
