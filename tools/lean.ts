/** Makes the sources smaller for a board, where esbuild by itself cannot. They mean the same before and after. */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/** `const Phase = { Closed: 0, Open: 1 } as const;` at module level, with comments inside. */
const NUMBERS = /^(export )?const (\w+) = \{((?:\s|\/\*\*[\s\S]*?\*\/|\/\/.*|\w+: -?\d[\d_]*,?)*)\} as const;$/gm;
/** Members that are texts for the documentation: `step` of a state, `meaning` of a key or command. */
export type Documentation = 'step' | 'meaning';

/**
 * The text of a TypeScript module in which constants with numbers are an `enum`, of which esbuild puts the numbers
 * where they are used, and members of these names are left out where they are texts.
 */
export function lean(text: string, without: readonly Documentation[]): string {
  const documentation = new RegExp(`(?<=[{,]\\s*)(?:${without.join('|')}):\\s*'(?:[^'\\\\\\n]|\\\\.)*',?`, 'g');
  return text
    .replace(documentation, '')
    .replace(
      NUMBERS,
      (_, exported = '', name, members) => `${exported}enum ${name} {${members.replace(/(\w+):/g, '$1 =')}}`,
    );
}

/** Of this package; an author's data may have members of any name. */
const OWN_SOURCES = ['../src/', '../hal/'].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));

/** Reads our own TypeScript that way; `without` is what no device of these sources reads. */
export function leanSources(...without: readonly Documentation[]): Plugin {
  return {
    name: 'lean',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!OWN_SOURCES.some((folder) => path.startsWith(folder))) return undefined;
        return { contents: lean(await readFile(path, 'utf8'), without), loader: 'ts' };
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

/**
 * With the constants of a module that has no state frozen, all the way down (the second argument is an extension of XS): what lies in flash
 * and could change costs a board memory, each object of it, and mcconfig a warning.
 */
export function frozen(code: string): string {
  const names = [...code.matchAll(/^const (\w+) = [[{]/gm)].map(([, name]) => name);
  return [code.trimEnd(), ...names.map((name) => `Object.freeze(${name}, true);`), ''].join('\n');
}
