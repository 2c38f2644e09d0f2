// SPDX-License-Identifier: Apache-2.0
/** Functions of a module as methods: code for a board. */

import type { AnyNode, ArrowFunctionExpression, Property } from 'acorn';
import { full, fullAncestor } from 'acorn-walk';
import { isFunction } from './scopes.ts';
import { type Edit, edited, rewritten, treeOf } from './tree.ts';

/** The object whose methods they are: a method keeps its object, which is empty in the end. */
export const HOLDER = '$methods';

/**
 * Arrows of a module as methods, where nothing in them asks for a `this` from outside: on XS, an arrow keeps that of the module, in
 * an environment of four slots even where it needs none. Those of objects are methods of these, others of one for all, first of all.
 */
export function asMethods(code: string): string {
  const edits: Edit[] = [];
  const methods: string[] = [];
  fullAncestor(treeOf(code), (node, _, ancestors) => {
    const each = node as AnyNode;
    if (each.type !== 'ArrowFunctionExpression' || each.async || !isFree(each)) return;
    const around = ancestors.slice(0, -1) as AnyNode[];
    if (around.some((it) => isFunction(it) || it.type.startsWith('Class'))) return;
    const parent = around.at(-1);
    if (parent?.type === 'Property' && parent.value === each) {
      edits.push({ start: parent.start, end: parent.end, text: `${keyOf(code, parent)}${method(code, each)}` });
    } else if (parent?.type === 'VariableDeclarator' || parent?.type === 'ArrayExpression') {
      edits.push({ start: each.start, end: each.end, text: `${HOLDER}[${methods.length}]` });
      methods.push(`${methods.length}${method(code, each)},\n`);
    }
  });
  if (methods.length === 0) return rewritten(code, edits);
  const start = /^(?:import .*\n|\/\/.*\n)*/.exec(code)?.[0].length ?? 0;
  const holder = `const ${HOLDER} = {\n${methods.join('')}};\n`;
  const emptied = `for (const name in ${HOLDER}) delete ${HOLDER}[name];\n`;
  return `${edited(code, [...edits, { start, end: start, text: holder }])}${emptied}`;
}

/** Whether it means the same with another `this`. */
function isFree(arrow: ArrowFunctionExpression): boolean {
  let free = true;
  full(arrow, (node) => {
    const { type } = node as AnyNode;
    if (type === 'ThisExpression' || type === 'Super' || type === 'MetaProperty') free = false;
    if (type === 'Identifier' && (node as { name?: string }).name === 'arguments') free = false;
  });
  return free;
}

function keyOf(code: string, { key, computed }: Pick<Property, 'key' | 'computed'>): string {
  const text = code.slice(key.start, key.end);
  return computed ? `[${text}]` : text;
}

/** Its parameters and what it does. */
function method(code: string, { params, body }: ArrowFunctionExpression): string {
  const list = params.map(({ start, end }) => code.slice(start, end)).join(', ');
  const text = code.slice(body.start, body.end);
  return body.type === 'BlockStatement' ? `(${list}) ${text}` : `(${list}) { return ${text}; }`;
}
