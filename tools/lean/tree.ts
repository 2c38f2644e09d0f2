// SPDX-License-Identifier: Apache-2.0
/** The syntax tree of a module, shared by all steps. Parts that a step has not changed are not parsed again. */

import { type AnyNode, type ClassBody, type Node, type Program, parse } from 'acorn';

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Tree {
  readonly code: string;
  readonly program: Program;
}

/** The last tree: the steps process the same module, one after the other. */
let last: Tree | undefined;

/** The tree of a module. It must not be changed, and replaces the one before. */
export function treeOf(code: string): Program {
  if (last?.code !== code) last = { code, program: parsed(code) };
  return last.program;
}

/** Applies edits, which must not overlap, to a module, and updates its tree. */
export function rewritten(code: string, edits: readonly Edit[]): string {
  const text = edited(code, edits);
  if (last?.code !== code) return text;
  const { program } = last;
  last = undefined;
  const sorted = [...edits].sort((a, b) => a.start - b.start);
  const body = listAfter(program.body, code, sorted, statementsIn)?.parts;
  if (body !== undefined) last = { code: text, program: { ...program, body, end: text.length } };
  return text;
}

function parsed(code: string): Program {
  return parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
}

/** Nodes that stand one after the other, and the number of characters by which the code behind them has moved. */
interface After<Part> {
  readonly parts: Part[];
  readonly moved: number;
}

/**
 * Statements, or members of a class, after edits in order of place: changed ones are parsed, others are shifted.
 * Undefined: an edit is not within one part.
 * @param before the number of characters by which the code before them has moved
 */
function listAfter<Part extends AnyNode>(
  list: readonly Part[],
  code: string,
  edits: readonly Edit[],
  parts: (text: string) => Part[] | undefined,
  before = 0,
): After<Part> | undefined {
  const after: Part[] = [];
  let moved = before;
  let at = 0;
  for (const part of list) {
    const from = at;
    for (let edit = edits[at]; edit !== undefined && edit.start < part.end; edit = edits[++at]) {
      // The edit lies between parts, or covers several. Removing only the line end after a part does not count.
      if (
        edit.start < part.start ||
        (edit.end > part.end && (edit.text !== '' || code.slice(part.end, edit.end).trim() !== ''))
      )
        return undefined;
    }
    if (at === from) after.push(shifted(part, moved));
    else {
      const own = edits.slice(from, at);
      const became = classAfter(part, code, own, moved) ?? partAfter(part, code, own, parts, moved);
      if (became === undefined) return undefined;
      after.push(...became.parts);
      moved = became.moved;
    }
  }
  return at === edits.length ? { parts: after, moved } : undefined;
}

/** A statement or member that is parsed again. */
function partAfter<Part extends AnyNode>(
  { start, end }: Part,
  code: string,
  edits: readonly Edit[],
  parts: (text: string) => Part[] | undefined,
  before: number,
): After<Part> | undefined {
  const readTo = Math.max(end, edits.at(-1)?.end ?? end);
  const text = edited(code, edits, start, readTo);
  const found = parts(text);
  return (
    found && {
      parts: found.map((each) => shifted(each, start + before)),
      moved: before + text.length - (readTo - start),
    }
  );
}

/** A class of which only members have changed. Undefined: it is no class, or more has changed. */
function classAfter<Part extends AnyNode>(
  statement: Part,
  code: string,
  edits: readonly Edit[],
  before: number,
): After<Part> | undefined {
  const body = classBodyOf(statement);
  const members = body && listAfter(body.body, code, edits, membersIn, before);
  if (members === undefined) return undefined;
  const { parts, moved } = members;
  /** The nodes around the members are new ones, because steps remember what they have found in a node. */
  const copied = <Value>(value: Value): Value => {
    if (value === body?.body) return parts as Value;
    if (Array.isArray(value)) return value.map(copied) as Value;
    if (!isNode(value)) return value;
    if (value.end <= (body?.start ?? 0)) return shifted(value, before);
    const entries = Object.entries(value).map(([key, each]) => [key, copied(each)]);
    return Object.assign(Object.create(Object.getPrototypeOf(value)), Object.fromEntries(entries), {
      start: value.start + before,
      end: value.end + moved,
    });
  };
  return { parts: [copied(statement)], moved };
}

/** `class A { … }`, `const A = class { … };` */
function classBodyOf(statement: AnyNode): ClassBody | undefined {
  if (statement.type === 'ClassDeclaration') return statement.body;
  if (statement.type !== 'VariableDeclaration') return undefined;
  const [only, more] = statement.declarations;
  return only?.init?.type === 'ClassExpression' && !more ? only.init.body : undefined;
}

/** Parses statements; undefined when they are not valid alone, as `export { a }` without `a`. */
function statementsIn(text: string): Program['body'] | undefined {
  try {
    return parsed(text).body;
  } catch {
    return undefined;
  }
}

/** Parses members of a class, as above. */
function membersIn(text: string): ClassBody['body'] | undefined {
  const begin = '(class extends Object {';
  const [statement] = statementsIn(`${begin}${text}})`) ?? [];
  if (statement?.type !== 'ExpressionStatement' || statement.expression.type !== 'ClassExpression') return undefined;
  return statement.expression.body.body.map((member) => shifted(member, -begin.length));
}

/** Shifts all positions of a statement or member. */
function shifted<Part extends object>(part: Part, by: number): Part {
  if (by === 0) return part;
  const places = placesOf.get(part) ?? placesIn(part);
  placesOf.set(part, places);
  for (const place of places) {
    place.start += by;
    place.end += by;
  }
  return part;
}

interface Place {
  start: number;
  end: number;
}

/** The nodes of parts that were shifted, which most steps shift again. */
const placesOf = new WeakMap<object, ReadonlySet<Place>>();

/** A set, because both names in `{ a }` of an import or export are the same node. */
function placesIn(node: object, places = new Set<Place>()): Set<Place> {
  if (isNode(node)) places.add(node);
  for (const value of Object.values(node)) {
    if (typeof value !== 'object' || value === null || value instanceof RegExp) continue;
    const known = placesOf.get(value);
    if (known === undefined) placesIn(value, places);
    else for (const place of known) places.add(place);
  }
  return places;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'start' in value && 'end' in value;
}

/** The range `[start, end)` of a text, with the edits inside it. */
export function edited(code: string, edits: readonly Edit[], start = 0, end = code.length): string {
  let text = '';
  let from = start;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    text += code.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return text + code.slice(from, end);
}
