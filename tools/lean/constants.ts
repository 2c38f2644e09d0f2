// SPDX-License-Identifier: Apache-2.0
/** Replaces constants by their values, and frequent code by shorter forms: code for a board. */

import type { AnyNode, Expression, Identifier, Node, Program } from 'acorn';
import { full } from 'acorn-walk';
import { type Edit, rewritten, treeOf } from './tree.ts';

/** Each assignment in a chain takes a place on the engine's stack until those after it are done. */
const LONGEST_CHAIN = 8;

type Constant = number | string;

/**
 * Replaces names of numbers by the numbers, expressions of numbers by their results, and puts both, and texts, into the
 * templates that use them. On XS, each constant is a slot, plus one more in each function that uses it. Other texts
 * keep their names: a function allocates its own texts at each call.
 */
export function inlined(code: string): string {
  const program = treeOf(code);
  const { uses, bindings, shorthands, exported, tagged } = namesOf(program);
  const values = new Map<string, Constant>();
  const edits: Edit[] = [];
  for (const node of program.body) {
    if (node.type !== 'VariableDeclaration' || node.kind !== 'const' || node.declarations.length !== 1) continue;
    const { id, init } = node.declarations[0] ?? {};
    if (id?.type !== 'Identifier' || !init || exported.has(id.name) || bindings.get(id.name) !== 1) continue;
    const value = constantOf(init, values);
    if (value === undefined) continue;
    values.set(id.name, value);
    if (typeof value === 'number')
      edits.push({ start: node.start, end: code[node.end] === '\n' ? node.end + 1 : node.end, text: '' });
  }
  const inside = (at: number) => edits.some(({ start, end }) => start <= at && at < end);
  const calculated: Edit[] = [];
  full(program, (node) => {
    const each = node as AnyNode;
    if (inside(each.start)) return;
    if (each.type === 'TemplateLiteral' && !tagged.has(each)) {
      each.expressions.forEach((expression, i) => {
        const value = constantOf(expression, values);
        if (value === undefined) return;
        const [before, after] = [each.quasis[i], each.quasis[i + 1]];
        if (before && after) calculated.push({ start: before.end, end: after.start, text: inTemplate(value) });
      });
    }
    if (each.type !== 'BinaryExpression') return;
    const value = constantOf(each, values);
    if (typeof value === 'number')
      calculated.push({ start: each.start, end: each.end, text: written(value, code, each) });
  });
  // Of nested expressions, only the outermost.
  const outer = calculated.filter(
    (each) => !calculated.some((it) => it !== each && it.start <= each.start && each.end <= it.end),
  );
  edits.push(...outer);
  for (const [name, value] of values) {
    if (typeof value === 'string') continue;
    for (const use of uses.get(name) ?? []) {
      if (inside(use.start)) continue;
      const text = written(value, code, use);
      edits.push({ start: use.start, end: use.end, text: shorthands.has(use.start) ? `${name}: ${text}` : text });
    }
  }
  return rewritten(code, edits);
}

/**
 * Replaces constants of a module that are only other names of constants by these. Of no name is there a second
 * variable anywhere, so that none has another meaning at a use.
 */
export function unaliased(code: string): string {
  const program = treeOf(code);
  const { uses, bindings, shorthands, exported } = namesOf(program);
  const isOnly = (name: string) => bindings.get(name) === 1 && !exported.has(name);
  const constants = new Set<string>();
  const edits: Edit[] = [];
  for (const node of program.body) {
    if (node.type !== 'VariableDeclaration' || node.kind !== 'const' || node.declarations.length !== 1) continue;
    const { id, init } = node.declarations[0] ?? {};
    if (id?.type !== 'Identifier') continue;
    constants.add(id.name);
    if (init?.type !== 'Identifier' || !isOnly(id.name) || !isOnly(init.name) || !constants.has(init.name)) continue;
    edits.push({ start: node.start, end: code[node.end] === '\n' ? node.end + 1 : node.end, text: '' });
    for (const { start, end } of uses.get(id.name) ?? [])
      edits.push({ start, end, text: shorthands.has(start) ? `${id.name}: ${init.name}` : init.name });
    // An alias of an alias would need another round.
    constants.delete(id.name);
  }
  return rewritten(code, edits);
}

