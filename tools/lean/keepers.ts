// SPDX-License-Identifier: Apache-2.0
/** The places in code for a board where texts of the common buffer are kept. */

import type { AnyNode, ArrowFunctionExpression, CallExpression, Node, Program } from 'acorn';
import { fullAncestor } from 'acorn-walk';
import { assignedIn, bindingsIn } from './scopes.ts';
import { listsOf, membersIn } from './text-lists.ts';
import { type Text, textOf } from './texts.ts';

/**
 * A constant, a member of a constant object, a parameter of a function, or a text where it is used; the elements of a list, a member of
 * any object, and a local constant that is one of these.
 */
export interface Keeper {
  readonly id: string;
  /** Undefined for a parameter. */
  readonly text?: Text | undefined;
  /** The declaration of a constant, or the member of an object with its comma. */
  readonly declaration?: Node;
  /** The body of the function of a parameter. */
  readonly body?: Node;
}

export interface Keepers {
  readonly all: Iterable<Keeper>;
  /** The keeper that an expression names, with the nodes around it. */
  of(node: AnyNode, around: readonly AnyNode[]): Keeper | undefined;
  /** The parameters of the called function, as ids of keepers, with what the call gives them. */
  takersOf(call: CallExpression): (readonly [id: string, given: AnyNode | undefined])[];
  /** Lists that the call gives to parameters, as ids of the keepers of their elements. */
  listsIn(call: CallExpression): readonly (readonly [id: string, given: string])[];
  /** The keeper to which a node gives the text that is its child. */
  heldBy(parent: AnyNode, child: AnyNode, around: readonly AnyNode[]): string | undefined;
}

/**
 * Finds the keepers of a module. No constant of the module among them has a second variable of its name anywhere.
 * @param isInternal whether no other code makes objects with a member of this name for this code
 */
export function keepersOf(code: string, program: Program, isInternal: (name: string) => boolean): Keepers {
  const { bindings, exported, whole, uncalled } = namesIn(program);
  const arrays = new Map<string, AnyNode>();
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
    } else if (init.type === 'ArrayExpression' && init.elements.every((each) => each && textOf(each))) {
      arrays.set(name, init);
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
  const lists = listsOf(program, arrays, functions);
  const members = membersIn(program, declared, isInternal);
  const aliases = new Map<AnyNode, Map<string, Keeper>>();
  return {
    all: keepers.values(),
    of(node, around) {
      if (node.type === 'CallExpression') {
        const text = declared.has(node) ? undefined : textOf(node);
        return text && { id: `at ${node.start}`, text };
      }
      if (node.type === 'MemberExpression') {
        const { object, property, computed } = node;
        if (computed) {
          const list = object.type === 'Identifier' ? lists.of(object.name, around) : undefined;
          return list === undefined ? undefined : { id: `${list}[]` };
        }
        if (property.type !== 'Identifier') return undefined;
        const own = object.type === 'Identifier' ? keepers.get(`${object.name}.${property.name}`) : undefined;
        return own ?? (members.has(property.name) ? { id: `.${property.name}` } : undefined);
      }
      if (node.type !== 'Identifier') return undefined;
      for (const each of around) {
        const found = parameters.get(each)?.get(node.name) ?? aliases.get(each)?.get(node.name);
        if (found) return lists.of(node.name, around) === undefined ? found : undefined;
      }
      return keepers.get(node.name);
    },
    listsIn: (call) => lists.given(call),
    heldBy(parent, child, around) {
      if (parent.type === 'ArrayExpression') {
        const [name] = [...lists.arrays].find(([, array]) => array === parent) ?? [];
        return name === undefined ? undefined : `${name}[]`;
      }
      if (parent.type === 'Property' && parent.value === child && parent.key.type === 'Identifier') {
        return members.has(parent.key.name) && !declared.has(child) ? `.${parent.key.name}` : undefined;
      }
      const fn = around.find(({ type }) => type === 'FunctionExpression' || type === 'ArrowFunctionExpression');
      if (parent.type !== 'VariableDeclarator' || parent.id.type !== 'Identifier' || fn === undefined) return undefined;
      const { name } = parent.id;
      if (bindingsIn(fn, name) !== 1 || assignedIn(fn).has(name)) return undefined;
      const id = `const ${parent.start}`;
      const own = aliases.get(fn) ?? new Map<string, Keeper>();
      aliases.set(fn, own.set(name, { id }));
      return id;
    },
    takersOf({ callee, arguments: given, optional }) {
      const fn = callee.type === 'Identifier' && !optional ? functions.get(callee.name) : undefined;
      if (fn === undefined) return [];
      const isPlain = given.every(({ type }) => type !== 'SpreadElement');
      return fn.params.flatMap((param, i) => {
        if (lists.isParameter(fn, i)) return [];
        const keeper = param.type === 'Identifier' ? parameters.get(fn)?.get(param.name) : undefined;
        return keeper ? [[keeper.id, isPlain ? given[i] : undefined] as const] : [];
      });
    },
  };
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
