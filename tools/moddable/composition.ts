// SPDX-License-Identifier: Apache-2.0

import { existsSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'acorn';
import { described } from '../author/app.ts';
import { ROOT } from '../places.ts';
import { projectCode } from './modules.ts';

/**
 * What a project's main module chooses: `start` brings all that is usual, `startWith` nothing, and of `fractus/capabilities` there
 * is what is imported. Undefined: the usual, as in a project without a main module.
 */
export async function composition(project: string): Promise<string | undefined> {
  const source = path.resolve(project, 'main.ts');
  if (!existsSync(source)) return undefined;
  const { code } = await described(projectCode(path.resolve(project), source));
  const names = importedNames(code, /^(?:moddable:)?fractus(?:\/board)?$/);
  if (names === undefined) return undefined;
  const capabilities = importedNames(code, /^(?:moddable:)?fractus\/capabilities$/);
  if (names.includes('start') && capabilities?.length === 0) return undefined;
  const from = JSON.stringify(path.join(ROOT, 'hal/esp32/choices.ts'));
  const lines = names.includes('start') ? ["export { start } from './usual.ts';"] : [];
  if (names.includes('createAgent')) lines.push("export { createAgent } from '../../src/index.ts';");
  lines.push(
    capabilities === undefined ? `export * from ${from};` : `export { ${capabilities.join(', ')} } from ${from};`,
  );
  return lines.join('\n');
}

/** Whether a project has this one of `fractus/capabilities` in its firmware. */
export async function chooses(project: string, capability: string): Promise<boolean> {
  const text = (await composition(project)) ?? '';
  return new RegExp(`export (\\*|\\{[^}]*\\b${capability}\\b[^}]*\\}) from`).test(text);
}

/** What a module imports of others by name; undefined: all, perhaps. */
function importedNames(code: string, from: RegExp): string[] | undefined {
  const names: string[] = [];
  for (const node of parse(code, { ecmaVersion: 'latest', sourceType: 'module' }).body) {
    if (node.type === 'ExportAllDeclaration' && from.test(String(node.source.value))) return undefined;
    if (node.type === 'ExportNamedDeclaration' && from.test(String(node.source?.value))) return undefined;
    if (node.type !== 'ImportDeclaration' || !from.test(String(node.source.value))) continue;
    for (const { type, ...specifier } of node.specifiers) {
      if (type !== 'ImportSpecifier' || !('imported' in specifier)) return undefined;
      const { imported } = specifier;
      names.push('name' in imported ? imported.name : String(imported.value));
    }
  }
  return names;
}
