// SPDX-License-Identifier: Apache-2.0
/** Concatenates texts without templates: code for a board. */

import type { AnyNode, TemplateLiteral } from 'acorn';
import { full } from 'acorn-walk';
import { type Edit, edited, rewritten, treeOf } from './tree.ts';

/** From this many pieces on, one `concat`, which copies each piece once, takes less memory than a sum. */
const LEAST_JOINED = 5;

/**
 * Turns templates into sums of their pieces, and long ones into one `concat`: on XS, a template begins and ends with an
 * empty text, and each added piece copies all before it.
 */
export function joined(code: string): string {
  const tagged = new Set<AnyNode>();
  const templates: TemplateLiteral[] = [];
  full(treeOf(code), (node) => {
    const each = node as AnyNode;
    if (each.type === 'TaggedTemplateExpression') tagged.add(each.quasi);
    else if (each.type === 'TemplateLiteral' && each.expressions.length > 0) templates.push(each);
  });
  const outer = templates.filter((each) => !tagged.has(each));
  // The innermost first, so that outer templates contain the changed ones.
  outer.sort((a, b) => a.end - a.start - (b.end - b.start));
  const done: Edit[] = [];
  for (const each of outer) {
    const text = sum(each, (start, end) => part(code, start, end, done));
    for (let i = done.length - 1; i >= 0; i--) {
      const { start, end } = done[i] as Edit;
      if (each.start <= start && end <= each.end) done.splice(i, 1);
    }
    done.push({ start: each.start, end: each.end, text });
  }
  return rewritten(code, done);
}

/** The code of a range, with the edits inside it. */
function part(code: string, start: number, end: number, edits: readonly Edit[]): string {
  const inside = edits.filter((edit) => start <= edit.start && edit.end <= end);
  return edited(
    code.slice(start, end),
    inside.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start })),
  );
}

function sum({ quasis, expressions }: TemplateLiteral, source: (start: number, end: number) => string): string {
  const pieces: string[] = [];
  let isText = false;
  quasis.forEach(({ value }, i) => {
    const text = value.cooked ?? '';
    if (text !== '') {
      // A text among the first two pieces makes the whole sum a text.
      if (pieces.length < 2) isText = true;
      pieces.push(JSON.stringify(text));
    }
    const expression = expressions[i];
    if (expression !== undefined) pieces.push(`(${source(expression.start, expression.end)})`);
  });
  if (!isText) pieces.unshift('""');
  const [first = '""', ...rest] = pieces;
  if (pieces.length < LEAST_JOINED) return `(${pieces.join(' + ')})`;
  return first.startsWith('"') ? `${first}.concat(${rest.join(', ')})` : `"".concat(${pieces.join(', ')})`;
}
