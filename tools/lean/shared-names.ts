// SPDX-License-Identifier: Apache-2.0
/**
 * Members that can have the same short name: on a board, a name takes a slot and a text in flash once, for all objects
 * that have a member of this name.
 */

/** Texts, templates, comments and regular expressions. */
const SKIPPED =
  /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|(\/\*[\s\S]*?\*\/|\/\/.*)|(?<=[(=:,!?&|]\s*|return )\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g;
/** A class as Biome formats it: its name, what it extends and implements, and its body. */
const CLASS = /^(?:export )?(?:default )?(?:abstract )?class (\w+)([^{]*)\{(?:\}|\n([\s\S]*?)^\})/gm;
const MEMBER =
  /^ {2}(?:(?:static|readonly|private|protected|override|abstract|async|get|set) )*(\w+)\??(?:[(:<;!]| =)/gm;
const INTERFACE = /^(?:export )?interface (\w+).*\{\n([\s\S]*?)^\}/gm;
const PARTIAL = /\bPartial<([^>]*)>/g;
/** A bracket, a spread, or what may be a member of an object literal or of a pattern: it follows a brace or a comma. */
const PART = /[([\])}]|\.\.\.|([{,])(?:\s*(?:(?:get|set|async) )?(\w+)\s*(?=([:,}(=])))?/g;
/** What an object may lack: the declaration of an optional member, and a call that expects one. */
const OPTIONAL = /\b(\w+)\?[:(<]|\.(\w+)\?\.\(/g;

/**
 * Groups names whose members no object has together. Alone stay members that are looked for in objects that may have the other name:
 * optional ones, and those of patterns with defaults; those of a literal with a spread, which brings further members, or in a spread;
 * and those of all literals of `mixing` modules.
 * @param names the names in question
 * @param sources texts of modules that use them, formatted by Biome
 * @param mixing texts of further ones, which put the members of several objects together
 * @throws Error for a class whose base is not a name, and for brackets that do not match
 */
export function sharingGroups(
  names: Iterable<string>,
  sources: Iterable<string>,
  mixing: Iterable<string> = [],
): string[][] {
  const [ours, theirs] = [[...sources].map(bare), [...mixing].map(bare)];
  const texts = [...ours, ...theirs];
  const classes = classesOf(texts);
  const excluded = excludedOf(texts);
  for (const text of theirs) for (const { members } of objectsIn(text)) for (const each of members) excluded.add(each);
  const others = new Map<string, Set<string>>();
  for (const name of names) if (!excluded.has(name)) others.set(name, new Set());
  const apart = (together: Iterable<string>) => {
    const known = [...together].filter((each) => others.has(each));
    for (const each of known) for (const other of known) if (other !== each) others.get(each)?.add(other);
  };
  for (const name of classes.keys()) apart(allMembers(name, classes));
  for (const text of ours) for (const { members } of objectsIn(text)) apart(members);
  const groups: string[][] = [];
  // The members of the largest objects first.
  const sorted = [...others].sort(([a, { size }], [b, { size: next }]) => next - size || (a < b ? -1 : 1));
  for (const [name, met] of sorted) {
    const group = groups.find((each) => !each.some((other) => met.has(other)));
    if (group === undefined) groups.push([name]);
    else group.push(name);
  }
  return groups;
}

interface Members {
  /** The bracket. */
  readonly opening: string;
  readonly members: Set<string>;
  /** Those with a default. */
  readonly replaced: string[];
  hasSpread: boolean;
  /** Behind a spread, before the next comma. */
  isSpreading: boolean;
}

const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** What stands together in braces: the members of literals and patterns, and some other names. */
function objectsIn(text: string): Members[] {
  const objects: Members[] = [];
  const around: Members[] = [];
  for (const [all, brace, name, after] of text.matchAll(PART)) {
    const before = brace ?? all;
    if (before in CLOSING) {
      if (around.pop()?.opening !== CLOSING[before]) throw new Error(`${before} closes no bracket of its kind`);
      continue;
    }
    if (before !== ',' && before !== '...') {
      const hasSpread = before === '{' && around.some(({ isSpreading }) => isSpreading);
      around.push({ opening: before, members: new Set(), replaced: [], hasSpread, isSpreading: false });
      if (before === '{') objects.push(around.at(-1) as Members);
    }
    const inner = around.at(-1);
    if (inner?.opening === '{' && (before === ',' || before === '...')) {
      inner.isSpreading = before === '...';
      inner.hasSpread ||= inner.isSpreading;
    }
    if (name === undefined || inner?.opening !== '{') continue;
    inner.members.add(name);
    if (after === '=') inner.replaced.push(name);
  }
  return objects;
}

interface ClassMembers {
  readonly bases: Set<string>;
  readonly members: Set<string>;
}

/** The members of each class. Classes of the same name count as one. */
function classesOf(texts: readonly string[]): Map<string, ClassMembers> {
  const classes = new Map<string, ClassMembers>();
  for (const text of texts) {
    for (const [, name = '', head = '', body = ''] of text.matchAll(CLASS)) {
      const known = classes.get(name) ?? { bases: new Set(), members: new Set() };
      classes.set(name, known);
      const base = /\bextends\b\s*(\w*)/.exec(withoutTypes(head))?.[1];
      if (base === '') throw new Error(`class ${name}: its base is not a name`);
      if (base !== undefined) known.bases.add(base);
      for (const [, member = ''] of body.matchAll(MEMBER)) known.members.add(member);
    }
  }
  return classes;
}

/** Without type arguments, which may be nested. */
function withoutTypes(head: string): string {
  const less = head.replace(/<[^<>]*>/g, '');
  return less === head ? head : withoutTypes(less);
}

/** The members of a class and of its bases. */
function allMembers(name: string, classes: ReadonlyMap<string, ClassMembers>): Set<string> {
  const { bases = [], members = [] } = classes.get(name) ?? {};
  return new Set([...members, ...[...bases].flatMap((base) => [...allMembers(base, classes)])]);
}

/**
 * The text without texts and comments. A semicolon before the first member of a class, which may have a value, so that it is not taken
 * for one of a pattern.
 */
function bare(source: string): string {
  const text = source.replace(SKIPPED, (_, comment) => (comment ? '' : "''"));
  const begun = (body: string) => body.replace('{\n', '{\n;\n');
  return text.replace(CLASS, begun).replace(INTERFACE, begun);
}

function excludedOf(texts: readonly string[]): Set<string> {
  const excluded = new Set<string>();
  const partial = new Set(
    texts.flatMap((text) => [...text.matchAll(PARTIAL)].flatMap(([, of = '']) => of.match(/\w+/g) ?? [])),
  );
  for (const text of texts) {
    for (const { members, replaced, hasSpread } of objectsIn(text)) {
      for (const each of hasSpread ? members : replaced) excluded.add(each);
    }
    for (const names of text.matchAll(OPTIONAL)) for (const name of names.slice(1)) if (name) excluded.add(name);
    for (const [, name = '', body = ''] of text.matchAll(INTERFACE)) {
      if (partial.has(name)) for (const [, member = ''] of body.matchAll(MEMBER)) excluded.add(member);
    }
  }
  return excluded;
}
