// SPDX-License-Identifier: Apache-2.0
/**
 * Puts each constant into the narrowest scope that can hold it: code for a board. On XS, a name takes a slot and a text in flash
 * once, and constants of different scopes share their names.
 */

import type { AnyNode, MemberExpression, Program, VariableDeclaration } from 'acorn';
import { identifiersIn } from './scopes.ts';
import { type Edit, rewritten, treeOf } from './tree.ts';

interface Constant {
  readonly statement: VariableDeclaration;
  readonly value: AnyNode;
  /** The constants that occur in its value, functions in it included. */
  readonly needs: readonly string[];
}

/** Fewer constants are not worth the code of a scope. */
const LEAST = 3;

type Constants = ReadonlyMap<string, Constant>;

/**
 * Declares a constant of a module that is only needed within the value of another one around that value:
 * `const A = (() => { const B = 1; return class { … B … }; })();`. Constants that nothing needs are left out if their
 * values are texts. Values are made later than before, but in the same order: only for modules whose values do not
 * depend on what happens in between.
 */
export function nested(code: string): string {
  const program = treeOf(code);
  const constants = constantsOf(program);
  const fixed = neededOutside(program, constants);
  // What nothing needs is made all the same, unless that is seen to do nothing.
  const needed = reached(constants, fixed);
  for (const [name, { value }] of constants) if (!needed.has(name) && !isText(value)) fixed.add(name);
  let inner = innerOf(constants, fixed);
  // One that is declared after its user stays where it is.
  for (let late = lateIn(constants, inner); late.length > 0; late = lateIn(constants, inner)) {
    for (const name of late) fixed.add(name);
    inner = innerOf(constants, fixed);
  }
  const reachable = reached(constants, fixed);
  const moved = new Set([...inner.values()].flat());
  const edits: Edit[] = [];
  for (const [name, { statement, value }] of constants) {
    const { start, end } = statement;
    if (moved.has(name) || (!reachable.has(name) && isText(value))) edits.push({ start, end, text: '' });
    else if (inner.has(name)) edits.push({ start, end, text: declaration(code, name, constants, inner) });
  }
  return rewritten(code, edits);
}

function constantsOf({ body }: Program): Constants {
  const found = new Map<string, { statement: VariableDeclaration; value: AnyNode }>();
  for (const statement of body) {
    if (statement.type !== 'VariableDeclaration' || statement.kind !== 'const') continue;
    const [only, more] = statement.declarations;
    if (only?.id.type === 'Identifier' && only.init && !more) found.set(only.id.name, { statement, value: only.init });
  }
  return new Map(
    [...found].map(([name, each]) => [name, { ...each, needs: namesIn(each.value).filter((it) => found.has(it)) }]),
  );
}

function namesIn(node: AnyNode): string[] {
  return [...new Set(identifiersIn(node).map(({ name }) => name))];
}

/** The constants that occur in other statements of the module, exports included. */
function neededOutside({ body }: Program, constants: Constants): Set<string> {
  const own = new Set<AnyNode>([...constants.values()].map(({ statement }) => statement));
  const names = new Set<string>();
  for (const statement of body) {
    if (own.has(statement)) continue;
    for (const name of namesIn(statement)) names.add(name);
    if (statement.type !== 'ExportNamedDeclaration') continue;
    for (const { local } of statement.specifiers) if (local.type === 'Identifier') names.add(local.name);
  }
  return new Set([...names].filter((name) => constants.has(name)));
}

/** The constants that are needed, by `from` and by each other, if nothing needed `without`. */
function reached(constants: Constants, from: Iterable<string>, without?: string): Set<string> {
  const found = new Set<string>();
  const todo = [...from];
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (name === without || found.has(name)) continue;
    found.add(name);
    todo.push(...(constants.get(name)?.needs ?? []));
  }
  return found;
}

