// SPDX-License-Identifier: Apache-2.0
/** Inlines short getters: code for a board. On XS, each getter takes four slots of flash, and a call per read. */

import type { AnyNode, MemberExpression, MethodDefinition } from 'acorn';
import { full, fullAncestor } from 'acorn-walk';
import { declaredIn, identifiersIn, isFunction, isStill, overlap, wordsOf } from './scopes.ts';
import { type Edit, edited, rewritten, treeOf } from './tree.ts';

/** A getter may read another. */
const ROUNDS_MAX = 8;
/** Most source characters of all copies together: about the size of the getter itself. */
const MOST_CHARS = 200;

interface Getter {
  readonly whole: MethodDefinition;
  readonly value: AnyNode;
}

interface Read {
  readonly node: MemberExpression;
  /** The nodes from the program down to the read. */
  readonly ancestors: readonly AnyNode[];
}

/** @param isInternal whether only this code can use a member of this name */
export function gettersInPlace(code: string, isInternal: (name: string) => boolean): string {
  let text = code;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const next = once(text, isInternal);
    if (next === text) break;
    text = next;
  }
  return text;
}

function once(code: string, isInternal: (name: string) => boolean): string {
  const edits: Edit[] = [];
  const { getters, reads, words } = find(code, isInternal);
  for (const [name, getter] of getters) {
    const own = reads.get(name) ?? [];
    // The declaration, and each read.
    if (words.get(`.${name}`) !== own.length + 1) continue;
    const places = own.map((each) => inPlace(code, getter, each));
    const chars = (getter.value.end - getter.value.start) * own.length;
    if (chars > MOST_CHARS || places.some((each) => each === undefined)) continue;
    const mine = [{ start: getter.whole.start, end: getter.whole.end, text: '' }, ...(places as Edit[])];
    if (mine.some((each) => edits.some((it) => overlap(each, it)))) continue;
    edits.push(...mine);
  }
  return rewritten(code, edits);
}

function find(code: string, isInternal: (name: string) => boolean) {
  const getters = new Map<string, Getter>();
  const reads = new Map<string, Read[]>();
  const words = new Map<string, number>();
  fullAncestor(treeOf(code), (node, _, ancestors) => {
    const each = node as AnyNode;
    for (const word of wordsOf(each)) words.set(word, (words.get(word) ?? 0) + 1);
    if (each.type === 'MethodDefinition' && each.kind === 'get' && !each.static && each.key.type === 'Identifier') {
      const value = shownValue(each);
      if (value && !each.computed && isInternal(each.key.name)) getters.set(each.key.name, { whole: each, value });
    }
    if (each.type !== 'MemberExpression' || each.computed || each.property.type !== 'Identifier') return;
    const { name } = each.property;
    if (!isInternal(name)) return;
    const own = reads.get(name) ?? [];
    own.push({ node: each, ancestors: [...(ancestors as AnyNode[])] });
    reads.set(name, own);
  });
  return { getters, reads, words };
}

/** The returned expression, if the getter has no other statement. */
function shownValue({ value: { body } }: MethodDefinition): AnyNode | undefined {
  const [only, more] = body.body;
  const value = only?.type === 'ReturnStatement' && !more ? only.argument : undefined;
  if (!value) return undefined;
  let plain = true;
  full(value, ({ type }) => {
    if (type === 'Super' || type.endsWith('FunctionExpression') || type === 'ClassExpression') plain = false;
  });
  return plain ? value : undefined;
}

/** Undefined when the member is not only read, or a name has another meaning there. */
function inPlace(code: string, { value }: Getter, { node, ancestors }: Read): Edit | undefined {
  const parent = ancestors.at(-2);
  const holder = ancestors.find((each) => isFunction(each));
  if (holder === undefined || node.optional || node.object.type === 'Super') return undefined;
  const functionAt = ancestors.map(isFunction).lastIndexOf(true);
  if (ancestors.some((each, i) => i > functionAt && each.type === 'ChainExpression')) return undefined;
  switch (parent?.type) {
    case 'AssignmentExpression':
      if (parent.left === node) return undefined;
      break;
    case 'CallExpression':
      if (parent.callee === node) return undefined;
      break;
    case 'Property':
      if (ancestors.at(-3)?.type === 'ObjectPattern') return undefined;
      break;
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'UpdateExpression':
    case 'AssignmentPattern':
    case 'ArrayPattern':
    case 'TaggedTemplateExpression':
      return undefined;
    case 'UnaryExpression':
      if (parent.operator === 'delete') return undefined;
  }
  const strange = declaredIn(holder);
  if (identifiersIn(value).some(({ name }) => strange.has(name))) return undefined;
  const selves: Edit[] = [];
  const { object } = node;
  const text = code.slice(object.start, object.end);
  full(value, ({ type, start, end }) => {
    if (type === 'ThisExpression') selves.push({ start, end, text });
  });
  const isName = object.type === 'ThisExpression' || object.type === 'Identifier';
  const isPath = object.type === 'MemberExpression' && isStill(object);
  if (!isName && !(isPath && selves.length === 1)) return undefined;
  return { start: node.start, end: node.end, text: `(${edited(code, selves, value.start, value.end)})` };
}
