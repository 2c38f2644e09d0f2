// SPDX-License-Identifier: Apache-2.0
/** Replaces iterators of arrays by indexes: code for a board. */

import type { AnyNode, ArrayPattern, Expression, Node } from 'acorn';
import { full } from 'acorn-walk';
import { rewritten, treeOf } from './tree.ts';

/** Sources that only iterate over arrays, never over other iterables; a test checks this. */
const OF_ARRAYS = /^\/\/ (?:src|hal\/esp32)\/(?!lin\/)/;

/**
 * Turns loops over arrays, and array destructuring, in our own sources of a bundle into indexed access: on XS, an
 * iterator costs about 100 bytes of code each time, and an object. An array that grows during such a loop is still
 * visited to its end.
 */
export function indexed(code: string): string {
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  const isOurs = ownParts(code);
  let count = 0;
  const program = treeOf(code);
  const assigned = new Set<string>();
  full(program, (node) => {
    const each = node as AnyNode;
    if (each.type !== 'AssignmentExpression') return;
    for (const [word] of code.slice(each.left.start, each.left.end).matchAll(/[\w$]+/g)) assigned.add(word);
  });
  /** The name of a list that is a variable without assignments; such a list needs no new variable. */
  const nameOf = (list: Expression) => (list.type === 'Identifier' && !assigned.has(list.name) ? list.name : undefined);
  full(program, (node) => {
    const each = node as AnyNode;
    if ((each.type !== 'ForOfStatement' && each.type !== 'VariableDeclaration') || !isOurs(each)) return;
    if (each.type === 'ForOfStatement' && !each.await && each.left.type === 'VariableDeclaration') {
      const { left, right, body } = each;
      const id = left.declarations[0]?.id;
      if (id === undefined || left.kind !== 'const') return;
      const known = nameOf(right);
      const [at, list] = [`$at${count}`, known ?? `$list${count}`];
      const item = `${list}[${at}]`;
      const declared = id.type === 'ArrayPattern' ? members(id, `$item${count}`, code) : '';
      if (declared === undefined) return;
      const name = id.type === 'ArrayPattern' ? `$item${count}` : code.slice(id.start, id.end);
      count++;
      const isBlock = body.type === 'BlockStatement';
      const alias = known === undefined ? `, ${list} = ` : '';
      edits.push({
        start: each.start,
        end: known === undefined ? right.start : right.end,
        text: `for (let ${at} = 0${alias}`,
      });
      edits.push({
        start: right.end,
        end: isBlock ? body.start + 1 : body.start,
        text: `; ${at} < ${list}.length; ${at}++) { const ${name} = ${item}${declared}; `,
      });
      if (!isBlock) edits.push({ start: body.end, end: body.end, text: ' }' });
    }
    if (each.type === 'VariableDeclaration' && each.declarations.length === 1) {
      const { id, init } = each.declarations[0] ?? {};
      if (id?.type !== 'ArrayPattern' || !init) return;
      const known = nameOf(init);
      const list = known ?? `$list${count}`;
      const declared = members(id, list, code);
      if (declared === undefined || declared === '') return;
      count++;
      if (known !== undefined) {
        edits.push({ start: id.start, end: init.end, text: declared.slice(2) });
        return;
      }
      edits.push({ start: id.start, end: init.start, text: `${list} = ` });
      edits.push({ start: init.end, end: init.end, text: declared });
    }
  });
  return rewritten(
    code,
    edits.sort((a, b) => a.start - b.start || a.end - b.end),
  );
}

/** The declarations of a list pattern, each after a comma; undefined when the pattern is nested. */
function members({ elements }: ArrayPattern, list: string, code: string): string | undefined {
  let text = '';
  for (const [i, element] of elements.entries()) {
    if (element === null) continue;
    if (element.type === 'Identifier') text += `, ${element.name} = ${list}[${i}]`;
    else if (element.type === 'AssignmentPattern' && element.left.type === 'Identifier') {
      text += `, ${element.left.name} = ${list}[${i}] ?? ${code.slice(element.right.start, element.right.end)}`;
    } else if (element.type === 'RestElement' && element.argument.type === 'Identifier') {
      text += `, ${element.argument.name} = ${list}.slice(${i})`;
    } else return undefined;
  }
  return text;
}

/** Tells the parts of a bundle that come from our sources: esbuild writes the name of the source before each part. */
function ownParts(code: string): (node: Node) => boolean {
  const marks = [...code.matchAll(/^\/\/ .*$/gm)].map(({ 0: line, index }) => ({ index, isOwn: OF_ARRAYS.test(line) }));
  return ({ start }) => marks.filter(({ index }) => index < start).at(-1)?.isOwn === true;
}
