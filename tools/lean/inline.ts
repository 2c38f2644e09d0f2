// SPDX-License-Identifier: Apache-2.0
/**
 * Inlines functions that are short, or called in one place only: code for a board. On XS, a function takes three slots
 * of flash, one for its name, and two plus one per module variable that it uses; each call takes time and stack.
 */

import type { AnyNode, CallExpression, FunctionDeclaration, FunctionExpression, Identifier, Program } from 'acorn';
import { full, fullAncestor } from 'acorn-walk';
import { lastingMembers } from './evaluation.ts';
import { unforked } from './forks.ts';
import { type Callee, inPlace, isMovable, type Site } from './inline-place.ts';
import { assignedIn, isFunction, overlap, wordsOf } from './scopes.ts';
import { type Edit, rewritten, treeOf } from './tree.ts';

/** Longest chain of calls that is inlined. */
const ROUNDS_MAX = 20;
/** Most source characters of all copies together: about the size of a function itself. */
const MOST_CHARS = 300;

/** @param isInternal whether only this code can use a member of this name */
export function flattened(code: string, isInternal: (name: string) => boolean): string {
  let text = code;
  let count = 0;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const next = once(text, isInternal, () => ++count);
    if (next === text) break;
    text = next;
  }
  return text;
}

/** Inlines all calls that do not overlap each other or a removed function. */
function once(code: string, isInternal: (name: string) => boolean, next: () => number): string {
  const edits: Edit[] = [];
  const program = treeOf(code);
  const changing = { variables: assignedIn(program), isLastingMember: lastingMembers(program) };
  for (const sites of sitesOf(program, isInternal)) {
    const whole = { start: sites[0]?.callee.whole.start ?? 0, end: sites[0]?.callee.whole.end ?? 0, text: '' };
    if (sites.length > 1 && !isShort(sites[0]?.callee, sites.length)) continue;
    const [site] = sites;
    if (sites.length === 1 && site && inPlace(code, site, changing, next) === undefined) {
      const holder = site.ancestors.find((each) => isFunction(each));
      const edit = holder && isMovable(site, holder) ? unforked(code, site, next) : undefined;
      if (edit && !edits.some((each) => overlap(each, edit))) edits.push(edit);
      continue;
    }
    const mine: Edit[] = [whole];
    for (const site of sites) {
      const edit = inPlace(code, site, changing, next);
      const isFree = edit !== undefined && ![...edits, ...mine].some((each) => overlap(each, edit));
      // In several places, only expressions are inlined.
      if (isFree && (sites.length === 1 || edit.end === site.call.end)) mine.push(edit);
    }
    const chars = mine.reduce((sum, { text }) => sum + text.length, 0);
    if (mine.length !== sites.length + 1 || (sites.length > 1 && chars > MOST_CHARS)) continue;
    if (!edits.some((each) => overlap(each, whole))) edits.push(...mine);
  }
  return rewritten(code, edits);
}

/** Whether the function only returns an expression that is short enough for this many places. */
function isShort(callee: Callee | undefined, places: number): boolean {
  const [only, more] = callee?.fn.body.body ?? [];
  if (only?.type !== 'ReturnStatement' || more || !only.argument) return false;
  return (only.argument.end - only.argument.start) * places <= MOST_CHARS;
}

/** The calls of each function that is only called, and not used otherwise. */
function sitesOf({ body }: Program, isInternal: (name: string) => boolean): Site[][] {
  const callees = new Map<string, Callee>();
  const calls = new Map<string, Call[]>();
  /** Names of classes that only their own code can use. */
  const inner = new Set<string>();
  const words = new Map<string, number>();
  for (const statement of body) {
    const found = foundIn(statement, isInternal);
    for (const [word, count] of found.words) words.set(word, (words.get(word) ?? 0) + count);
    for (const each of found.inner) inner.add(each);
    for (const [name, callee] of found.callees) callees.set(name, callee);
    for (const [name, call] of found.calls) {
      const own = calls.get(name);
      if (own === undefined) calls.set(name, [call]);
      else own.push(call);
    }
  }
  const found: Site[][] = [];
  for (const [name, callee] of callees) {
    const uses = calls.get(name) ?? [];
    // The declaration, and the calls.
    if (uses.length === 0 || words.get(name) !== uses.length + 1 || mentions(callee.fn, inner)) continue;
    if (!uses.some(({ call }) => overlap(call, callee.whole))) found.push(uses.map((use) => ({ callee, ...use })));
  }
  return found;
}

