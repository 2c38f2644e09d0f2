// SPDX-License-Identifier: Apache-2.0
/** Replaces a call by the body of the function. */

import type {
  AnyNode,
  BlockStatement,
  CallExpression,
  FunctionDeclaration,
  FunctionExpression,
  Identifier,
  Node,
  ReturnStatement,
} from 'acorn';
import { ancestor, full } from 'acorn-walk';
import { before, type Lasting } from './evaluation.ts';
import {
  assignedIn,
  declaredIn,
  identifiersIn,
  isFunction,
  isStatement,
  isStill,
  lastIndex,
  lastingIn,
} from './scopes.ts';
import { type Edit, edited } from './tree.ts';
import { isFirst, rootOf } from './work-order.ts';

export interface Callee {
  readonly fn: FunctionDeclaration | FunctionExpression;
  /** The declaration or the whole method. */
  readonly whole: Node;
  readonly isMethod: boolean;
}

export interface Site {
  readonly callee: Callee;
  readonly call: CallExpression;
  /** The nodes from the program down to the call. */
  readonly ancestors: readonly AnyNode[];
}

/** What can change anywhere in a module: its variables, and whether a member can. */
export interface Changing {
  readonly variables: ReadonlySet<string>;
  readonly isLastingMember: (name: string) => boolean;
}

/** Undefined when no statements can stand at the call, or a name has another meaning there. */
export function inPlace(code: string, site: Site, changing: Changing, next: () => number): Edit | undefined {
  const { ancestors, call, callee } = site;
  const { fn } = callee;
  const holder = ancestors.find((each) => isFunction(each));
  if (holder === undefined || !isMovable(site, holder)) return undefined;
  const functionAt = lastIndex(ancestors, isFunction);
  const own = declaredIn(fn);
  const block = fn.body as BlockStatement;
  const [only, more] = block.body;
  const value = only?.type === 'ReturnStatement' && !more ? only.argument : undefined;
  // An expression without effects cannot change variables.
  const still = value && isStill(value) ? value : undefined;
  const isLasting = lastingIn(holder, changing.variables);
  const put = parameters(code, site, own, isLasting, still, next);
  if (put === undefined) return undefined;
  const body = { code, block, ...put };
  if (put.first === '' && value) {
    return { start: call.start, end: call.end, text: `(${written(body, value)})` };
  }
  const statementAt = lastIndex(ancestors, isStatement);
  const [parent, statement] = [ancestors[statementAt - 1], ancestors[statementAt]];
  if (statementAt < functionAt || parent === undefined || statement === undefined) return undefined;
  const lasting = { variable: isLasting, member: changing.isLastingMember };
  return atStatement(body, site, statement, parent, lasting, next);
}

/** Whether the body would have the same meaning in the function of the call. */
export function isMovable({ ancestors, call, callee: { fn } }: Site, holder: AnyNode): boolean {
  if (call.arguments.length > fn.params.length || call.arguments.some(({ type }) => type === 'SpreadElement'))
    return false;
  const functionAt = lastIndex(ancestors, isFunction);
  if (ancestors.some((each, i) => i > functionAt && each.type === 'ChainExpression')) return false;
  const own = declaredIn(fn);
  const strange = declaredIn(holder);
  return !identifiersIn(fn.body).some(({ name }) => !own.has(name) && strange.has(name));
}

type Range = Pick<Node, 'start' | 'end'>;

/** The inlined body, with the new names of its variables and of `this`. */
interface Body {
  readonly code: string;
  readonly block: BlockStatement;
  readonly names: ReadonlyMap<string, string>;
  readonly self: string;
  /** Declarations of its parameters, which precede it. */
  readonly first: string;
}

/**
 * Arguments that cannot change replace their parameters; other parameters, and all declared variables, get new names.
 */
