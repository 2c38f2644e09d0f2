// SPDX-License-Identifier: Apache-2.0
/** The names that code declares, uses and assigns. */

import type { AnyNode, Identifier, MethodDefinition, Node } from 'acorn';
import { full } from 'acorn-walk';

const DOING = new Set([
  'ArrowFunctionExpression',
  'AssignmentExpression',
  'CallExpression',
  'NewExpression',
  'TaggedTemplateExpression',
  'UpdateExpression',
]);

/** Caches a result per node, because many calls lie in the same function. */
function remembered(find: (node: AnyNode) => Set<string>): (node: AnyNode) => Set<string> {
  const known = new WeakMap<AnyNode, Set<string>>();
  return (node) => {
    const names = known.get(node) ?? find(node);
    known.set(node, names);
    return names;
  };
}

export function lastIndex(nodes: readonly AnyNode[], is: (node: AnyNode) => boolean): number {
  return nodes.map(is).lastIndexOf(true);
}

export function isFunction({ type }: AnyNode): boolean {
  return type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';
}

export function isStatement({ type }: AnyNode): boolean {
  return type === 'VariableDeclaration' || (type.endsWith('Statement') && type !== 'BlockStatement');
}

export function identifiersIn(node: AnyNode): Identifier[] {
  const found: Identifier[] = [];
  full(node, (each) => {
    if (each.type === 'Identifier') found.push(each as Identifier);
  });
  return found;
}

/** Whether an expression has no effects: it calls nothing and assigns nothing. */
export function isStill(expression: AnyNode): boolean {
  let still = true;
  full(expression, ({ type }) => {
    if (DOING.has(type)) still = false;
  });
  return still;
}

/** The names that are declared or assigned in a node. */
function patternsIn(node: AnyNode): Set<string> {
  const names = new Set<string>();
  full(node, (each, _, type) => {
    if (type === 'VariablePattern') names.add((each as Identifier).name);
  });
  return names;
}

/** Tells variables that keep one value during a run of the function. */
export function lastingIn(holder: AnyNode, changing: ReadonlySet<string>): (name: string) => boolean {
  const own = declaredIn(holder);
  const assigned = assignedIn(holder);
  return (name) => !(own.has(name) ? assigned : changing).has(name);
}

export const assignedIn = remembered((node: AnyNode): Set<string> => {
  const names = new Set<string>();
  if (node.type === 'Program') {
    // Statements outlast the tree.
    for (const statement of node.body) for (const name of assignedIn(statement)) names.add(name);
    return names;
  }
  full(node, (each) => {
    const it = each as AnyNode;
    if (it.type === 'AssignmentExpression') for (const name of patternsIn(it.left)) names.add(name);
    if (it.type === 'AssignmentExpression' && it.left.type === 'Identifier') names.add(it.left.name);
    if (it.type === 'UpdateExpression' && it.argument.type === 'Identifier') names.add(it.argument.name);
    if ((it.type === 'ForOfStatement' || it.type === 'ForInStatement') && it.left.type !== 'VariableDeclaration') {
      for (const { name } of identifiersIn(it.left)) names.add(name);
    }
  });
  return names;
});

export const declaredIn = remembered((fn: AnyNode): Set<string> => {
  const names = new Set<string>();
  const add = (pattern: AnyNode) => {
    if (pattern.type === 'Identifier') names.add(pattern.name);
    else for (const name of patternsIn(pattern)) names.add(name);
  };
  full(fn, (each) => {
    const it = each as AnyNode;
    if (it.type === 'VariableDeclarator') add(it.id);
    if (it.type === 'CatchClause' && it.param) add(it.param);
    if ('id' in it && it.id && it.type !== 'VariableDeclarator') add(it.id);
    if (isFunction(it)) for (const param of (it as { params: AnyNode[] }).params) add(param);
  });
  return names;
});

/** How often a name is declared in a function. */
export function bindingsIn(fn: AnyNode, name: string): number {
  let count = 0;
  full(fn, (node, _, type) => {
    if (type === 'VariablePattern' && (node as { name?: string }).name === name) count++;
  });
  return count;
}

/** The words of a node: variables as they are, members with a dot before them; a text may be both. */
export function wordsOf(node: AnyNode): string[] {
  switch (node.type) {
    case 'Identifier':
      return [node.name];
    case 'Literal':
      return typeof node.value === 'string' ? [node.value, `.${node.value}`] : [];
    case 'TemplateElement':
      return [`.${node.value.cooked}`];
    case 'MemberExpression':
      return !node.computed && node.property.type === 'Identifier' ? [`.${node.property.name}`] : [];
    case 'ObjectExpression':
    case 'ObjectPattern':
      return node.properties.flatMap((each) => (each.type === 'Property' ? keyOf(each) : []));
    case 'PropertyDefinition':
    case 'MethodDefinition':
      return keyOf(node);
    case 'ExportNamedDeclaration':
      return node.specifiers.flatMap(({ local }) => (local.type === 'Identifier' ? [local.name] : []));
    default:
      return [];
  }
}

export function keyOf({ computed, key }: Pick<MethodDefinition, 'computed' | 'key'>): string[] {
  return !computed && key.type === 'Identifier' ? [`.${key.name}`] : [];
}

export function overlap(a: Pick<Node, 'start' | 'end'>, b: Pick<Node, 'start' | 'end'>): boolean {
  return a.start < b.end && b.start < a.end;
}
