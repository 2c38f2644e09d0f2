// SPDX-License-Identifier: Apache-2.0
/** Tables of the documentation from the sources: configuration keys, operations, pieces of examples. */

import { readFile } from 'node:fs/promises';
import { BOARD_KEYS } from '../../hal/esp32/config.ts';
import { CAPABILITIES } from '../../src/capabilities/index.ts';
import { allowed, CONFIG_KEYS, type ConfigKey } from '../../src/config.ts';
import { MUTANTS } from '../mutate/mutants.ts';
import { UNIT_MUTANTS } from '../mutate/unit-mutants.ts';

const ROOT = new URL('../../', import.meta.url);

/** All configuration keys, one per row. */
export function configurationKeys(): string {
  const rows = CONFIG_KEYS.map(
    (key) => `| \`${key.name}\` | ${cell(allowed(key))} | ${defaultOf(key)} | ${cell(key.meaning)}${notesOn(key)} |`,
  );
  return ['| key | allowed | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

/** The keys that only a board has. */
export function boardKeys(): string {
  const rows = BOARD_KEYS.map(
    ({ name, allowed, meaning, secret }) =>
      `| \`${name}\` | ${cell(allowed)} | ${cell(meaning)}${secret === true ? ' Secret: never shown.' : ''} |`,
  );
  return ['| key | allowed | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** The keys that an operation may set. */
export function runtimeKeys(): string {
  const names = CONFIG_KEYS.filter((key) => key.runtime === true).map((key) => `\`${key.name}\``);
  return `The keys that may change at run time: ${names.join(', ')}.`;
}

/** Names of the built-in operations, as they stand in `c8y_SupportedOperations`. */
export function operationNames(): string {
  return CAPABILITIES.map(({ name }) => `- \`${name}\``).join('\n');
}

/** The planted defects, by what finds them: the simulator's suites, or with `tests` the unit tests. */
export function plantedDefects(argument: string): string {
  const all = argument === 'tests' ? UNIT_MUTANTS : MUTANTS;
  const suiteOf = (by: string) =>
    argument === 'tests' ? `\`test/${by}\`` : by.startsWith('--cells') ? 'N3' : (by.split(' ')[1] ?? '');
  const finders = [...new Set(all.map(({ by }) => suiteOf(by)))].sort();
  const rows = finders.map((finder) => {
    const names = all.filter(({ by }) => suiteOf(by) === finder).map(({ name }) => cell(name));
    return `| ${finder} | ${names.length} | ${names.join(' · ')} |`;
  });
  return ['| found by | | planted defects |', '|---|---:|---|', ...rows].join('\n');
}

/** A file of the package as a code block, without its licence line. */
export async function source(path: string): Promise<string> {
  const language = path.split('.').at(-1) ?? '';
  const text = await readFile(new URL(path, ROOT), 'utf8');
  return `\`\`\`${language}\n${text.replace(/^\/\/ SPDX-.*\n+/, '').trimEnd()}\n\`\`\``;
}

function defaultOf({ value }: ConfigKey): string {
  return value === undefined ? '' : `\`${value}\``;
}

function notesOn(key: ConfigKey): string {
  const notes = [
    key.runtime === true ? ' May change at run time.' : '',
    key.file === true ? ' On a board the name of a resource.' : '',
    key.secret === true ? ' Secret: never shown.' : '',
    key.part === undefined ? '' : ` Other than the default: with the part \`${key.part}\`.`,
  ];
  return notes.join('');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