function parameters(
  code: string,
  { call, callee }: Site,
  own: ReadonlySet<string>,
  isLasting: (name: string) => boolean,
  still: AnyNode | undefined,
  next: () => number,
): Pick<Body, 'names' | 'self' | 'first'> | undefined {
  const names = new Map([...own].map((name) => [name, `${name}$${next()}`]));
  const assigned = assignedIn(callee.fn);
  const lasts = (node: AnyNode | undefined) =>
    node !== undefined &&
    (node.type === 'ThisExpression' ||
      (node.type === 'Identifier' && (still !== undefined || isLasting(node.name))) ||
      (node.type === 'Literal' && (typeof node.value === 'number' || typeof node.value === 'boolean')));
  let first = '';
  let self = 'this';
  if (call.callee.type === 'MemberExpression' && call.callee.object.type !== 'ThisExpression') {
    const { object } = call.callee;
    if (object.type === 'Super') return undefined;
    const text = code.slice(object.start, object.end);
    const isOnce = still !== undefined && isStill(object) && timesIn(still, 'this') <= 1;
    self = lasts(object) ? text : isOnce ? `(${text})` : `$self${next()}`;
    if (!lasts(object) && !isOnce) first = `const ${self} = ${text};\n  `;
  }
  for (const [i, parameter] of callee.fn.params.entries()) {
    const { name } = parameter as Identifier;
    const argument = call.arguments[i];
    if (argument?.type === 'SpreadElement') return undefined;
    const text = argument === undefined ? 'void 0' : code.slice(argument.start, argument.end);
    if (!assigned.has(name) && lasts(argument)) names.set(name, text);
    else if (still && timesIn(still, name) <= 1 && (!argument || isStill(argument))) names.set(name, `(${text})`);
    else first += `${assigned.has(name) ? 'let' : 'const'} ${names.get(name)} = ${text};\n  `;
  }
  return { names, self, first };
}

function timesIn(node: AnyNode, name: string): number {
  let count = 0;
  full(node, (each) => {
    const it = each as AnyNode;
    if (it.type === 'ThisExpression' ? name === 'this' : it.type === 'Identifier' && it.name === name) count++;
  });
  return count;
}

/** Inlines a call that is a whole statement, its value, or before which nothing is evaluated that acts or could change. */
function atStatement(
  body: Body,
  { call }: Site,
  statement: AnyNode,
  parent: AnyNode,
  lasting: Lasting,
  next: () => number,
): Edit | undefined {
  const { start, end } = statement;
  const isListed = parent.type === 'BlockStatement' || parent.type === 'SwitchCase';
  const edit = (text: string): Edit => ({ start, end, text });
  const rest = (value: string) => edited(body.code, [{ start: call.start, end: call.end, text: value }], start, end);
  if (statement.type === 'ReturnStatement' && statement.argument === call) {
    const end = returnsOf(body.block).isTail ? '' : '\n  return;';
    return edit(`{\n  ${body.first}${written(body, whole(body))}${end}\n  }`);
  }
  const { returns, isTail } = returnsOf(body.block);
  if (statement.type === 'ExpressionStatement' && statement.expression === call) {
    return edit(ended(body, returns, isTail, next, ''));
  }
  const root = rootOf(statement);
  if (!isFirst(root, call) && !(root && isUnnoticed(root, call, lasting))) return undefined;
  const isDeclaration = statement.type === 'VariableDeclaration';
  if (isDeclaration && !isListed) return undefined;
  const [last] = returns.slice(-1);
  if (isTail && returns.length === 1 && last?.argument) {
    // The value is evaluated where the call was. All these names are different.
    const before = { start: body.block.start + 1, end: last.start };
    const text = `${body.first}${written(body, before)}${rest(`(${written(body, last.argument)})`)}`;
    return edit(isDeclaration ? text : `{\n  ${text}\n  }`);
  }
  const isGiven = isTail && returns.every(({ argument }) => argument);
  const variable = isDeclaration || isGiven ? variableOf(statement, call) : undefined;
  const value = variable ?? `$value${next()}`;
  const block = ended(body, returns, isTail, next, `${value} = `);
  if (variable !== undefined && !isDeclaration) return edit(block);
  const text = `let ${value};\n  ${block}${variable === undefined ? `\n  ${rest(value)}` : ''}`;
  return edit(isDeclaration ? text : `{\n  ${text}\n  }`);
}

