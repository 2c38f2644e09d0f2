// SPDX-License-Identifier: Apache-2.0
/** The agent's tables, in the form that the page draws. */

import { registerTable } from '../../src/agent/devices/registration/registrar-table.ts';
import { upkeepTable } from '../../src/agent/devices/upkeep.ts';
import { backlogTable } from '../../src/agent/operations/backlog-table.ts';
import { executeTable } from '../../src/agent/operations/executor-table.ts';
import { listenTable } from '../../src/agent/operations/listener-table.ts';
import { alarmTable } from '../../src/agent/records/alarms/alarms-table.ts';
import { reportTable } from '../../src/agent/records/reporter-table.ts';
import { credentialsTable } from '../../src/agent/uplink/credentials-table.ts';
import { tokenTable } from '../../src/agent/uplink/token.ts';
import { NAMES } from '../../src/base/outcome.ts';
import { type Row, rowsOf, type Table } from '../../src/base/table.ts';
import type { TableDescription } from '../platform/desk.ts';

/** In the order of `CLASSES` in trace.ts. */
const TABLES: readonly (readonly [name: string, table: Table<never>])[] = [
  ['credentials', credentialsTable],
  ['token', tokenTable],
  ['register', registerTable],
  ['upkeep', upkeepTable],
  ['listen', listenTable],
  ['backlog', backlogTable],
  ['execute', executeTable],
  ['report', reportTable],
  ['alarm', alarmTable],
];

export const tables: readonly TableDescription[] = TABLES.map(([name, table]) => ({
  name,
  states: rowsOf(table).map((row) => ({ name: row.name, step: row.step, kind: kindOf(row), to: targets(row) })),
}));

function kindOf(state: Row<never>): 'waits' | 'acts' | 'asks' {
  if (state.request !== undefined) return 'asks';
  return state.enter === undefined ? 'waits' : 'acts';
}

function targets({ on }: Row<never>): [number, string[]][] {
  const byTarget = new Map<number, string[]>();
  for (const [reason, to] of Object.entries(on)) {
    if (to === undefined) continue;
    const names = byTarget.get(to) ?? [];
    names.push((NAMES as Readonly<Record<string, string>>)[reason] ?? reason);
    byTarget.set(to, names);
  }
  return [...byTarget];
}
