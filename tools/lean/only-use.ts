// SPDX-License-Identifier: Apache-2.0
/** Values at their only use: code for a board. On XS, a local variable takes eight bytes of code, and three steps. */

import type { AnyNode, Identifier, Node, VariableDeclarator } from 'acorn';
import { fullAncestor } from 'acorn-walk';
import { before, type Lasting, lastingMembers, membersAssignedIn, natureOf, valuesOf } from './evaluation.ts';
import { assignedIn, identifiersIn, isFunction, lastingIn, overlap } from './scopes.ts';
import { type Edit, rewritten, treeOf } from './tree.ts';

/** A value may contain the only use of another. */
const ROUNDS_MAX = 12;

/**
 * Replaces a local constant that is used once by its value, where nothing between the two could change the value, or
 * notice that it is evaluated later.
 */
export function atOnlyUse(code: string): string {
  let text = code;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const next = once(text);
    if (next === text) break;
    text = next;
  }
  return text;
}

function once(code: string): string {
  const program = treeOf(code);
  const changing = assignedIn(program);
  const isLastingMember = lastingMembers(program);
  const edits: Edit[] = [];
  for (const fn of functionsOf(program)) {
    const names = namesIn(fn);
    const isLasting = lastingIn(fn, changing);
    const assigned = membersAssignedIn(fn);
    const lasting = { variable: isLasting, member: (name: string) => isLastingMember(name) && !assigned.has(name) };
    fullAncestor(fn, (node) => {
      for (const list of listsOf(node as AnyNode)) {
        list.forEach((statement, i) => {
          if (statement.type !== 'VariableDeclaration' || statement.kind === 'var') return;
          statement.declarations.forEach((declarator, at) => {
            const found = placed(code, declarator, statement, at, list.slice(i + 1), names, lasting);
            if (found && !edits.some((each) => found.some((it) => overlap(each, it)))) edits.push(...found);
          });
        });
      }
    });
  }
  return rewritten(code, edits);
}

/** The functions that are in no other. */
function functionsOf(program: AnyNode): AnyNode[] {
  const found: AnyNode[] = [];
  fullAncestor(program, (node, _, ancestors) => {
    const around = ancestors.slice(0, -1) as AnyNode[];
    if (isFunction(node as AnyNode) && !around.some(isFunction)) found.push(node as AnyNode);
  });
  return found;
}

interface Names {
  /** Positions of the declarations of each name. */
  readonly declared: ReadonlyMap<string, readonly number[]>;
  readonly uses: ReadonlyMap<string, readonly Identifier[]>;
  /** Positions of shorthand properties. */
  readonly shorthands: ReadonlySet<number>;
  /** Uses in loops, or in functions inside. */
  readonly distant: ReadonlySet<Identifier>;
  /** What is called. */
  readonly called: ReadonlySet<Node>;
}

function namesIn(fn: AnyNode): Names {
  const declared = new Map<string, number[]>();
  const declare = ({ name, start }: Identifier) => declared.set(name, [...(declared.get(name) ?? []), start]);
  const called = new Set<Node>();
  const uses = new Map<string, Identifier[]>();
  const shorthands = new Set<number>();
  const distant = new Set<Identifier>();
  fullAncestor(fn, (node, _, ancestors, type) => {
    const each = node as AnyNode;
    if (each.type === 'Property' && each.shorthand) shorthands.add(each.start);
    if ('id' in each && each.id && each !== fn && each.type !== 'VariableDeclarator' && each.id.type === 'Identifier') {
      declare(each.id);
    }
    if (each.type === 'CallExpression') called.add(each.callee);
    if (each.type !== 'Identifier') return;
    if (type === 'VariablePattern') {
      declare(each);
      return;
    }
    uses.set(each.name, [...(uses.get(each.name) ?? []), each]);
    const inner = ancestors.slice(ancestors.lastIndexOf(fn) + 1) as AnyNode[];
    if (inner.some((it) => isFunction(it) || it.type === 'ClassExpression')) distant.add(each);
  });
  return { declared, uses, shorthands, distant, called };
}

/** The lists of statements of a node. */
function listsOf(node: AnyNode): readonly AnyNode[][] {
  if (node.type === 'BlockStatement') return [node.body];
  return node.type === 'SwitchCase' ? [node.consequent] : [];
}

/** The edits that replace a constant by its value at its only use. */
function placed(
  code: string,
  { id, init, start, end }: VariableDeclarator,
  statement: AnyNode & { declarations: readonly VariableDeclarator[] },
  at: number,
  later: readonly AnyNode[],
  { declared, uses, shorthands, distant, called }: Names,
  lasting: Lasting,
): Edit[] | undefined {
  if (id.type !== 'Identifier' || !init || declared.get(id.name)?.length !== 1 || !lasting.variable(id.name))
    return undefined;
  const [use, more] = uses.get(id.name) ?? [];
  if (!use || more || distant.has(use)) return undefined;
  // A member would be called as a method.
  if (called.has(use) && (init.type === 'MemberExpression' || init.type === 'ChainExpression')) return undefined;
  // Of the names in the value there is no other variable that the use could see.
  const isHidden = (places: readonly number[] = []) => places.length > 1 || places.some((place) => place > init.end);
  if (identifiersIn(init).some(({ name }) => isHidden(declared.get(name)))) return undefined;
  if (!isReachable(init, use, [...valuesOf(statement.declarations.slice(at + 1)), ...later], lasting)) return undefined;
  const text = `(${code.slice(init.start, init.end)})`;
  const here = { start: use.start, end: use.end, text: shorthands.has(use.start) ? `${id.name}: ${text}` : text };
  const { declarations } = statement;
  if (declarations.length === 1) return [{ start: statement.start, end: statement.end, text: '' }, here];
  const [from, to] = at === 0 ? [start, declarations[1]?.start ?? end] : [declarations[at - 1]?.end ?? start, end];
  return [{ start: from, end: to, text: '' }, here];
}

/** Whether the value can be evaluated at the use instead. */
function isReachable(init: AnyNode, use: Identifier, later: readonly AnyNode[], lasting: Lasting): boolean {
  const value = natureOf(init, lasting);
  const between = before(later, use, lasting);
  if (between === undefined) return false;
  if (value.acts) return between.isSure && !between.acts && !between.reads;
  return !value.reads || !between.acts;
}
