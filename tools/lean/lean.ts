// SPDX-License-Identifier: Apache-2.0
/** Makes the code for a board smaller than esbuild alone can, without changing its meaning. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type BuildOptions, build, type Plugin, type TransformOptions, transform } from 'esbuild';
import { ROOT } from '../places.ts';
import { renamedApart } from './apart.ts';
import { unblocked } from './blocks.ts';
import { chained, inlined, shortUndefined, unaliased } from './constants.ts';
import { expressionsInPlace } from './expressions.ts';
import { gettersInPlace } from './getters.ts';
import { flattened } from './inline.ts';
import { internalNames } from './internal-names.ts';
import { indexed } from './lists.ts';
import { unrenewed } from './loops.ts';
import { asMethods } from './methods.ts';
import { nested } from './nests.ts';
import { atOnlyUse } from './only-use.ts';
import { unpacked } from './patterns.ts';
import { ranged } from './ranges.ts';
import { shelved } from './shelf.ts';
import { joined } from './templates.ts';

/** `const Phase = { Closed: 0, Open: 1 } as const;` at module level, with comments inside. */
const NUMBERS = /^(export )?const (\w+) = \{((?:\s|\/\*\*[\s\S]*?\*\/|\/\/.*|\w+: -?\d[\d_]*,?)*)\} as const;$/gm;
/** A member of a table's row that only calls a method of the machine with its own arguments. */
const CALL = /\b(enter|request|read|sink|silenceMs): \((\w+)((?:, \w+)*)\) => \2\.(\w+)\(((?:\w+(?:, )?)*)\)(?=,| \})/g;
/** Name and step of a state without a request, whose name no message contains. */
const STILL = /\bname: '(?:[^'\\\n]|\\.)*',\s*step: '(?:[^'\\\n]|\\.)*',\s*(?=(?:enter|on): )/g;
const GETTER = /^ {2}get (\w+)\(\)(?:: .*)? \{\n {4}return this\.#(\w+);\n {2}\}\n/gm;
/** The function that makes a text of the common buffer. */
const TEXT_MAKER = 'const $text = (from, to) => $TEXTS.subarray(from, to);\n';
/** Members whose texts are only for the documentation: `step` of a state, `meaning` of a key or command. */
export type Documentation = 'step' | 'meaning';

/**
 * Rewrites a TypeScript module: constant objects of numbers become an `enum`, whose numbers esbuild inlines;
 * documentation members are removed where they are texts; private members become plain ones with these names. On XS,
 * each method that uses a private member costs a slot for it, and each object its own list.
 */
export function lean(
  text: string,
  without: readonly Documentation[],
  privates: ReadonlyMap<string, string> = new Map(),
): string {
  const documentation = new RegExp(`(?<=[{,]\\s*)(?:${without.join('|')}):\\s*'(?:[^'\\\\\\n]|\\\\.)*',?`, 'g');
  const { rest, shown } = withoutGetters(text, privates);
  return (without.includes('step') ? rest.replace(STILL, '') : rest)
    .replace(documentation, '')
    .replace(CALL, (all, part, _, given, method, taken) =>
      /^export const \w+(?:Table|Rows)\b/m.test(text) && given === (taken && `, ${taken}`)
        ? `${part}: /* @__KEY__ */ '${method}'`
        : all,
    )
    .replace(/(?<=[\s.(])#(\w+)/g, (all, name) => shown.get(name) ?? privates.get(name) ?? all)
    .replace(
      NUMBERS,
      (_, exported = '', name, members) => `${exported}enum ${name} {${members.replace(/(\w+):/g, '$1 =')}}`,
    );
}

/**
 * Replaces a getter that only returns a private member by a member with the getter's name, which saves a function. Not
 * when classes of one source have both, or when a class extends another, which may have another getter.
 */
function withoutGetters(text: string, privates: ReadonlyMap<string, string>) {
  const shown = new Map<string, string>();
  if (/^(?:export )?class \w+(?:<.*>)? extends/m.test(text)) return { rest: text, shown };
  const getters = [...text.matchAll(GETTER)];
  const once = (index: number, name: string | undefined) => getters.filter((each) => each[index] === name).length === 1;
  let rest = text;
  for (const [all, name = '', member = ''] of getters) {
    const declarations = text.match(new RegExp(`^ {2}(?:readonly )?#${member}\\b`, 'gm')) ?? [];
    const isSet = new RegExp(`^ {2}set ${name}\\(`, 'm').test(text);
    if (isSet || !privates.has(member) || declarations.length !== 1 || !once(1, name) || !once(2, member)) continue;
    shown.set(member, name);
    rest = rest.replace(all, '');
  }
  return { rest, shown };
}

export interface DeviceCode {
  readonly code: string;
  /** The sources, as paths from the package's root. */
  readonly inputs: readonly string[];
}

export interface DeviceCodeOptions extends Pick<BuildOptions, 'alias' | 'define' | 'external' | 'inject'> {
  readonly without: readonly Documentation[];
  readonly plugins?: readonly Plugin[];
  /** The code will lie in flash, with all its constants. */
  readonly preloaded?: boolean;
  /** A module beside others of an image: of the agent, or of an author's app. Absent: all code is in this bundle. */
  readonly part?: 'agent' | 'app';
  /** The last transformation by esbuild. */
  readonly finish: Pick<TransformOptions, 'format' | 'globalName' | 'minify' | 'minifyIdentifiers'>;
}

/**
 * Bundles a module and its imports into one module or script for a board. Relative paths are from the package's root.
 */
export async function deviceCode(entry: string, options: DeviceCodeOptions): Promise<DeviceCode> {
  const { without, finish, plugins = [], preloaded = false, part, ...rest } = options;
  const common = {
    // Older targets turn private fields into WeakMaps at module level, which cannot change in flash.
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
  } as const;
  const { outputFiles, metafile } = await build({
    ...common,
    ...rest,
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    // Fields are assigned in the constructor: on XS, field definitions take an extra function.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    plugins: [...plugins, leanSources(...without)],
  });
  const inputs = Object.keys(metafile.inputs).sort();
  const names = await shorter(inputs, part === undefined ? NAMED : undefined);
  const isInternal = internalOnly(names, inputs, part === undefined);
  const isMember = (name: string) => Object.hasOwn(names.mangleCache ?? {}, name);
  const built = constants(outputFiles[0]?.text ?? '');
  const ours = (input: string) => isOurs(path.join(ROOT, input));
  const bundled = part === 'app' ? renamedApart(built, internalNames().shared, ours) : built;
  const plain = inlined(unpacked(indexed(preloaded ? expressionsInPlace(bundled) : bundled)));
  const flat = flattened(gettersInPlace(plain, isInternal), isInternal);
  // Values of an author may have a `valueOf`, which a sum calls and a template does not, and templates may have any
  // length. What his modules do while they are evaluated keeps its order.
  const isOwn = inputs.every(ours);
  const texts = pooled(arrows(flat), isOwn);
  // A place is one in the buffer of its own bundle: a part of an app may also write to a request of the agent.
  const hasPlaces = isOwn && (part === undefined || inputs.includes(AGENT));
  const placed = unaliased(shared(hasPlaces ? ranged(unaliased(texts), isMember) : texts));
  const whole = asMethods(unrenewed(chained(placed)));
  const small = isOwn ? nested(shelved(atOnlyUse(unblocked(joined(whole))), isInternal)) : whole;
  const { globalName, ...form } = finish;
  const { code } = await transform(globalName === undefined ? small : asGlobal(small, globalName), {
    ...common,
    ...names,
    ...form,
    // A module is strict, and so is a script for tests.
    banner: finish.format === 'iife' ? '"use strict";' : '',
  });
  return { code: shortUndefined(code), inputs };
}

/** Gives the exports of a module to a global object; as `globalName` of esbuild, but without functions for each export. */
export function asGlobal(code: string, name: string): string {
  return code.replace(/^export \{\s*([^}]*?),?\s*\};\n/m, (_, exports: string) => {
    const members = exports.split(/,\s*/).map((each) => {
      const [local = '', exported = local] = each.split(' as ');
      return `${JSON.stringify(exported)}: ${local}`;
    });
    return `globalThis.${name} = { ${members.join(', ')} };\n`;
  });
}

/** It writes the requests of all parts. */
const AGENT = 'src/agent/agent.ts';
/** Sources whose names the compiler has looked at. */
const NAMED = /^(?:src|hal)\//;

/**
 * The short names of internal members, for esbuild. Names that occur in foreign sources stay, because they may be
 * members there; in a bundle of all code, so do names that occur in tests.
 * @param named sources whose names do not
 */
export async function shorter(
  inputs: readonly string[],
  named = OURS,
): Promise<Pick<TransformOptions, 'mangleProps' | 'mangleCache'>> {
  const names = new Map(internalNames().members);
  for (const input of inputs) {
    const file = path.join(ROOT, input);
    if (named.test(path.relative(ROOT, file))) continue;
    for (const [word] of (await readFile(file, 'utf8')).matchAll(/[\w$]+/g)) names.delete(word);
  }
  return { mangleProps: new RegExp(`^(?:${[...names.keys()].join('|')})$`), mangleCache: Object.fromEntries(names) };
}

/**
 * Tells members that only these sources use. Other bundles of the image may use the rest, by the same names.
 * @param isWhole there are no others: parts of an app, which call members of the core and have some themselves, would be among the sources
 */
function internalOnly(
  { mangleCache = {} }: Pick<TransformOptions, 'mangleCache'>,
  inputs: readonly string[],
  isWhole: boolean,
) {
  const { shared, usedOutside } = internalNames();
  const others = usedOutside(new Set(inputs));
  return (name: string) => Object.hasOwn(mangleCache, name) && !others.has(name) && (isWhole || !shared.has(name));
}

const OURS = /^(?:src|hal|test)\//;

/** Whether the file is a source of this package. */
function isOurs(file: string): boolean {
  return OURS.test(path.relative(ROOT, file));
}

/** Loads our TypeScript through `lean`. `without` names the documentation that no device reads. */
export function leanSources(...without: readonly Documentation[]): Plugin {
  return {
    name: 'lean',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
        if (!isOurs(file)) return undefined;
        return { contents: lean(await readFile(file, 'utf8'), without, internalNames().privateOf(file)), loader: 'ts' };
      });
    },
  };
}

/**
 * Turns variables of the bundler that are never assigned into constants: on XS, a variable costs memory, and a constant
 * does not.
 */
export function constants(code: string): string {
  const assigned = new Map<string, number>();
  for (const [name] of code.matchAll(/(?<!\.)\b\w+\b(?=\s*(?:[-+*/%&|^]?=[^=>]|\+\+|--|&&=|\|\|=|\?\?=))/g))
    assigned.set(name, (assigned.get(name) ?? 0) + 1);
  return code.replace(/^var (\w+) = /gm, (all, name: string) => (assigned.get(name) === 1 ? `const ${name} = ` : all));
}

/**
 * Turns functions without `this` into arrows, at the top of the module: on XS, other functions have a prototype of
 * three slots.
 */
export function arrows(code: string): string {
  const found: string[] = [];
  const needed = new Set(
    [...code.matchAll(/\bnew (\w+)\b|^\s*(\w+) = /gm)].map(([, made, assigned]) => made ?? assigned),
  );
  const rest = code.replace(
    /^function (\w+)(\(.*?\)) (\{(?:\n| let .*\n)[\s\S]*?^\})\n/gm,
    (all, name, parameters, body) => {
      const said = body.replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
      if (/\b(?:this|arguments|new\.target)\b/.test(said) || needed.has(name)) return all;
      found.push(`const ${name} = ${parameters} => ${body};\n`);
      return '';
    },
  );
  const start = /^(?:import .*\n|\/\/.*\n)*/.exec(rest)?.[0].length ?? 0;
  return rest.slice(0, start) + found.join('') + rest.slice(start);
}

/**
 * Puts texts that become bytes into one buffer: on XS, each buffer takes three slots.
 * @param apart texts of `steady` are marked, for `ranged`
 */
export function pooled(code: string, apart = false): string {
  const maker = /^const ascii = \(.*\) => \{\n[\s\S]*?^\};\n/m.exec(code)?.[0];
  if (maker === undefined) return code;
  let pool = '';
  const rest = code.replace(
    /(?<![.\w$])(ascii|steady)\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`\\$]*`)\s*\)/g,
    (_, name: string, literal: string) => {
      const text: string = new Function(`return ${literal}`)();
      if (!pool.includes(text)) pool += text;
      const from = pool.indexOf(text);
      return `${apart && name === 'steady' ? '$steady' : '$text'}(${from}, ${from + text.length})`;
    },
  );
  const made = `const $TEXTS = ascii(${JSON.stringify(pool)});\n${TEXT_MAKER}`;
  return rest.replace(maker, (all) => `${all}${made}`);
}

/** Creates equal texts of several modules once. */
export function shared(code: string): string {
  const uses = new Map<string, number>();
  for (const [each] of code.matchAll(/\$text\(\d+, \d+\)/g)) uses.set(each, (uses.get(each) ?? 0) + 1);
  const often = [...uses].filter(([, count]) => count > 1).map(([each]) => each);
  const made = often.map((each, i) => `const $same${i} = ${each};\n`).join('');
  return code
    .replace(/\$text\(\d+, \d+\)/g, (each) => (often.includes(each) ? `$same${often.indexOf(each)}` : each))
    .replace(TEXT_MAKER, (all) => `${all}${made}`);
}
