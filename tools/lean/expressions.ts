// SPDX-License-Identifier: Apache-2.0
/** Moves regular expressions to their uses: code that lies in flash. */

import type { Identifier } from 'acorn';
import { full } from 'acorn-walk';
import { treeOf } from './tree.ts';

/**
 * Replaces constants that hold regular expressions by the expressions. As a constant of a preloaded module, an
 * expression lies in flash. For such an expression, XS (8.2.3) allocates its data outside of its heap
 * (`fxAllocateRegExpData`), takes the data for a chunk in a garbage collection, and the board crashes; the memory is
 * never freed either. So each use gets its own expression, which is created each time.
 * @throws Error for an expression with a position (`g`, `y`): it cannot change in flash, and a new one would find the
 * same match for ever
 */
export function expressionsInPlace(code: string): string {
  const program = treeOf(code);
  const found = new Map<string, string>();
  const exported = new Set<string>();
  const bindings = new Map<string, number>();
  const uses: Identifier[] = [];
  /** Positions of shorthand properties, `{ NAME }`. */
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
