// SPDX-License-Identifier: Apache-2.0
/** Lists and members of objects in which texts of the common buffer are kept: code for a board. */

import type { AnyNode, ArrowFunctionExpression, CallExpression, Program } from 'acorn';
import { full, fullAncestor } from 'acorn-walk';
import { assignedIn, bindingsIn, keyOf } from './scopes.ts';
import { isVoid, textOf } from './texts.ts';

export interface Lists {
  readonly arrays: ReadonlyMap<string, AnyNode>;
  /** The list that a name stands for: a constant, or a parameter. */
  of(name: string, around: readonly AnyNode[]): string | undefined;
  given(call: CallExpression): readonly (readonly [id: string, given: string])[];
  isParameter(fn: AnyNode, index: number): boolean;
}

/** Constant arrays of texts whose elements and lengths are read, and the parameters that get nothing but such arrays. */
export function listsOf(
  program: Program,
  arrays: Map<string, AnyNode>,
  functions: ReadonlyMap<string, ArrowFunctionExpression>,
): Lists {
  const parameters = new Map<AnyNode, Map<string, number>>();
  const nameOf = (fn: AnyNode) => [...functions].find(([, each]) => each === fn)?.[0];
  const isList = (node: AnyNode | undefined) => node?.type === 'Identifier' && arrays.has(node.name);
  const calls: [fn: ArrowFunctionExpression, call: CallExpression][] = [];
  full(program, (node) => {
    const call = node as AnyNode;
    if (call.type !== 'CallExpression' || call.callee.type !== 'Identifier') return;
    const fn = functions.get(call.callee.name);
    if (fn) calls.push([fn, call]);
  });
  const isTaken = (call: AnyNode, given: AnyNode) =>
    calls.some(([fn, each]) => {
      const at = each.arguments.indexOf(given as CallExpression['arguments'][number]);
      return each === call && at >= 0 && [...(parameters.get(fn)?.values() ?? [])].includes(at);
    });
  // A list that is used otherwise is none, and neither is a parameter that gets it.
  for (let before = -1; before !== arrays.size; ) {
    before = arrays.size;
    for (const [fn] of calls) parameters.set(fn, parametersOf(fn));
    for (const name of [...arrays.keys()]) if (!isOnlyRead(program, name, isTaken)) arrays.delete(name);
  }
  return {
    arrays,
    of(name, around) {
      const fn = around.find((each) => parameters.get(each)?.has(name));
      return fn ? `${nameOf(fn)}(${parameters.get(fn)?.get(name)})` : arrays.has(name) ? name : undefined;
    },
    given(call) {
      const found = calls.find(([, each]) => each === call);
      const [fn] = found ?? [];
      return [...(fn ? (parameters.get(fn)?.values() ?? []) : [])].map((i) => [
        `${nameOf(fn as AnyNode)}(${i})[]`,
        `${(call.arguments[i] as { name: string }).name}[]`,
      ]);
    },
    isParameter: (fn, index) => [...(parameters.get(fn)?.values() ?? [])].includes(index),
  };

  function parametersOf(fn: ArrowFunctionExpression): Map<string, number> {
    const own = new Map<string, number>();
    fn.params.forEach((param, i) => {
      const given = calls.filter(([each]) => each === fn).map(([, call]) => call.arguments[i]);
      if (param.type !== 'Identifier' || !given.every(isList) || bindingsIn(fn, param.name) !== 1) return;
      if (!assignedIn(fn).has(param.name) && isOnlyRead(fn, param.name)) own.set(param.name, i);
    });
    return own;
  }
}

/** Whether all uses of a name read an element or the length, or are allowed otherwise. */
function isOnlyRead(
  scope: AnyNode,
  name: string,
  isAllowed: (parent: AnyNode, use: AnyNode) => boolean = () => false,
): boolean {
  let only = true;
  fullAncestor(scope, (node, _, ancestors, type) => {
    const each = node as AnyNode;
    if (each.type !== 'Identifier' || each.name !== name || type === 'VariablePattern') return;
    const parent = ancestors.at(-2) as AnyNode;
    const isObject = parent.type === 'MemberExpression' && parent.object === each && !parent.optional;
    const isLength = isObject && parent.property.type === 'Identifier' && parent.property.name === 'length';
    if (!(isObject && (parent.computed || isLength)) && !isAllowed(parent, each)) only = false;
  });
  return only;
}

/** Names of members that only get texts, or each other's values, or nothing, when their objects are made. */
export function membersIn(
  program: Program,
  declared: ReadonlySet<AnyNode>,
  isInternal: (name: string) => boolean,
): ReadonlySet<string> {
  const found = new Set<string>();
  const other = new Set<string>();
  fullAncestor(program, (node, _, ancestors) => {
    const each = node as AnyNode;
    const parent = ancestors.at(-2) as AnyNode | undefined;
    if (each.type === 'Literal' && typeof each.value === 'string') other.add(each.value);
    if (each.type === 'MethodDefinition' || each.type === 'PropertyDefinition') {
      if (each.key.type === 'Identifier') other.add(each.key.name);
    }
    if (each.type === 'ObjectPattern') {
      for (const it of each.properties)
        if (it.type === 'Property') for (const word of keyOf(it)) other.add(word.slice(1));
    }
    if (each.type === 'Property' && each.key.type === 'Identifier' && !declared.has(each.value)) {
      const { name } = each.key;
      if (each.shorthand || each.computed || !isInternal(name)) other.add(name);
      else if (isTextual(each.value, name)) found.add(name);
      else if (!isVoid(each.value)) other.add(name);
    }
    if (each.type !== 'MemberExpression' || each.computed || each.property.type !== 'Identifier') return;
    const isChanged =
      (parent?.type === 'AssignmentExpression' && parent.left === each) ||
      parent?.type === 'UpdateExpression' ||
      (parent?.type === 'UnaryExpression' && parent.operator === 'delete');
    if (isChanged) other.add(each.property.name);
  });
  return new Set([...found].filter((name) => !other.has(name)));
}

/** A text, a member of an object that may be one, or the same member of another object. */
function isTextual(value: AnyNode, name: string): boolean {
  if (textOf(value)) return true;
  if (value.type !== 'MemberExpression' || value.computed || value.property.type !== 'Identifier') return false;
  return value.property.name === name || /^[A-Z]/.test(value.property.name);
}
