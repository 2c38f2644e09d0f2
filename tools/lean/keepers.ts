// SPDX-License-Identifier: Apache-2.0
/** The places in code for a board where texts of the common buffer are kept. */

import type { AnyNode, ArrowFunctionExpression, CallExpression, Node, Program } from 'acorn';
import { full, fullAncestor } from 'acorn-walk';
import { assignedIn } from './scopes.ts';

/** The longest text whose length fits into a byte. */
const LENGTH_MAX = 255;

/** A constant, a member of a constant object, a parameter of a function, or a text where it is used. */
export interface Keeper {
  readonly id: string;
  /** Undefined for a parameter. */
  readonly text?: Text | undefined;
  /** The declaration of a constant, or the member of an object with its comma. */
  readonly declaration?: Node;
  /** The body of the function of a parameter. */
  readonly body?: Node;
}

interface Text {
  readonly from: number;
  readonly length: number;
}

export interface Keepers {
  readonly all: Iterable<Keeper>;
  /** The keeper that an expression names, with the nodes around it. */
  of(node: AnyNode, around: readonly AnyNode[]): Keeper | undefined;
  /** The parameters of the called function, as ids of keepers, with what the call gives them. */
  takersOf(call: CallExpression): (readonly [id: string, given: AnyNode | undefined])[];
}

/** Finds the keepers of a module. No name of theirs has a second variable anywhere. */
export function keepersOf(code: string, program: Program): Keepers {
  const { bindings, exported, whole, uncalled } = namesIn(program);
  const keepers = new Map<string, Keeper>();
  const functions = new Map<string, ArrowFunctionExpression>();
  /** The initial values that are declared, and no uses. */
  const declared = new Set<AnyNode>();
  for (const statement of program.body) {
    if (statement.type !== 'VariableDeclaration' || statement.kind !== 'const') continue;
    const [only, more] = statement.declarations;
    if (only?.id.type !== 'Identifier' || !only.init || more) continue;
    const { name } = only.id;
    if (bindings.get(name) !== 1 || exported.has(name)) continue;
    const { init } = only;
    const text = textOf(init);
    if (text) {
      keepers.set(name, { id: name, text, declaration: statement });
      declared.add(init);
    } else if (init.type === 'ArrowFunctionExpression' && init.body.type === 'BlockStatement') {
      if (!uncalled.has(name)) functions.set(name, init);
    } else if (init.type === 'ObjectExpression' && !whole.has(name)) {
      for (const each of init.properties) {
        const member =
          each.type === 'Property' && !each.computed && each.key.type === 'Identifier' && textOf(each.value);
        if (!member) continue;
        const id = `${name}.${(each.key as { name: string }).name}`;
        const comma = /^\s*,/.exec(code.slice(each.end))?.[0].length ?? 0;
        keepers.set(id, { id, text: member, declaration: { ...each, end: each.end + comma } });
        declared.add(each.value);
      }
    }
  }
  const parameters = new Map<AnyNode, Map<string, Keeper>>();
  for (const [name, fn] of functions) {
    const own = new Map<string, Keeper>();
    fn.params.forEach((param, i) => {
      if (param.type !== 'Identifier' || bindingsIn(fn, param.name) !== 1 || assignedIn(fn).has(param.name)) return;
      own.set(param.name, { id: `${name}(${i})`, body: fn.body });
    });
    parameters.set(fn, own);
  }
  return {
    all: keepers.values(),
    of(node, around) {
      if (node.type === 'CallExpression') {
        const text = declared.has(node) ? undefined : textOf(node);
        return text && { id: `at ${node.start}`, text };
      }
      if (node.type === 'MemberExpression' && !node.computed && node.object.type === 'Identifier') {
        return node.property.type === 'Identifier'
          ? keepers.get(`${node.object.name}.${node.property.name}`)
          : undefined;
      }
      if (node.type !== 'Identifier') return undefined;
      for (const each of around) {
        const parameter = parameters.get(each)?.get(node.name);
        if (parameter) return parameter;
      }
      return keepers.get(node.name);
    },
    takersOf({ callee, arguments: given, optional }) {
      const fn = callee.type === 'Identifier' && !optional ? functions.get(callee.name) : undefined;
      if (fn === undefined) return [];
      const isPlain = given.every(({ type }) => type !== 'SpreadElement');
      return fn.params.flatMap((param, i) => {
        const keeper = param.type === 'Identifier' ? parameters.get(fn)?.get(param.name) : undefined;
        return keeper ? [[keeper.id, isPlain ? given[i] : undefined] as const] : [];
      });
    },
  };
}

/** `$text(begin, end)` */
function textOf(node: AnyNode): Text | undefined {
  if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier' || node.callee.name !== '$text')
    return undefined;
  const [from, end] = node.arguments.map((each) => (each.type === 'Literal' ? each.value : undefined));
  if (typeof from !== 'number' || typeof end !== 'number' || end - from > LENGTH_MAX) return undefined;
  return { from, length: end - from };
}

/** How often names are declared, and those that are used otherwise than as an object of members, or as a function. */
function namesIn(program: Program) {
  const bindings = new Map<string, number>();
  const exported = new Set<string>();
  const whole = new Set<string>();
  const uncalled = new Set<string>();
  fullAncestor(program, (node, _, ancestors, type) => {
    const each = node as AnyNode;
    if (each.type === 'ExportNamedDeclaration') {
      for (const { local } of each.specifiers) if (local.type === 'Identifier') exported.add(local.name);
    }
    if (each.type !== 'Identifier') return;
    if (type === 'VariablePattern') bindings.set(each.name, (bindings.get(each.name) ?? 0) + 1);
    else {
      const parent = ancestors.at(-2) as AnyNode | undefined;
      const isObject = parent?.type === 'MemberExpression' && parent.object === each && !parent.computed;
      if (!isObject) whole.add(each.name);
      if (parent?.type !== 'CallExpression' || parent.callee !== each || parent.optional) uncalled.add(each.name);
    }
  });
  return { bindings, exported, whole, uncalled };
}

function bindingsIn(fn: AnyNode, name: string): number {
  let count = 0;
  full(fn, (node, _, type) => {
    if (type === 'VariablePattern' && (node as { name?: string }).name === name) count++;
  });
  return count;
}
