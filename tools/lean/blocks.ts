// SPDX-License-Identifier: Apache-2.0
/** Removes blocks within blocks: code for a board. On XS, the end of a block with variables takes two bytes, and a step. */

import type { AnyNode, BlockStatement } from 'acorn';
import { full, fullAncestor } from 'acorn-walk';
import { isFunction } from './scopes.ts';
import { type Edit, rewritten, treeOf } from './tree.ts';

/** A block that stands in a list of statements, and whose names the whole function declares only once, becomes a part of the list. */
export function unblocked(code: string): string {
  const edits: Edit[] = [];
  const counts = new Map<AnyNode, Map<string, number>>();
  fullAncestor(treeOf(code), (node, _, ancestors) => {
    const block = node as AnyNode;
    const around = ancestors.slice(0, -1) as AnyNode[];
    if (block.type !== 'BlockStatement' || around.at(-1)?.type !== 'BlockStatement') return;
    const outermost = around.find(isFunction);
    if (outermost === undefined) return;
    const count = counts.get(outermost) ?? declarationsIn(outermost);
    counts.set(outermost, count);
    if (!namesOf(block)?.every((name) => count.get(name) === 1)) return;
    edits.push({ start: block.start, end: block.start + 1, text: '' });
    edits.push({ start: block.end - 1, end: block.end, text: '' });
  });
  return rewritten(code, edits);
}

/** The variables of the block itself; undefined when it declares anything else. */
function namesOf({ body }: BlockStatement): string[] | undefined {
  const names: string[] = [];
  for (const statement of body) {
    if (/^(?:Class|Function)Declaration$/.test(statement.type)) return undefined;
    if (statement.type !== 'VariableDeclaration') continue;
    for (const { id } of statement.declarations) {
      if (id.type !== 'Identifier') return undefined;
      names.push(id.name);
    }
  }
  return names;
}

/** How often names are declared in a function, and in those inside. */
function declarationsIn(fn: AnyNode): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  full(fn, (node, _, type) => {
    const each = node as AnyNode;
    if (type === 'VariablePattern' && each.type === 'Identifier') add(each.name);
    if (each.type === 'FunctionDeclaration' || each.type === 'FunctionExpression' || each.type === 'ClassExpression') {
      if (each.id) add(each.id.name);
    }
  });
  return counts;
}
