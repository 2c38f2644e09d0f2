// SPDX-License-Identifier: Apache-2.0
/** The order of evaluation in a statement. */

import type { AnyNode, Node } from 'acorn';

/** The expression that a statement evaluates first. */
export function rootOf(statement: AnyNode): AnyNode | null | undefined {
  switch (statement.type) {
    case 'ExpressionStatement':
      return statement.expression;
    case 'ReturnStatement':
    case 'ThrowStatement':
      return statement.argument;
    case 'IfStatement':
      return statement.test;
    case 'SwitchStatement':
      return statement.discriminant;
    case 'VariableDeclaration':
      return statement.declarations[0]?.id.type === 'Identifier' ? statement.declarations[0].init : undefined;
    default:
      return undefined;
  }
}

/** Whether nothing is evaluated before the call that has an effect or could change. */
export function isFirst(node: AnyNode | null | undefined, call: Node): boolean {
  if (node === call) return true;
  switch (node?.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
      return isFirst(node.left, call);
    case 'UnaryExpression':
      return isFirst(node.argument, call);
    case 'ConditionalExpression':
      return isFirst(node.test, call);
    case 'MemberExpression':
      return isFirst(node.object, call);
    case 'TemplateLiteral':
      return isFirst(node.expressions[0], call);
    case 'CallExpression':
      return node.callee.type === 'Identifier' ? isFirst(node.arguments[0], call) : isFirst(node.callee, call);
    case 'AssignmentExpression': {
      const { left, operator, right } = node;
      const isPlace =
        left.type === 'Identifier' ||
        (left.type === 'MemberExpression' && !left.computed && left.object.type === 'ThisExpression');
      return operator === '=' && isPlace && isFirst(right, call);
    }
    default:
      return false;
  }
}
