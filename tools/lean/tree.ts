// SPDX-License-Identifier: Apache-2.0
/** The syntax tree of a module, shared by all steps. Parts that a step has not changed are not parsed again. */

import { type Program, parse } from 'acorn';

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
  const body = edits.length === 0 ? program.body : bodyAfter(program, code, edits);
  if (body !== undefined) last = { code: text, program: { ...program, body, end: text.length } };
  return text;
}

function parsed(code: string): Program {
  return parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
}

/**
 * The statements of the new text: changed ones are parsed, others are shifted. Undefined: an edit is not within one
 * statement.
 */
function bodyAfter({ body }: Program, code: string, edits: readonly Edit[]): Program['body'] | undefined {
  const sorted = [...edits].sort((a, b) => a.start - b.start);
  const after: Program['body'] = [];
  let at = 0;
  let moved = 0;
  for (const statement of body) {
    const { start, end } = statement;
    const from = at;
    let text = '';
    let read = start;
    for (let edit = sorted[at]; edit !== undefined && edit.start < end; edit = sorted[++at]) {
      // The edit lies between statements, or covers several. Removing only the line end after a statement does not
      // count.
      if (edit.start < start || (edit.end > end && (edit.text !== '' || code.slice(end, edit.end).trim() !== '')))
        return undefined;
      text += code.slice(read, edit.start) + edit.text;
      read = edit.end;
    }
    if (at === from) after.push(shifted(statement, moved));
    else {
      text += code.slice(read, end);
      const parts = statementsIn(text);
      if (parts === undefined) return undefined;
      after.push(...parts.map((each) => shifted(each, start + moved)));
      moved += text.length - (Math.max(read, end) - start);
    }
  }
  return at === sorted.length ? after : undefined;
}

/** Parses statements; undefined when they are not valid alone, as `export { a }` without `a`. */
function statementsIn(text: string): Program['body'] | undefined {
  try {
    return parsed(text).body;
  } catch {
    return undefined;
  }
}

/** Shifts all positions of a statement. */
function shifted<Part extends object>(statement: Part, by: number): Part {
  if (by === 0) return statement;
  const places = placesOf.get(statement) ?? placesIn(statement);
  placesOf.set(statement, places);
  for (const place of places) {
    place.start += by;
    place.end += by;
  }
  return statement;
}

interface Place {
  start: number;
  end: number;
}

/** The nodes of statements that were shifted, which most steps shift again. */
const placesOf = new WeakMap<object, ReadonlySet<Place>>();

/** A set, because both names in `{ a }` of an import or export are the same node. */
function placesIn(node: object, places = new Set<Place>()): Set<Place> {
  if ('start' in node && 'end' in node) places.add(node as Place);
  for (const value of Object.values(node)) {
    if (typeof value === 'object' && value !== null && !(value instanceof RegExp)) placesIn(value, places);
  }
  return places;
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
