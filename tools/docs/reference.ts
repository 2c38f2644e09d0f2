// SPDX-License-Identifier: Apache-2.0
/** The exports of an entry of the package, with their documentation, from the sources. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { PARTS, ROOT } from '../places.ts';

type Source = Awaited<ReturnType<typeof read>>;
type Statement = Source['body'][number];

/** Sources of the entries. */
const ENTRIES: Readonly<Record<string, string>> = {
  ...PARTS,
  fractus: path.join(ROOT, 'src/index.ts'),
  'fractus/board': path.join(ROOT, 'hal/esp32/index.ts'),
  'fractus/capabilities': path.join(ROOT, 'src/capabilities/index.ts'),
  'fractus/emulator': path.join(ROOT, 'kit/emulator.ts'),
  'fractus/parts': path.join(ROOT, 'src/agent/parts/index.ts'),
  'fractus/node': path.join(ROOT, 'hal/node/index.ts'),
  'fractus/sensors': path.join(ROOT, 'hal/esp32/sensors/drivers.ts'),
  'fractus/test': path.join(ROOT, 'kit/test.ts'),
};

/** A declaration, and its source. */
interface Found {
  readonly source: Source;
  readonly statement: Statement;
}

/**
 * Markdown with each export that is not `@internal`: its comment, and its declaration as authors see it.
 * @param entry the name in imports, for example `fractus/events`
 */
export async function reference(entry: string): Promise<string> {
  const file = ENTRIES[entry];
  if (file === undefined) throw new RangeError(`${entry}: the package has no such entry`);
  const exported = await exportsOf(file);
  const isInternal = ({ source, statement }: Found) =>
    commentBefore(source, statement.start)?.value.includes('@internal') === true;
  const shown = [...exported].flatMap(([name, each]) => (isInternal(each) ? [] : [name]));
  const names = shown.sort((a, b) => a.toLowerCase().localeCompare(b.toLowerCase()));
  return names.map((name) => described(name, exported.get(name) as Found)).join('\n\n');
}

async function read(file: string) {
  const text = await readFile(file, 'utf8');
  const { program, comments, errors } = parseSync(file, text);
  if (errors.length > 0) throw new SyntaxError(`${file}: ${errors[0]?.message}`);
  return { file, text, body: program.body, comments };
}

/** The exports by name, including re-exports. */
async function exportsOf(file: string): Promise<Map<string, Found>> {
  const source = await read(file);
  const found = new Map<string, Found>();
  for (const statement of source.body) {
    if (statement.type === 'ExportAllDeclaration') {
      for (const [name, each] of await exportsOf(beside(file, statement.source.value))) found.set(name, each);
    }
    if (statement.type !== 'ExportNamedDeclaration') continue;
    for (const name of declaredBy(statement)) found.set(name, { source, statement });
    for (const { local, exported } of statement.specifiers) {
      const from = statement.source?.value ?? importedFrom(source, nameOf(local));
      const others = await exportsOf(beside(file, from));
      const each = others.get(nameOf(local));
      if (each === undefined) throw new RangeError(`${file}: ${from} does not export ${nameOf(local)}`);
      found.set(nameOf(exported), each);
    }
  }
  return found;
}

function nameOf(node: { readonly name?: string; readonly value?: unknown }): string {
  return node.name ?? String(node.value);
}

function beside(file: string, specifier: string): string {
  return path.resolve(path.dirname(file), specifier);
}

function importedFrom(source: Source, name: string): string {
  for (const statement of source.body) {
    if (statement.type !== 'ImportDeclaration') continue;
    if (statement.specifiers.some(({ local }) => local.name === name)) return statement.source.value;
  }
  throw new RangeError(`${source.file}: ${name} comes from nowhere`);
}

function declaredBy({ declaration }: Extract<Statement, { type: 'ExportNamedDeclaration' }>): string[] {
  if (declaration === null) return [];
  if (declaration.type === 'VariableDeclaration')
    return declaration.declarations.map(({ id }) => ('name' in id ? id.name : ''));
  return 'id' in declaration && declaration.id !== null && 'name' in declaration.id ? [declaration.id.name] : [];
}

function described(name: string, { source, statement }: Found): string {
  const comment = commentBefore(source, statement.start);
  const told = comment === undefined ? '' : plain(comment.value);
  return [`### \`${name}\``, told, `\`\`\`ts\n${signature(source, statement)}\n\`\`\``]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The doc comment directly before a position. */
function commentBefore({ text, comments }: Source, start: number) {
  const comment = comments.filter(({ end }) => end <= start).at(-1);
  const isIts = comment?.value.startsWith('*') && /^\s*$/.test(text.slice(comment.end, start));
  return isIts === true ? comment : undefined;
}

/** A comment as prose, with each parameter and error on a line of its own. */
function plain(comment: string): string {
  const lines = comment
    .slice(1)
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim());
  return lines
    .join('\n')
    .trim()
    .replace(/@param (?:options\.)?([\w.]+)/g, '\n`$1`:')
    .replace(/@returns/g, '\nReturns')
    .replace(/@throws/g, '\nThrows')
    .replace(/^\n/, '');
}

/** The declaration without bodies and private members. */
function signature(source: Source, statement: Statement): string {
  const { text } = source;
  const declaration = 'declaration' in statement ? statement.declaration : null;
  if (declaration === null) return '';
  const { start, end } = declaration;
  if (declaration.type === 'FunctionDeclaration' && declaration.body !== null)
    return text.slice(start, declaration.body.start).trim();
  if (declaration.type === 'ClassDeclaration') {
    const head = text.slice(start, declaration.body.start).trim();
    const members = declaration.body.body
      .filter((member) => 'key' in member && member.key.type === 'Identifier')
      .filter((member) => !('accessibility' in member) || member.accessibility === null)
      .map((member) => {
        const body = member.type === 'MethodDefinition' ? member.value.body : 'value' in member ? member.value : null;
        const declared = text.slice(member.start, body?.start ?? member.end).replace(/\s*[=;]?\s*$/, '');
        const comment = commentBefore(source, member.start);
        return `  ${comment === undefined ? '' : `${text.slice(comment.start, comment.end)}\n  `}${declared};`;
      });
    return [`${head} {`, ...members, '}'].join('\n');
  }
  if (declaration.type === 'VariableDeclaration') {
    const [first] = declaration.declarations;
    const until = first?.init?.start ?? end;
    return text
      .slice(start, until)
      .replace(/\s*=\s*$/, '')
      .trim();
  }
  return text.slice(start, end);
}
