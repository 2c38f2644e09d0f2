// SPDX-License-Identifier: Apache-2.0
/** Texts put together without detours: code for a board. */

import type { AnyNode, TemplateLiteral } from 'acorn';
import { full } from 'acorn-walk';
import { type Edit, edited, rewritten, treeOf } from './tree.ts';

/** From so many pieces on, one call that copies each of them once takes less memory than a sum of them. */
const LEAST_JOINED = 5;

/**
 * Templates as sums of their pieces, long ones as one `concat`: on XS, a template begins and ends with an empty text, and adding each
 * piece copies all before it.
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
  // The innermost first, so that each is written with what is in it already changed.
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

/** `code` between these places with the edits that lie there. */
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
      // One of the first two is a text, so that all of them are added as texts.
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
