// SPDX-License-Identifier: Apache-2.0
/**
 * Texts as numbers, which are their places in the buffer that all texts share: code for a board. On XS, a view of the
 * buffer takes four slots of flash, a name, and a slot in each function that uses it. A number stands in the code.
 */

import type { AnyNode, CallExpression, Node, Program } from 'acorn';
import { full, fullAncestor } from 'acorn-walk';
import { type Keeper, type Keepers, keepersOf } from './keepers.ts';
import { isVoid } from './texts.ts';
import { type Edit, rewritten, treeOf } from './tree.ts';

/** The method that `ByteWriter` gets next to `put`. */
const METHOD = '$put(place) { return this.putRange($TEXTS, place >> 8, (place >> 8) + (place & 255)); }\n';

/** Keepers that pass texts to each other: all of them become numbers, or none does. */
class Groups {
  readonly #parents = new Map<string, string>();
  readonly #spoilt = new Set<string>();

  join(one: string, other: string): void {
    const [from, to] = [this.#root(one), this.#root(other)];
    if (from === to) return;
    this.#parents.set(from, to);
    if (this.#spoilt.has(from)) this.#spoilt.add(to);
  }

  spoil(id: string): void {
    this.#spoilt.add(this.#root(id));
  }

  isGood(id: string): boolean {
    return !this.#spoilt.has(this.#root(id));
  }

  #root(id: string): string {
    const parent = this.#parents.get(id);
    return parent === undefined ? id : this.#root(parent);
  }
}

/**
 * Replaces texts by numbers, begin × 256 + length, where only their bytes and lengths are read, and where `put` writes
 * them: byte by byte then. Texts made by `steady` stay views. Behind the end of a text there is another one instead of
 * nothing, so this is for our own sources, which read no text beyond its end.
 * @param code after `pooled`
 * @param isInternal whether no other code makes objects with a member of this name for this code
 */
export function ranged(code: string, isInternal: (name: string) => boolean = () => false): string {
  const program = treeOf(code);
  const put = putOf(program);
  const keepers = keepersOf(code, program, isInternal);
  const groups = new Groups();
  const uses: { keeper: Keeper; node: AnyNode; parent: AnyNode }[] = [];
  const writes: { id: string; name: Node }[] = [];
  const edits: Edit[] = [];
  fullAncestor(program, (each, _, ancestors, type) => {
    const node = each as AnyNode;
    const around = ancestors.slice(0, -1) as AnyNode[];
    if (type === 'VariablePattern') return;
    if (nameOf(node) === '$steady') edits.push({ start: node.start, end: node.end, text: '$text' });
    if (node.type === 'CallExpression') {
      const write = put && writtenBy(node);
      for (const [list, given] of keepers.listsIn(node)) groups.join(list, given);
      const takers = write ? [[`put ${node.end}`, write.text] as const] : keepers.takersOf(node);
      for (const [taker, given] of takers) {
        const passed = given ? leavesOf(given).map((leaf) => keepers.of(leaf, around)) : [undefined];
        for (const keeper of passed) {
          if (keeper === undefined) groups.spoil(taker);
          else groups.join(keeper.id, taker);
        }
        if (write && passed.some((keeper) => keeper !== undefined)) writes.push({ id: taker, name: write.name });
      }
    }
    const keeper = keepers.of(node, around);
    if (keeper === undefined) return;
    const parent = around.at(-1) as AnyNode;
    const holder = keepers.heldBy(parent, node, around);
    if (holder !== undefined) groups.join(holder, keeper.id);
    else if (!isRead(node, parent) && !isTested(node, parent)) {
      if (!isPassed(node, around, keepers, put !== undefined)) groups.spoil(keeper.id);
    }
    uses.push({ keeper, node, parent });
  });
  for (const { id, declaration } of keepers.all) {
    if (declaration && groups.isGood(id)) edits.push({ start: declaration.start, end: declaration.end, text: '' });
  }
  const begun = new Set<string>();
  for (const { keeper, node, parent } of uses) {
    if (!groups.isGood(keeper.id)) continue;
    edits.push(...numbered(code, node, parent, keeper));
    // The begin of a parameter is calculated once.
    if (begun.has(keeper.id) || !keeper.body || !isElement(node, parent)) continue;
    begun.add(keeper.id);
    const at = keeper.body.start + 1;
    edits.push({ start: at, end: at, text: ` const ${beginOf(node)} = ${nameOf(node)} >> 8;` });
  }
  const placed = writes.filter(({ id }) => groups.isGood(id));
  for (const { name } of placed) edits.push({ start: name.start, end: name.end, text: '$put' });
  if (put && placed.length > 0) edits.push({ start: put.start, end: put.start, text: METHOD });
  return rewritten(code, edits);
}

/** The method of the class that can copy a range. */
function putOf(program: Program): Node | undefined {
  let found: Node | undefined;
  full(program, (each) => {
    const node = each as AnyNode;
    if (node.type !== 'ClassBody') return;
    const method = (name: string) =>
      node.body.find((it) => it.type === 'MethodDefinition' && it.key.type === 'Identifier' && it.key.name === name);
    if (method('putRange')) found = method('put');
  });
  return found;
}

/** What a call of `put` writes. */
function writtenBy({ callee, arguments: given, optional }: CallExpression) {
  if (callee.type !== 'MemberExpression' || callee.computed || optional || given.length !== 1) return undefined;
  const { property } = callee;
  const isPut = property.type === 'Identifier' && property.name === 'put';
  return isPut && given[0] ? { name: property, text: given[0] as AnyNode } : undefined;
}

/** The possible values of an expression. */
function leavesOf(node: AnyNode): AnyNode[] {
  if (node.type !== 'ConditionalExpression') return [node];
  return [...leavesOf(node.consequent), ...leavesOf(node.alternate)];
}

/** `TEXT.length`, `TEXT[i]` */
function isRead(node: AnyNode, parent: AnyNode): boolean {
  if (parent.type !== 'MemberExpression' || parent.object !== node || parent.optional) return false;
  return isElement(node, parent) || (parent.property.type === 'Identifier' && parent.property.name === 'length');
}

/** `TEXT === undefined` */
function isTested(node: AnyNode, parent: AnyNode): boolean {
  if (parent.type !== 'BinaryExpression' || !/^[!=]==$/.test(parent.operator)) return false;
  return isVoid(parent.left === node ? parent.right : (parent.left as AnyNode));
}

/** Whether a call takes the text, perhaps out of a conditional expression. */
function isPassed(node: AnyNode, around: readonly AnyNode[], keepers: Keepers, hasPut: boolean): boolean {
  let at = node;
  let i = around.length - 1;
  for (; around[i]?.type === 'ConditionalExpression'; i--) {
    const fork = around[i] as AnyNode & { test: AnyNode };
    if (fork.test === at) return false;
    at = fork;
  }
  const call = around[i];
  if (call?.type !== 'CallExpression') return false;
  if (hasPut && writtenBy(call)?.text === at) return true;
  return keepers.takersOf(call).some(([, given]) => given === at);
}

/** The edits for one use. */
function numbered(code: string, node: AnyNode, parent: AnyNode, { text, body }: Keeper): Edit[] {
  const { start, end } = node;
  const number = text && String(text.from * 256 + text.length);
  if (parent.type !== 'MemberExpression' || parent.object !== node) {
    return number === undefined ? [] : [{ start, end, text: number }];
  }
  if (!isElement(node, parent)) {
    return [
      { start: parent.start, end: parent.end, text: text ? String(text.length) : `(${code.slice(start, end)} & 255)` },
    ];
  }
  const from = text?.from ?? (body ? beginOf(node) : `(${code.slice(start, end)} >> 8)`);
  return [
    { start: parent.start, end: parent.property.start, text: `$TEXTS[${from} + (` },
    { start: parent.property.end, end: parent.end, text: ')]' },
  ];
}

/** `TEXT[i]` */
function isElement(node: AnyNode, parent: AnyNode): boolean {
  return parent.type === 'MemberExpression' && parent.computed && parent.object === node;
}

function beginOf(node: AnyNode): string {
  return `$begin$${nameOf(node)}`;
}

function nameOf(node: AnyNode): string {
  return (node as { name?: string }).name ?? '';
}
