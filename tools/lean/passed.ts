// SPDX-License-Identifier: Apache-2.0
/** Which functions are not only called. */

import type { AnyNode, Program } from 'acorn';
import { fullAncestor } from 'acorn-walk';
import { keyOf } from './scopes.ts';

/** Names of variables, and of members, whose values are not only called and tested. */
export function passedIn(program: Program) {
  const passed = new Set<string>();
  const taken = new Set<string>();
  fullAncestor(program, (node, _, ancestors, type) => {
    const each = node as AnyNode;
    const parent = ancestors.at(-2) as AnyNode | undefined;
    if (each.type === 'ObjectPattern') {
      for (const it of each.properties) if (it.type === 'Property') for (const word of keyOf(it)) taken.add(word);
    }
    if (!parent || type === 'VariablePattern' || (parent.type === 'CallExpression' && parent.callee === each)) return;
    if (each.type === 'Identifier') passed.add(each.name);
    if (each.type !== 'MemberExpression' || each.computed || each.property.type !== 'Identifier') return;
    if (!isTested(each, parent)) taken.add(`.${each.property.name}`);
  });
  return { passed, taken };
}

/** Whether the value is only looked at, or replaced. */
function isTested(node: AnyNode, parent: AnyNode): boolean {
  switch (parent.type) {
    case 'AssignmentExpression':
      return parent.left === node && parent.operator === '=';
    case 'IfStatement':
    case 'ConditionalExpression':
      return parent.test === node;
    case 'BinaryExpression':
      return /^[!=]==?$/.test(parent.operator);
    case 'UnaryExpression':
      return parent.operator === '!';
    default:
      return false;
  }
}
