// SPDX-License-Identifier: Apache-2.0

import { existsSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'acorn';
import * as choices from '../../../src/agent/parts/index.ts';
import type { Parts } from '../../../src/config.ts';
import { described } from '../../author/app.ts';
import { ROOT } from '../../places.ts';
import { projectCode } from '../modules.ts';

/**
 * The module that exports the choices of a project's main module: `start` brings everything usual, `startWith` nothing,
 * and `fractus/capabilities` and `fractus/parts` contain only the imported names. Undefined: the usual composition, as
 * in a project without a main module.
 */
export async function composition(project: string): Promise<string | undefined> {
  const code = await mainCode(project);
  return code === undefined ? undefined : compositionOf(code);
}

/** The code of a project's main module, bundled with the project's other modules; undefined: there is no `main.ts`. */
export async function mainCode(project: string): Promise<string | undefined> {
  const source = path.resolve(project, 'main.ts');
  if (!existsSync(source)) return undefined;
  return (await described(projectCode(path.resolve(project), source), ROOT)).code;
}

/** @param code the bundled main module */
export function compositionOf(code: string): string | undefined {
  // They include the imports from `fractus/parts`.
  const names = importedNames(code, /^(?:moddable:)?fractus(?:\/board)?$/);
  const capabilities = importedNames(code, /^(?:moddable:)?fractus\/capabilities$/);
  const parts = names?.filter((name) => Object.hasOwn(choices, name));
  if (names?.includes('start') === true && capabilities?.length === 0 && parts?.length === 0) return undefined;
  const lines: string[] = [];
  if (names?.includes('start') !== false) lines.push("export { start } from './usual.ts';");
  if (names?.includes('createAgent') !== false) lines.push("export { createAgent } from '../../../src/index.ts';");
  lines.push(exportOf(names === undefined ? undefined : capabilities, 'hal/esp32/entry/choices.ts'));
  lines.push(exportOf(parts, 'src/agent/parts/index.ts'));
  return lines.join('\n');
}

/** Whether a project's firmware has this capability of `fractus/capabilities`. */
export async function chooses(project: string, capability: string): Promise<boolean> {
  const text = (await composition(project)) ?? '';
  return new RegExp(`export (\\*|\\{[^}]*\\b${capability}\\b[^}]*\\}) from`).test(text);
}

/** The parts of a project's firmware, by name; undefined: possibly all of them. */
export async function partsOf(project: string): Promise<Parts> {
  const text = (await composition(project)) ?? '';
  if (text.includes('./usual.ts')) return undefined;
  const [, names] = /export \{ (.*) \} from "[^"]*\/parts\/index\.ts"/.exec(text) ?? [];
  const chosen = names?.split(', ');
  return chosen?.includes('PARTS') === true ? undefined : chosen?.map((name) => ({ [name]: true }));
}

/** @param names undefined: all exports of the file */
function exportOf(names: readonly string[] | undefined, file: string): string {
  return `export ${names === undefined ? '*' : `{ ${names.join(', ')} }`} from ${JSON.stringify(path.join(ROOT, file))};`;
}

/** The names that a module imports from matching modules, each once; undefined: possibly all. */
function importedNames(code: string, from: RegExp): string[] | undefined {
  const names = new Set<string>();
  for (const node of parse(code, { ecmaVersion: 'latest', sourceType: 'module' }).body) {
    if (node.type === 'ExportAllDeclaration' && from.test(String(node.source.value))) return undefined;
    if (node.type === 'ExportNamedDeclaration' && from.test(String(node.source?.value))) return undefined;
    if (node.type !== 'ImportDeclaration' || !from.test(String(node.source.value))) continue;
    for (const { type, ...specifier } of node.specifiers) {
      if (type !== 'ImportSpecifier' || !('imported' in specifier)) return undefined;
      const { imported } = specifier;
      names.add('name' in imported ? imported.name : String(imported.value));
    }
  }
  return [...names];
}
