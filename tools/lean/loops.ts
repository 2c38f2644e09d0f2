// SPDX-License-Identifier: Apache-2.0
/** Moves loop variables out of loops: code for a board. */

import type { AnyNode } from 'acorn';
import { full, fullAncestor } from 'acorn-walk';
import { isFunction } from './scopes.ts';
import { type Edit, rewritten, treeOf } from './tree.ts';

/**
 * Declares loop variables before the loop, unless a function in it could capture one per iteration: on XS, each
 * variable takes a step per iteration, and two bytes.
 */
export function unrenewed(code: string): string {
  const edits: Edit[] = [];
  fullAncestor(treeOf(code), (node, _, ancestors) => {
    const each = node as AnyNode;
    if (each.type !== 'ForStatement' || each.init?.type !== 'VariableDeclaration' || each.init.kind !== 'let') return;
    // `continue` with a label would not find the moved loop.
    if (ancestors.at(-2)?.type === 'LabeledStatement' || makesFunctions(each)) return;
    const { init } = each;
    edits.push({ start: each.start, end: init.start, text: '{ ' });
    edits.push({ start: init.end, end: init.end, text: '; for (' });
    edits.push({ start: each.end, end: each.end, text: ' }' });
  });
  return rewritten(code, edits);
}

function makesFunctions(loop: AnyNode): boolean {
  let makes = false;
  full(loop, (node) => {
    if (isFunction(node as AnyNode) || node.type.startsWith('Class')) makes = true;
  });
  return makes;
}
