// SPDX-License-Identifier: Apache-2.0
/** Replaces conditional expressions by statements, when a call in them is to be inlined (inline-place.ts). */

import type { AnyNode, ArrowFunctionExpression, ConditionalExpression, LogicalExpression, Node } from 'acorn';
import type { Site } from './inline-place.ts';
import { isFunction, isStatement, lastIndex } from './scopes.ts';
import { type Edit, edited } from './tree.ts';
import { isFirst, rootOf } from './work-order.ts';

type Fork = ConditionalExpression | LogicalExpression;

/** Undefined when other code stands between the statement and the call. */
export function unforked(code: string, { ancestors, call }: Site, next: () => number): Edit | undefined {
  const functionAt = lastIndex(ancestors, isFunction);
  const statementAt = lastIndex(ancestors, isStatement);
  const [fn, parent, statement] = [ancestors[functionAt], ancestors[statementAt - 1], ancestors[statementAt]];
  if (statementAt < functionAt) return fn?.type === 'ArrowFunctionExpression' ? withBlock(code, fn, call) : undefined;
  if (parent === undefined || statement === undefined) return undefined;
  const root = rootOf(statement);
  const fork = forkOf(root, call);
  if (fork === undefined || !isReached(root, call)) return undefined;
  const isListed = parent.type === 'BlockStatement' || parent.type === 'SwitchCase';
  const text = decided(code, statement, fork, next);
  const { start, end } = statement;
  if (statement.type !== 'VariableDeclaration') return { start, end, text: `{\n  ${text}\n  }` };
  return isListed ? { start, end, text } : undefined;
}

/** Gives an arrow function with an expression body a block body. */
function withBlock(code: string, fn: ArrowFunctionExpression, call: Node): Edit | undefined {
  if (!isReached(fn.body, call)) return undefined;
  const start = code.indexOf('=>', fn.params.at(-1)?.end ?? fn.start) + 2;
  return { start, end: fn.end, text: ` {\n  return (${code.slice(fn.body.start, fn.body.end)});\n  }` };
}

/** Whether nothing is evaluated before the call but the tests of conditionals. */
function isReached(node: AnyNode | null | undefined, call: Node): boolean {
  if (isFirst(node, call)) return true;
  const fork = forkOf(node, call);
  return fork !== undefined && isFirst(node, fork) && isReached(branchOf(fork, call), call);
}

/** The outermost conditional with the call in a branch. */
function forkOf(node: AnyNode | null | undefined, call: Node): Fork | undefined {
  if (node?.type === 'ConditionalExpression') return holds(node.test, call) ? forkOf(node.test, call) : node;
  if (node?.type === 'LogicalExpression') return holds(node.left, call) ? forkOf(node.left, call) : node;
  return node ? forkOf(firstIn(node, call), call) : undefined;
}

function branchOf(fork: Fork, call: Node): AnyNode {
  if (fork.type === 'LogicalExpression') return fork.right;
  return holds(fork.consequent, call) ? fork.consequent : fork.alternate;
}

/** The part of an expression that is evaluated first and contains the call. */
function firstIn(node: AnyNode, call: Node): AnyNode | undefined {
  switch (node.type) {
    case 'BinaryExpression':
      return node.left.type === 'PrivateIdentifier' ? undefined : node.left;
    case 'UnaryExpression':
      return node.argument;
    case 'AssignmentExpression':
      return node.right;
    case 'MemberExpression':
      return node.object;
    case 'CallExpression':
      return holds(node.callee, call) ? node.callee : node.arguments[0];
    default:
      return undefined;
  }
}

function holds(node: Node, call: Node): boolean {
  return node.start <= call.start && call.end <= node.end;
}

/** The statement, with the conditional turned into statements before it or in its place. */
function decided(code: string, statement: AnyNode, fork: Fork, next: () => number): string {
  const text = ({ start, end }: Node) => code.slice(start, end);
  if (statement.type === 'IfStatement' && statement.test === fork && !statement.alternate) {
    if (fork.type === 'LogicalExpression' && fork.operator === '&&') {
      return `if (${text(fork.left)}) {\n  if (${text(fork.right)}) ${text(statement.consequent)}\n  }`;
    }
  }
  if (fork.type === 'ConditionalExpression') {
    const either = (before: string) =>
      `if (${text(fork.test)}) ${before}(${text(fork.consequent)});\n  else ${before}(${text(fork.alternate)});`;
    const target = targetOf(code, statement, fork);
    if (target !== undefined) return either(target);
    if (statement.type === 'VariableDeclaration') {
      const [{ id, init } = {}, more] = statement.declarations;
      if (id?.type === 'Identifier' && init === fork && !more) return `let ${id.name};\n  ${either(`${id.name} = `)}`;
    }
  }
  const name = `$fork${next()}`;
  const rest = edited(code, [{ start: fork.start, end: fork.end, text: name }], statement.start, statement.end);
  return `${variable(name, fork, text)}\n  ${rest}`;
}

/** The use of the value, if that is all that the statement does. */
function targetOf(code: string, statement: AnyNode, fork: Fork): string | undefined {
  if (statement.type === 'ReturnStatement' && statement.argument === fork) return 'return ';
  if (statement.type !== 'ExpressionStatement') return undefined;
  const { expression } = statement;
  if (expression === fork) return '';
  if (expression.type !== 'AssignmentExpression' || expression.right !== fork) return undefined;
  return expression.operator === '=' ? code.slice(expression.start, fork.start).replace(/[\s(]*$/, ' ') : undefined;
}

function variable(name: string, fork: Fork, text: (node: Node) => string): string {
  if (fork.type === 'ConditionalExpression') {
    return `let ${name};\n  if (${text(fork.test)}) ${name} = (${text(fork.consequent)});\n  else ${name} = (${text(fork.alternate)});`;
  }
  const condition = { '&&': name, '||': `!${name}`, '??': `${name} == null` }[fork.operator];
  return `let ${name} = (${text(fork.left)});\n  if (${condition}) ${name} = (${text(fork.right)});`;
}