/** For a constant, those that are needed within its value only, without those that fit into one of these. */
function innerOf(constants: Constants, fixed: ReadonlySet<string>): Map<string, string[]> {
  const all = reached(constants, fixed);
  const holders = new Map<string, { name: string; size: number }>();
  for (const name of all) {
    // One that needs nothing holds nothing.
    if (constants.get(name)?.needs.length === 0) continue;
    const others = reached(constants, fixed, name);
    const held = [...all].filter((each) => each !== name && !others.has(each));
    for (const each of held) {
      if (held.length < (holders.get(each)?.size ?? Number.POSITIVE_INFINITY)) {
        holders.set(each, { name, size: held.length });
      }
    }
  }
  const count = (holder: string) => [...holders.values()].filter(({ name }) => name === holder).length;
  const inner = new Map<string, string[]>();
  // In the order of their declarations.
  for (const name of constants.keys()) {
    let holder = holders.get(name)?.name;
    while (holder !== undefined && count(holder) < LEAST) holder = holders.get(holder)?.name;
    if (holder !== undefined) inner.set(holder, [...(inner.get(holder) ?? []), name]);
  }
  return inner;
}

function lateIn(constants: Constants, inner: ReadonlyMap<string, readonly string[]>): string[] {
  const startOf = (name: string) => constants.get(name)?.statement.start ?? 0;
  return [...inner].flatMap(([holder, names]) => names.filter((name) => startOf(name) > startOf(holder)));
}

function declaration(
  code: string,
  name: string,
  constants: Constants,
  inner: ReadonlyMap<string, readonly string[]>,
): string {
  const { statement, value } = constants.get(name) as Constant;
  const own = inner.get(name);
  if (own === undefined) return code.slice(statement.start, statement.end);
  const before = own.map((each) => declaration(code, each, constants, inner));
  return `const ${name} = (() => {\n${before.join('\n')}\nreturn ${code.slice(value.start, value.end)};\n})();`;
}

/** Whether it is a text, a piece of the common buffer, or a function that stands elsewhere, too. */
function isText({ type, ...value }: AnyNode): boolean {
  if (type === 'CallExpression') return (value as { callee?: { name?: string } }).callee?.name === '$text';
  return type === 'Literal' || type === 'MemberExpression';
}

/**
 * Freezes the constants of a module without state, deeply (the second argument is an extension of XS): an object in
 * flash that could change costs a board memory, and causes a warning of mcconfig. The constants of a scope are frozen in it.
 */
export function frozen(code: string): string {
  const edits: Edit[] = [];
  const names = objectsIn(treeOf(code).body, edits);
  return [rewritten(code, edits).trimEnd(), ...names.map(freezing), ''].join('\n');
}

/** The constants among these statements that are objects or arrays; those of inner scopes are frozen by `edits`. */
function objectsIn(body: readonly AnyNode[], edits: Edit[]): string[] {
  const names: string[] = [];
  for (const statement of body) {
    if (statement.type === 'ExpressionStatement') names.push(...placesIn(statement.expression));
    if (statement.type !== 'VariableDeclaration' || statement.kind !== 'const') continue;
    for (const { id, init } of statement.declarations) {
      if (init) names.push(...placesIn(init));
      const scope = init && scopeOf(init);
      const value = scope ? scope.result : init;
      if (scope) {
        const own = objectsIn(scope.body, edits).map((name) => `${freezing(name)}\n  `);
        if (own.length > 0) edits.push({ start: scope.end, end: scope.end, text: own.join('') });
      }
      if (isObject(value) && id.type === 'Identifier') names.push(id.name);
    }
  }
  return names;
}

/** The place on the shelf (shelf.ts) that an expression gives an object or array. */
function placesIn(expression: AnyNode): string[] {
  if (expression.type !== 'AssignmentExpression' || !isObject(expression.right)) return [];
  const { object, property, computed } = expression.left as MemberExpression;
  const place = computed && property.type === 'Literal' ? property.raw : undefined;
  return object?.type === 'Identifier' && place !== undefined ? [`${object.name}[${place}]`] : [];
}

function isObject(value: AnyNode | null | undefined): boolean {
  return value?.type === 'ObjectExpression' || value?.type === 'ArrayExpression';
}

function freezing(name: string): string {
  return `Object.freeze(${name}, true);`;
}

/** A scope that `nested` has made: what stands in it, what it returns, and the place before that. */
function scopeOf(value: AnyNode) {
  if (value.type !== 'CallExpression' || value.callee.type !== 'ArrowFunctionExpression') return undefined;
  const { params, body } = value.callee;
  if (params.length > 0 || body.type !== 'BlockStatement') return undefined;
  const last = body.body.at(-1);
  return last?.type === 'ReturnStatement' ? { body: body.body, result: last.argument, end: last.start } : undefined;
}
