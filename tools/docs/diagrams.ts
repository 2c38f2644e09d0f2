// SPDX-License-Identifier: Apache-2.0
/** The agent's tables as Mermaid state diagrams. */

import { readdir } from 'node:fs/promises';
import { NAMES } from '../../src/base/outcome.ts';
import { type Row, rowsOf, type Table } from '../../src/base/table.ts';

/** Rooms with activities, below `src`. */
const FOLDERS = ['agent', 'enrolment'];

interface NamedTable {
  /** Name of the export, without `Table`. */
  readonly name: string;
  /** Path below `src`. */
  readonly file: string;
  readonly states: readonly Row<never>[];
}

/** All exports of these rooms named `…Table`, by name. */
export async function findTables(): Promise<NamedTable[]> {
  const tables: NamedTable[] = [];
  for (const file of await sources()) {
    const exported = (await import(`../../src/${file}`)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(exported)) {
      if (!name.endsWith('Table')) continue;
      tables.push({ name: name.slice(0, -'Table'.length), file, states: rowsOf(value as Table<never>) });
    }
  }
  return tables.sort((a, b) => a.name.localeCompare(b.name));
}

async function sources(): Promise<string[]> {
  const files: string[] = [];
  for (const folder of FOLDERS) {
    const names = await readdir(new URL(`../../src/${folder}/`, import.meta.url), { recursive: true });
    files.push(...names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`));
  }
  return files.sort();
}

/** A section for each table: the diagram, and the clause that each state implements. */
export async function stateMachines(): Promise<string> {
  return (await findTables()).map(section).join('\n\n');
}

function section({ name, file, states }: NamedTable): string {
  const rows = states.map((state) => `| ${state.name} | ${kindOf(state)} | ${state.step} |`);
  return [
    `## ${name}`,
    `\`src/${file}\``,
    ['```mermaid', ...diagram(states), '```'].join('\n'),
    ['| state | what it does | clause |', '|---|---|---|', ...rows].join('\n'),
  ].join('\n\n');
}

function diagram(states: readonly Row<never>[]): string[] {
  const lines = ['stateDiagram-v2', '  [*] --> s0'];
  states.forEach((state, index) => {
    lines.push(`  state "${state.name}" as s${index}`);
  });
  states.forEach((state, index) => {
    for (const [to, outcomes] of transitions(state)) {
      lines.push(`  s${index} --> s${to}: ${outcomes.join(', ')}`);
    }
  });
  return lines;
}

/** Outcomes by their target states. */
function transitions({ on }: Row<never>): Map<number, string[]> {
  const byTarget = new Map<number, string[]>();
  for (const [outcome, to] of Object.entries(on)) {
    if (to === undefined) continue;
    const names = byTarget.get(to) ?? [];
    names.push((NAMES as Record<string, string>)[outcome] ?? outcome);
    byTarget.set(to, names);
  }
  return byTarget;
}

function kindOf(state: Row<never>): string {
  if (state.request === undefined) return state.enter === undefined ? 'waits' : 'acts';
  return state.once === true ? 'asks the platform; never repeats a request in doubt' : 'asks the platform';
}
