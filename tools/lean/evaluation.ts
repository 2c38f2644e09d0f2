// SPDX-License-Identifier: Apache-2.0
/** What is evaluated between two places in code for a board. */

import type { AnyNode, MemberExpression, Node, VariableDeclarator } from 'acorn';
import { full } from 'acorn-walk';
import { isFunction } from './scopes.ts';

/** What evaluating code can do, or notice. */
export interface Nature {
  /** It calls or assigns. */
  readonly acts: boolean;
  /** It reads what a call or an assignment could change. */
  readonly reads: boolean;
}

/** Tells variables that keep one value, and members whose objects never get another value. */
export interface Lasting {
  variable(name: string): boolean;
  member(name: string): boolean;
}

const ACTING = new Set<string>([
  'ArrayPattern',
  'AwaitExpression',
  'CallExpression',
  // Its static parts may do anything.
  'ClassExpression',
  // The variable of a loop may be a member, and an iterator has methods.
  'ForInStatement',
  'ForOfStatement',
  'ImportExpression',
  'NewExpression',
  'SpreadElement',
  'TaggedTemplateExpression',
  'UpdateExpression',
  'YieldExpression',
]);

/** Functions inside are only created. */
export function natureOf(node: AnyNode, lasting: Lasting): Nature {
  let acts = false;
  let reads = false;
  visit(node);
  return { acts, reads };

  function visit(each: AnyNode): void {
    if (isFunction(each)) return;
    if (ACTING.has(each.type) || each.type === 'AssignmentExpression' || isDelete(each)) acts = true;
    if (each.type === 'Identifier') {
      if (!lasting.variable(each.name)) reads = true;
      return;
    }
    if (each.type === 'MemberExpression' && !isLastingMember(each, lasting)) reads = true;
    if (each.type === 'ObjectPattern' || (each.type === 'BinaryExpression' && each.operator === 'in')) reads = true;
    for (const [key, value] of childrenOf(each)) {
      if (!isName(each, key)) visit(value);
    }
  }
}

/** Names of the members that a function assigns: while a constructor runs, those of its object change. */
export function membersAssignedIn(fn: AnyNode): ReadonlySet<string> {
  const names = new Set<string>();
  full(fn, (node) => {
    const each = node as AnyNode;
    if (each.type !== 'AssignmentExpression' || each.left.type !== 'MemberExpression') return;
    if (each.left.property.type === 'Identifier' && !each.left.computed) names.add(each.left.property.name);
  });
  return names;
}

/** Members of the module that only get a value while their object is created, and the names of methods. */
export function lastingMembers(program: AnyNode): (name: string) => boolean {
  const made = new Set<string>();
  const changed = new Set<string>();
  let constructing: AnyNode | undefined;
  visit(program);
  return (name) => made.has(name) && !changed.has(name);

  function visit(node: AnyNode): void {
    const before = constructing;
    if (node.type === 'MethodDefinition' && node.key.type === 'Identifier' && !node.computed) {
      (node.kind === 'method' ? made : changed).add(node.key.name);
      constructing = node.kind === 'constructor' ? node : undefined;
    } else if (isFunction(node) && before?.type === 'FunctionExpression') constructing = undefined;
    if (node.type === 'FunctionExpression' && before?.type === 'MethodDefinition') constructing = node;
    if (node.type === 'AssignmentExpression') target(node.left, node.operator === '=');
    if (node.type === 'UpdateExpression') target(node.argument, false);
    if (isDelete(node)) target((node as { argument: AnyNode }).argument, false);
    if (node.type === 'PropertyDefinition' || node.type === 'Property') {
      if (!node.computed && node.key.type === 'Identifier' && node.type === 'Property' && node.kind !== 'init')
        changed.add(node.key.name);
    }
    for (const [, value] of childrenOf(node)) visit(value);
    constructing = before;
  }

  function target(left: AnyNode, isPlain: boolean): void {
    if (left.type !== 'MemberExpression') {
      full(left, (each) => {
        const it = each as AnyNode;
        if (it.type === 'MemberExpression') target(it, false);
      });
      return;
    }
    if (left.computed || left.property.type !== 'Identifier') return;
    const isMade = isPlain && constructing !== undefined && left.object.type === 'ThisExpression';
    (isMade ? made : changed).add(left.property.name);
  }
}

/**
 * What is evaluated in statements before a part of them, and whether that part is evaluated in any case. Undefined: it may be evaluated
 * more than once, or in another order.
 */
