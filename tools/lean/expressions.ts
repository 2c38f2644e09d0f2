// SPDX-License-Identifier: Apache-2.0
/** Regular expressions of a module where they are used: code that lies in flash. */

import type { Identifier } from 'acorn';
import { full } from 'acorn-walk';
import { treeOf } from './tree.ts';

/**
 * An expression that is a constant of a preloaded module lies in flash. There, XS (8.2.3) makes room for what it finds outside of its heap
 * (`fxAllocateRegExpData`), takes it for a chunk when garbage is collected meanwhile, and the board crashes; and the room is never
 * given back. So each stands where it is used, once for each use, and is made anew.
 * @throws Error for one that has to remember where it was (`g`, `y`): it cannot in flash, and one made anew would find the same for ever
 */
export function expressionsInPlace(code: string): string {
  const program = treeOf(code);
  const found = new Map<string, string>();
  const exported = new Set<string>();
  const bindings = new Map<string, number>();
  const uses: Identifier[] = [];
  /** Places of values that are their members' names, too: `{ NAME }`. */
  const shorthands = new Set<number>();
  full(program, (node, _, type) => {
    if (node.type === 'ExportNamedDeclaration') {
      for (const { local } of (node as import('acorn').ExportNamedDeclaration).specifiers)
        if (local.type === 'Identifier') exported.add(local.name);
    }
    if (node.type === 'Property' && (node as import('acorn').Property).shorthand) shorthands.add(node.start);
    if (node.type !== 'Identifier') return;
    const { name } = node as Identifier;
    if (type === 'VariablePattern') bindings.set(name, (bindings.get(name) ?? 0) + 1);
    else uses.push(node as Identifier);
  });
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  for (const node of program.body) {
    if (node.type !== 'VariableDeclaration' || node.kind !== 'const' || node.declarations.length !== 1) continue;
    const { id, init } = node.declarations[0] ?? {};
    if (id?.type !== 'Identifier' || init?.type !== 'Literal' || !('regex' in init) || !init.regex) continue;
    if (exported.has(id.name) || bindings.get(id.name) !== 1) continue;
    found.set(id.name, code.slice(init.start, init.end));
    edits.push({ start: node.start, end: code[node.end] === '\n' ? node.end + 1 : node.end, text: '' });
  }
  for (const { name, start, end } of uses) {
    const text = found.get(name);
    if (text === undefined) continue;
    if (/[gy][a-z]*$/.test(text) && /^\s*\??\.\s*(?:exec|test|lastIndex)\b/.test(code.slice(end, end + 80)))
      throw new Error(
        `${name} = ${text}: with g or y an expression of a module cannot remember where it was; make it in the function`,
      );
    edits.push({ start, end, text: shorthands.has(start) ? `${name}: ${text}` : text });
  }
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((rest, { start, end, text }) => rest.slice(0, start) + text + rest.slice(end), code);
}