/** The names in a module, and where they occur. */
export function namesOf(program: Program) {
  const uses = new Map<string, Identifier[]>();
  const bindings = new Map<string, number>();
  const shorthands = new Set<number>();
  const exported = new Set<string>();
  const tagged = new Set<AnyNode>();
  full(program, (node, _, type) => {
    const each = node as AnyNode;
    if (each.type === 'Property' && each.shorthand) shorthands.add(each.value.start);
    if (each.type === 'TaggedTemplateExpression') tagged.add(each.quasi);
    if (each.type === 'ExportNamedDeclaration') {
      for (const { local } of each.specifiers) if (local.type === 'Identifier') exported.add(local.name);
    }
    if (each.type !== 'Identifier') return;
    if (type === 'VariablePattern') bindings.set(each.name, (bindings.get(each.name) ?? 0) + 1);
    else {
      const own = uses.get(each.name);
      if (own === undefined) uses.set(each.name, [each]);
      else own.push(each);
    }
  });
  return { uses, bindings, shorthands, exported, tagged };
}

/** The value of an expression; undefined when it is not known before the module runs. */
function constantOf(node: Expression | AnyNode, values: ReadonlyMap<string, Constant>): Constant | undefined {
  if (node.type === 'Identifier') return values.get(node.name);
  if (node.type === 'Literal') {
    return typeof node.value === 'number' || typeof node.value === 'string' ? node.value : undefined;
  }
  if (node.type === 'UnaryExpression' && node.operator === '-') {
    const value = constantOf(node.argument, values);
    return typeof value === 'number' ? -value : undefined;
  }
  if (node.type !== 'BinaryExpression') return undefined;
  const [left, right] = [constantOf(node.left, values), constantOf(node.right, values)];
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  const result = calculate(node.operator, left, right);
  return Number.isSafeInteger(result) ? result : undefined;
}

function calculate(operator: string, left: number, right: number): number {
  if (operator === '+') return left + right;
  if (operator === '-') return left - right;
  if (operator === '*') return left * right;
  return operator === '**' ? left ** right : Number.NaN;
}

function written(value: number, code: string, { end }: Node): string {
  return value < 0 || code[end] === '.' ? `(${value})` : String(value);
}

function inTemplate(value: Constant): string {
  // In a template, CR LF would become LF.
  return String(value)
    .replace(/[\\`]|\$\{/g, '\\$&')
    .replaceAll('\r', '\\r');
}

/**
 * Writes `return void 0` as `return`, and consecutive assignments of the same constant to members as one: on XS, `void
 * 0` takes three bytes.
 */
export function chained(code: string): string {
  const edits: Edit[] = [];
  full(treeOf(code), (node) => {
    const each = node as AnyNode;
    if (each.type === 'ReturnStatement' && each.argument && isUndefined(each.argument)) {
      edits.push({ start: each.start, end: each.end, text: 'return;' });
    }
    if (each.type !== 'BlockStatement') return;
    let chain: { node: Node; member: string; value: string }[] = [];
    const end = () => {
      const [first, last] = [chain[0], chain.at(-1)];
      if (first && last && first !== last) {
        // The first member is still assigned first.
        const members = chain.map(({ member }) => `${member} = `).reverse();
        edits.push({ start: first.node.start, end: last.node.end, text: `${members.join('')}${first.value};` });
      }
      chain = [];
    };
    for (const statement of each.body) {
      const found = constantMember(statement, code);
      if (found === undefined || found.value !== chain[0]?.value || chain.length === LONGEST_CHAIN) end();
      if (found !== undefined) chain.push({ node: statement, ...found });
    }
    end();
  });
  return rewritten(code, edits);
}

/** `this.member = constant;` */
function constantMember(statement: AnyNode, code: string): { member: string; value: string } | undefined {
  if (statement.type !== 'ExpressionStatement') return undefined;
  const { expression } = statement;
  if (expression.type !== 'AssignmentExpression' || expression.operator !== '=') return undefined;
  const { left, right } = expression;
  if (left.type !== 'MemberExpression' || left.computed || left.object.type !== 'ThisExpression') return undefined;
  if (right.type !== 'Literal' && !isUndefined(right)) return undefined;
  if ('regex' in right) return undefined;
  return { member: code.slice(left.start, left.end), value: code.slice(right.start, right.end) };
}

/** Writes `void 0` as `void null`, which is one byte shorter on XS. */
export function shortUndefined(code: string): string {
  const edits: Edit[] = [];
  full(treeOf(code), ({ type, start, end }) => {
    if (type === 'UnaryExpression' && code.slice(start, end) === 'void 0')
      edits.push({ start, end, text: 'void null' });
  });
  return rewritten(code, edits);
}

function isUndefined(node: Expression): boolean {
  return node.type === 'UnaryExpression' && node.operator === 'void' && node.argument.type === 'Literal';
}