export function before(
  statements: readonly AnyNode[],
  target: Node,
  lasting: Lasting,
): (Nature & { isSure: boolean }) | undefined {
  let acts = false;
  let reads = false;
  let isSure = true;
  return inOrder(statements) ? { acts, reads, isSure } : undefined;

  /** Adds what stands before the target; false when it is not reached in a known order. */
  function reach(each: AnyNode): boolean {
    if (each === target) return true;
    switch (each.type) {
      case 'ExpressionStatement':
        return reach(each.expression);
      case 'ReturnStatement':
      case 'ThrowStatement':
      case 'UnaryExpression':
        return each.argument ? reach(each.argument) : false;
      case 'VariableDeclaration':
        return inOrder(valuesOf(each.declarations));
      case 'VariableDeclarator':
        return !!each.init && holds(each.init, target) && reach(each.init);
      case 'IfStatement':
        return orMaybe(each.test, each.alternate ? [each.consequent, each.alternate] : [each.consequent]);
      case 'BlockStatement':
        return inOrder(each.body);
      case 'LabeledStatement':
        return reach(each.body);
      case 'ForStatement':
        return !!each.init && holds(each.init, target) && reach(each.init);
      case 'SwitchStatement':
        return holds(each.discriminant, target) && reach(each.discriminant);
      case 'BinaryExpression':
        return each.left.type !== 'PrivateIdentifier' && inOrder([each.left, each.right]);
      case 'LogicalExpression':
        return orMaybe(each.left, [each.right]);
      case 'ConditionalExpression':
        return orMaybe(each.test, [each.consequent, each.alternate]);
      case 'SequenceExpression':
      case 'TemplateLiteral':
        return inOrder(each.expressions);
      case 'ArrayExpression':
        return inOrder(each.elements);
      case 'ObjectExpression':
        return inOrder(each.properties.map((it) => (it.type === 'Property' && !it.computed ? it.value : it)));
      case 'ChainExpression':
        return reach(each.expression);
      case 'MemberExpression': {
        if (holds(each.object, target)) return each.object.type !== 'Super' && reach(each.object);
        note(each.object);
        if (each.optional) isSure = false;
        return each.computed && reach(each.property as AnyNode);
      }
      case 'NewExpression':
        return inOrder([each.callee, ...each.arguments]);
      case 'CallExpression': {
        if (holds(each.callee, target)) return each.callee.type !== 'Super' && reach(each.callee);
        if (each.callee.type !== 'Super') note(each.callee);
        if (each.optional || isOptional(each.callee)) isSure = false;
        return inOrder(each.arguments);
      }
      case 'AssignmentExpression': {
        const { left, operator, right } = each;
        if (holds(left, target)) return left.type === 'MemberExpression' && operator === '=' && reach(left);
        if (left.type === 'MemberExpression') {
          note(left.object);
          if (left.computed) note(left.property as AnyNode);
          if (operator !== '=') reads = true;
        } else if (left.type !== 'Identifier') return false;
        else if (operator !== '=') reads = true;
        if (/^(?:&&|\|\||\?\?)=$/.test(operator)) isSure = false;
        return reach(right);
      }
      default:
        return false;
    }
  }

  function inOrder(nodes: readonly (AnyNode | null | undefined)[]): boolean {
    for (const each of nodes) {
      if (!each) continue;
      if (holds(each, target)) return reach(each);
      note(each);
    }
    return false;
  }

  function orMaybe(first: AnyNode, later: readonly AnyNode[]): boolean {
    if (holds(first, target)) return reach(first);
    note(first);
    isSure = false;
    const branch = later.find((each) => holds(each, target));
    return branch !== undefined && reach(branch);
  }

  function note(each: AnyNode): void {
    const nature = natureOf(each, lasting);
    acts ||= nature.acts;
    reads ||= nature.reads;
    if (leaves(each)) isSure = false;
  }
}

/** What declarations evaluate, which is more than a value where there is a pattern. */
export function valuesOf(declarators: readonly VariableDeclarator[]): AnyNode[] {
  return declarators.flatMap((each) => (each.id.type === 'Identifier' ? (each.init ?? []) : each));
}

/** Whether a statement may be the last one that runs. */
function leaves(node: AnyNode): boolean {
  if (!node.type.endsWith('Statement') || node.type === 'ExpressionStatement') return false;
  let found = false;
  full(node, ({ type }) => {
    if (/^(?:Return|Break|Continue|Throw)Statement$/.test(type)) found = true;
  });
  return found;
}

function holds(node: Node, part: Node): boolean {
  return node.start <= part.start && part.end <= node.end;
}

function isOptional(node: AnyNode): boolean {
  let found = false;
  full(node, (each) => {
    if ('optional' in each && each.optional === true) found = true;
  });
  return found;
}

function isDelete(node: AnyNode): boolean {
  return node.type === 'UnaryExpression' && node.operator === 'delete';
}

function isLastingMember({ computed, property }: MemberExpression, lasting: Lasting): boolean {
  return !computed && property.type === 'Identifier' && lasting.member(property.name);
}

/** Whether a child is the name of a member, and no variable. */
function isName(node: AnyNode, key: string): boolean {
  if (node.type === 'MemberExpression') return key === 'property' && !node.computed;
  if (node.type === 'Property') return key === 'key' && !node.computed;
  return key === 'label';
}

function* childrenOf(node: AnyNode): Generator<[key: string, child: AnyNode]> {
  for (const [key, value] of Object.entries(node)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (typeof each === 'object' && each !== null && 'type' in each) yield [key, each as AnyNode];
    }
  }
}
