// SPDX-License-Identifier: Apache-2.0
/**
 * Members that can have the same short name: on a board, a name takes a slot and a text in flash once, for all objects
 * that have a member of this name.
 */

/** Texts and templates, which stay, or a comment. */
const SKIPPED = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|(\/\*[\s\S]*?\*\/|\/\/.*)/g;
/** A class as Biome formats it: its name, what it extends and implements, and its body. */
const CLASS = /^(?:export )?(?:default )?(?:abstract )?class (\w+)([^{]*)\{(?:\}|\n([\s\S]*?)^\})/gm;
const MEMBER =
  /^ {2}(?:(?:static|readonly|private|protected|override|abstract|async|get|set) )*(\w+)\??(?:[(:<;!]| =)/gm;
const INTERFACE = /^(?:export )?interface (\w+).*\{\n([\s\S]*?)^\}/gm;
const PARTIAL = /\bPartial<([^>]*)>/g;
/** A pattern that takes members which are there. */
const TAKEN = /\b(?:const|let) \{[^{}=]*\} =/g;
/** What may be a member of an object literal, or of another pattern: it follows a brace or a comma. */
const KEY = /[{,]\s*(?:(?:get|set|async) )?(\w+)\s*(?=[:,}(=])/g;
/** What an object may lack: the declaration of an optional member, and a call that expects one. */
const OPTIONAL = /\b(\w+)\?[:(<]|\.(\w+)\?\.\(/g;

/**
 * Groups names whose members no object has together. Only members that classes alone declare are in a group: an object
 * literal can be a part of another one, and an optional member is looked for in objects that may have the other name.
 * @param names the names in question
 * @param sources texts of all modules that use them, formatted by Biome
 * @throws Error for a class whose base is not a name
 */
export function sharingGroups(names: Iterable<string>, sources: Iterable<string>): string[][] {
  const texts = [...sources].map((source) => source.replace(SKIPPED, (all, comment) => (comment ? '' : all)));
  const classes = classesOf(texts);
  const excluded = excludedOf(texts);
  const inClasses = new Set([...classes.values()].flatMap(({ members }) => [...members]));
  const others = new Map<string, Set<string>>();
  for (const name of names) if (inClasses.has(name) && !excluded.has(name)) others.set(name, new Set());
  for (const name of classes.keys()) {
    const together = [...allMembers(name, classes)].filter((each) => others.has(each));
    for (const each of together) for (const other of together) if (other !== each) others.get(each)?.add(other);
  }
  const groups: string[][] = [];
  // The members of the largest classes first.
  const sorted = [...others].sort(([a, { size }], [b, { size: next }]) => next - size || (a < b ? -1 : 1));
  for (const [name, met] of sorted) {
    const group = groups.find((each) => !each.some((other) => met.has(other)));
    if (group === undefined) groups.push([name]);
    else group.push(name);
  }
  return groups;
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

/** Without its first brace. */
function withoutBrace(text: string): string {
  return text.replace('{', '');
}

function excludedOf(texts: readonly string[]): Set<string> {
  const excluded = new Set<string>();
  const partial = new Set(
    texts.flatMap((text) => [...text.matchAll(PARTIAL)].flatMap(([, of = '']) => of.match(/\w+/g) ?? [])),
  );
  for (const text of texts) {
    // What is declared in a class or interface, or taken out of an object, is in no literal for that.
    const rest = text.replace(TAKEN, '').replace(CLASS, withoutBrace).replace(INTERFACE, withoutBrace);
    for (const [, key = ''] of rest.matchAll(KEY)) excluded.add(key);
    for (const names of text.matchAll(OPTIONAL)) for (const name of names.slice(1)) if (name) excluded.add(name);
    for (const [, name = '', body = ''] of text.matchAll(INTERFACE)) {
      if (partial.has(name)) for (const [, member = ''] of body.matchAll(MEMBER)) excluded.add(member);
    }
  }
  return excluded;
}