/** Whether what is evaluated before the call does not change when it is evaluated later. */
function isUnnoticed(root: AnyNode, call: Node, lasting: Lasting): boolean {
  const first = before([root], call, lasting);
  return first?.isSure === true && !first.acts && !first.reads;
}

/** The variable that gets the value of the call unchanged; undefined: none. */
function variableOf(statement: AnyNode, call: Node): string | undefined {
  if (statement.type === 'VariableDeclaration') {
    const [first, more] = statement.declarations;
    return first?.id.type === 'Identifier' && first.init === call && !more ? first.id.name : undefined;
  }
  if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'AssignmentExpression')
    return undefined;
  const { left, operator, right } = statement.expression;
  return operator === '=' && left.type === 'Identifier' && right === call ? left.name : undefined;
}

/** The body as a block that ends where the function returned. */
function ended(
  body: Body,
  returns: readonly ReturnStatement[],
  isTail: boolean,
  next: () => number,
  target: string,
): string {
  const label = `$end${next()}`;
  const isLabelled = returns.length > (isTail ? 1 : 0);
  const edits = returns.map((each, i): Edit => {
    const isNeeded = each.argument && (target !== '' || !isName(each.argument));
    const argument = isNeeded && each.argument ? `${target}(${written(body, each.argument)});` : '';
    const isLast = isTail && i === returns.length - 1;
    return { start: each.start, end: each.end, text: isLast ? argument : `{ ${argument} break ${label}; }` };
  });
  const inside = editsOf(body, body.block).filter(
    ({ start }) => !edits.some((it) => it.start <= start && start < it.end),
  );
  const text = edited(body.code, [...edits, ...inside], whole(body).start, whole(body).end);
  return `${isLabelled ? `${label}: ` : ''}{\n  ${body.first}${text}\n  }`;
}

function isName({ type }: AnyNode): boolean {
  return type === 'Identifier' || type === 'Literal' || type === 'ThisExpression';
}

/** A part of the body, with the new names. */
function written(body: Body, { start, end }: Range): string {
  const inside = editsOf(body, body.block).filter((each) => start <= each.start && each.end <= end);
  return edited(body.code, inside, start, end);
}

/** The range of the whole body. */
function whole({ block }: Body): Range {
  return { start: block.start + 1, end: block.end - 1 };
}

/** The edits for the new names and for `this`. */
function editsOf({ names, self }: Body, block: BlockStatement): Edit[] {
  const edits: Edit[] = [];
  const shorthands = new Set<number>();
  full(block, (node) => {
    const each = node as AnyNode;
    if (each.type === 'ObjectExpression' || each.type === 'ObjectPattern') {
      for (const it of each.properties) if (it.type === 'Property' && it.shorthand) shorthands.add(it.start);
    }
    if (each.type === 'ThisExpression' && self !== 'this') edits.push({ start: each.start, end: each.end, text: self });
  });
  for (const { name, start, end } of identifiersIn(block)) {
    const text = names.get(name);
    if (text !== undefined) edits.push({ start, end, text: shorthands.has(start) ? `${name}: ${text}` : text });
  }
  return edits;
}

/** The returns of the function itself, and whether it ends with one. */
function returnsOf(block: BlockStatement): { returns: ReturnStatement[]; isTail: boolean } {
  const returns: ReturnStatement[] = [];
  ancestor(block, {
    ReturnStatement(node, _, ancestors) {
      if (!ancestors.some((each) => isFunction(each as AnyNode))) returns.push(node);
    },
  });
  returns.sort((a, b) => a.start - b.start);
  return { returns, isTail: block.body.at(-1)?.type === 'ReturnStatement' };
}
