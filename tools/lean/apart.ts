// SPDX-License-Identifier: Apache-2.0
/** Parts of this package in the bundle of an author's app, apart from the agent. */

import type { AnyNode } from 'acorn';
import { full } from 'acorn-walk';
import { type Edit, rewritten, treeOf } from './tree.ts';

/** Where esbuild says which source follows. */
const SOURCE = /^\/\/ (\S.*)$/gm;

/**
 * Renames members in our sources of a bundle, and not in those of an author, who may have members of the same names.
 * @param code a bundle in which esbuild names the sources
 * @param isOurs whether a source, by the path that esbuild gives, is one of ours
 */
export function renamedApart(
  code: string,
  names: ReadonlyMap<string, string>,
  isOurs: (source: string) => boolean,
): string {
  const ranges = sourcesIn(code).filter(({ source }) => isOurs(source));
  const edits: Edit[] = [];
  const rename = (key: AnyNode, before = '') => {
    if (key.type !== 'Identifier') return;
    const short = names.get(key.name);
    const { start, end } = key;
    if (short === undefined || !ranges.some((each) => start >= each.from && start < each.to)) return;
    edits.push({ start, end, text: before === '' ? short : `${short}: ${before}` });
  };
  full(treeOf(code), (node) => {
    const each = node as AnyNode;
    if (each.type === 'MemberExpression') {
      if (!each.computed) rename(each.property);
    } else if (each.type === 'MethodDefinition' || each.type === 'PropertyDefinition') {
      if (!each.computed) rename(each.key);
    } else if (each.type === 'ObjectExpression' || each.type === 'ObjectPattern') {
      for (const part of each.properties) {
        if (part.type !== 'Property' || part.computed) continue;
        // `{ a }` and `{ a = 1 }` become `{ b: a }` and `{ b: a = 1 }`.
        rename(part.key, part.shorthand && part.key.type === 'Identifier' ? part.key.name : '');
      }
    }
  });
  return rewritten(code, edits);
}

function sourcesIn(code: string): { source: string; from: number; to: number }[] {
  const found = [...code.matchAll(SOURCE)].map(({ index, 1: source = '' }) => ({ source, from: index }));
  return found.map((each, i) => ({ ...each, to: found[i + 1]?.from ?? code.length }));
}
