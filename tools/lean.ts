// SPDX-License-Identifier: Apache-2.0
/** Makes the sources smaller for a board, where esbuild by itself cannot. They mean the same before and after. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import { ROOT } from './places.ts';

/** `const Phase = { Closed: 0, Open: 1 } as const;` at module level, with comments inside. */
const NUMBERS = /^(export )?const (\w+) = \{((?:\s|\/\*\*[\s\S]*?\*\/|\/\/.*|\w+: -?\d[\d_]*,?)*)\} as const;$/gm;
/** `readonly #name` and its like, a member of a class. */
const PRIVATE = /^ +(?:static |readonly |get |set |async )*#(\w+)/gm;
/** What such a member is called instead; esbuild takes a shorter name yet. */
export const INTERNAL = /^private\$/;

/** Members that are texts for the documentation: `step` of a state, `meaning` of a key or command. */
export type Documentation = 'step' | 'meaning';

/**
 * The text of a TypeScript module in which constants with numbers are an `enum`, of which esbuild puts the numbers
 * where they are used, members of these names are left out where they are texts, and private members are internal ones:
 * on XS, each method that uses a private member costs a slot for it, and each object a list of its own.
 */
export function lean(text: string, without: readonly Documentation[]): string {
  const documentation = new RegExp(`(?<=[{,]\\s*)(?:${without.join('|')}):\\s*'(?:[^'\\\\\\n]|\\\\.)*',?`, 'g');
  const members = new Set([...text.matchAll(PRIVATE)].map(([, name]) => name));
  return text
    .replace(documentation, '')
    .replace(/(?<=[\s.(])#(\w+)/g, (all, name) => (members.has(name) ? `private$${name}` : all))
    .replace(
      NUMBERS,
      (_, exported = '', name, members) => `${exported}enum ${name} {${members.replace(/(\w+):/g, '$1 =')}}`,
    );
}

/** Of this package; an author's data may have members of any name. */
const OWN_SOURCES = ['src/', 'hal/'].map((folder) => path.join(ROOT, folder));

/** Reads our own TypeScript that way; `without` is what no device of these sources reads. */
export function leanSources(...without: readonly Documentation[]): Plugin {
  return {
    name: 'lean',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async (file) => {
        if (!OWN_SOURCES.some((folder) => file.path.startsWith(folder))) return undefined;
        return { contents: lean(await readFile(file.path, 'utf8'), without), loader: 'ts' };
      });
    },
  };
}

/** What a bundler has made a variable of though nobody assigns it: on XS, each costs memory that a constant does not. */
export function constants(code: string): string {
  return code.replace(/^var (\w+) = /gm, (all, name: string) => {
    const assigned = new RegExp(`\\b${name}\\b\\s*(?:[-+*/%&|^]?=[^=>]|\\+\\+|--|&&=|\\|\\|=|\\?\\?=)`, 'g');
    return code.match(assigned)?.length === 1 ? `const ${name} = ` : all;
  });
}

/** Numbers of a module, of the kind `LIMIT_BYTES`, where they are used: on XS, each is a name, and a slot in each function that uses it. */
export function inlined(code: string): string {
  let text = code;
  for (const [line, name = '', value = ''] of code.matchAll(/^const ([A-Z][A-Z0-9_]*) = (-?[\d.e]+);\n/gm)) {
    // Exported, a member by its short form, or a word in a text.
    const kept = new RegExp(
      `^export .*\\b${name}\\b|[{,] ${name}(?:,| })|^\\s*${name},?$|["'\`].*\\b${name}\\b.*["'\`]`,
      'm',
    );
    if (kept.test(text)) continue;
    const uses = new RegExp(`(?<=case )${name}(?=:)|(?<![.\\w$])${name}(?![\\w$:])`, 'g');
    text = text.replace(line, '').replace(uses, value.startsWith('-') ? `(${value})` : value);
  }
  return text;
}

/** Functions of a module that no `this` is passed to, as arrows, first of all: on XS, others have a prototype each, of three slots. */
export function arrows(code: string): string {
  const found: string[] = [];
  const rest = code.replace(/^function (\w+)(\(.*\)) \{\n([\s\S]*?)^\}\n/gm, (all, name, parameters, body) => {
    const needed = new RegExp(`\\bnew ${name}\\b|^\\s*${name} = `, 'm');
    if (/\b(?:this|arguments|new\.target)\b/.test(body) || needed.test(code)) return all;
    found.push(`const ${name} = ${parameters} => {\n${body}};\n`);
    return '';
  });
  const start = /^(?:import .*\n|\/\/.*\n)*/.exec(rest)?.[0].length ?? 0;
  return rest.slice(0, start) + found.join('') + rest.slice(start);
}

/**
 * With the constants of a module that has no state frozen, all the way down (the second argument is an extension of XS): what lies in flash
 * and could change costs a board memory, each object of it, and mcconfig a warning.
 */
export function frozen(code: string): string {
  const names = [...code.matchAll(/^const ([\w$]+) = [[{]/gm)].map(([, name]) => name);
  return [code.trimEnd(), ...names.map((name) => `Object.freeze(${name}, true);`), ''].join('\n');
}
