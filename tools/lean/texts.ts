// SPDX-License-Identifier: Apache-2.0
/** Texts of the common buffer, as `pooled` writes them: code for a board. */

import type { AnyNode } from 'acorn';

/** The longest text whose length fits into a byte. */
const LENGTH_MAX = 255;

export interface Text {
  readonly from: number;
  readonly length: number;
}

/** `$text(begin, end)` */
export function textOf(node: AnyNode): Text | undefined {
  if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier' || node.callee.name !== '$text')
    return undefined;
  const [from, end] = node.arguments.map((each) => (each.type === 'Literal' ? each.value : undefined));
  if (typeof from !== 'number' || typeof end !== 'number' || end - from > LENGTH_MAX) return undefined;
  return { from, length: end - from };
}

export function isVoid(node: AnyNode): boolean {
  return node.type === 'UnaryExpression' && node.operator === 'void';
}
