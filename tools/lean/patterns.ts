// SPDX-License-Identifier: Apache-2.0
/** Replaces object patterns by reads of members: code for a board. */

import type { AnyNode, ObjectPattern, Pattern } from 'acorn';
import { fullAncestor } from 'acorn-walk';
import { assignedIn, isFunction } from './scopes.ts';
import { type Edit, rewritten, treeOf } from './tree.ts';

/**
 * Declares each variable of a pattern with a read of its own: on XS, a pattern first copies the object to a place on the
 * stack, which takes nine bytes of code. Patterns with defaults, computed names, patterns inside or a rest stay, and
 * all patterns of the module itself, where a new variable would take flash.
 */
export function unpacked(code: string): string {
  const edits: Edit[] = [];
  const program = treeOf(code);
  const assigned = assignedIn(program);
  let count = 0;
  fullAncestor(program, (node, _, ancestors) => {
    const each = node as AnyNode;
    if (each.type === 'VariableDeclarator' && each.id.type === 'ObjectPattern' && each.init) {
      const taken = takenBy(each.id);
      if (taken === undefined || !ancestors.some((it) => isFunction(it as AnyNode))) return;
      const { init } = each;
      const text = code.slice(init.start, init.end);
      const lasts = init.type === 'ThisExpression' || (init.type === 'Identifier' && !assigned.has(init.name));
      // `const { a } = a` is an error in both forms, but not the same.
      if (taken.some(([name]) => name === text)) return;
      // The value itself may contain functions with patterns.
      const around = (before: string, after: string) => {
        edits.push({ start: each.start, end: init.start, text: before });
        edits.push({ start: init.end, end: init.end, text: after });
      };
      const [[name, member] = ['', '']] = taken;
      if (lasts) edits.push({ start: each.start, end: each.end, text: reads(taken, text) });
      else if (taken.length > 1) {
        const from = `$from${count++}`;
        around(`${from} = `, `, ${reads(taken, from)}`);
      } else if (init.type === 'MemberExpression' || init.type === 'CallExpression') around(`${name} = `, `.${member}`);
      else around(`${name} = (`, `).${member}`);
    }
    if (!isFunction(each)) return;
    const { params, body } = each as { params: Pattern[]; body: AnyNode };
    // A default could use what a pattern before it has taken.
    if (
      body.type !== 'BlockStatement' ||
      !params.every(({ type }) => type === 'Identifier' || type === 'ObjectPattern')
    )
      return;
    let declared = '';
    for (const param of params) {
      const taken = takenBy(param);
      if (taken === undefined) continue;
      const given = `$given${count++}`;
      edits.push({ start: param.start, end: param.end, text: given });
      declared += ` let ${reads(taken, given)};`;
    }
    if (declared !== '') edits.push({ start: body.start + 1, end: body.start + 1, text: declared });
  });
  return rewritten(code, edits);
}

type Taken = readonly (readonly [name: string, member: string])[];

/** The variables of a pattern with their members; undefined when it has anything else, or nothing. */
function takenBy(pattern: AnyNode): Taken | undefined {
  if (pattern.type !== 'ObjectPattern') return undefined;
  const taken: [string, string][] = [];
  for (const each of (pattern as ObjectPattern).properties) {
    if (each.type !== 'Property' || each.computed) return undefined;
    if (each.key.type !== 'Identifier' || each.value.type !== 'Identifier') return undefined;
    taken.push([each.value.name, each.key.name]);
  }
  return taken.length === 0 ? undefined : taken;
}

function reads(taken: Taken, from: string): string {
  return taken.map(([name, member]) => `${name} = ${from}.${member}`).join(', ');
}