interface Call {
  readonly call: CallExpression;
  /** The nodes from the statement down to the call. */
  readonly ancestors: AnyNode[];
}

interface Found {
  readonly words: Map<string, number>;
  readonly inner: Set<string>;
  readonly callees: Map<string, Callee>;
  readonly calls: (readonly [name: string, call: Call])[];
}

/** What a statement contains, remembered because most statements outlast a round. */
const founds = new WeakMap<AnyNode, Found>();

function foundIn(statement: AnyNode, isInternal: (name: string) => boolean): Found {
  const known = founds.get(statement);
  if (known !== undefined) return known;
  const found: Found = { words: new Map(), inner: new Set(), callees: new Map(), calls: [] };
  founds.set(statement, found);
  const { words, inner, callees, calls } = found;
  fullAncestor(statement, (node, _, ancestors) => {
    const each = node as AnyNode;
    for (const word of wordsOf(each)) words.set(word, (words.get(word) ?? 0) + 1);
    if (each.type === 'ClassExpression' && each.id) inner.add(each.id.name);
    if (each.type === 'FunctionDeclaration' && each === statement && each.id && isPlain(each, false)) {
      callees.set(each.id.name, { fn: each as FunctionDeclaration, whole: each, isMethod: false });
    }
    if (each.type === 'MethodDefinition' && each.kind === 'method' && !each.static && each.key.type === 'Identifier') {
      const { name } = each.key;
      if (!each.computed && isInternal(name) && isPlain(each.value, true)) {
        callees.set(`.${name}`, { fn: each.value, whole: each, isMethod: true });
      }
    }
    if (each.type !== 'CallExpression' || each.optional) return;
    const name = calledName(each.callee);
    if (name === undefined || (name.startsWith('.') && !isInternal(name.slice(1)))) return;
    calls.push([name, { call: each, ancestors: [...(ancestors as AnyNode[])] }]);
  });
  return found;
}

function calledName(callee: AnyNode): string | undefined {
  if (callee.type === 'Identifier') return callee.name;
  if (callee.type !== 'MemberExpression' || callee.computed || callee.optional) return undefined;
  return callee.property.type === 'Identifier' ? `.${callee.property.name}` : undefined;
}

function mentions(node: AnyNode, names: ReadonlySet<string>): boolean {
  let found = false;
  full(node, (each) => {
    if (each.type === 'Identifier' && names.has((each as Identifier).name)) found = true;
  });
  return found;
}

/** Whether the body has the same meaning elsewhere, with other names. */
function isPlain(fn: Pick<FunctionExpression, 'async' | 'generator' | 'params' | 'body'>, isMethod: boolean): boolean {
  if (fn.async || fn.generator || !fn.params.every((each) => each.type === 'Identifier')) return false;
  let plain = true;
  full(fn.body, (node) => {
    const each = node as AnyNode;
    if (each.type === 'ThisExpression' && !isMethod) plain = false;
    if (each.type === 'VariableDeclaration' && each.kind === 'var') plain = false;
    if (UNMOVABLE.has(each.type) || (each.type === 'Identifier' && each.name === 'arguments')) plain = false;
  });
  return plain;
}

const UNMOVABLE = new Set<string>([
  'Super',
  'MetaProperty',
  'FunctionDeclaration',
  'FunctionExpression',
  'ClassDeclaration',
  'ClassExpression',
  'AwaitExpression',
  'YieldExpression',
]);
