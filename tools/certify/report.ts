// SPDX-License-Identifier: Apache-2.0

import { plain } from '../terminal/plain.ts';
import type { Facts } from './facts.ts';
import { foundation } from './foundation.ts';
import { operations } from './operations.ts';
import type { Judgement, Row } from './row.ts';

export const ROWS: readonly Row[] = [...foundation, ...operations];

const MARKS: Readonly<Record<Judgement['result'], string>> = { met: 'met', missed: 'MISSED', absent: 'does not apply' };

export interface Judged extends Judgement {
  readonly row: Row;
}

/** The rows of the device, and one for each operation that a child declares. */
export function judgeAll(facts: Facts): readonly Judged[] {
  const own = ROWS.map((row) => ({ row, ...row.judge(facts) }));
  return own.concat(facts.ofChildren.flatMap(judgeChild));
}

function judgeChild(child: Facts): Judged[] {
  const name = String(child.object['name']);
  return operations
    .map((row) => {
      const judged = row.judge(child);
      return { row: { ...row, area: 'Children', requirement: `${name}: ${row.requirement}` }, ...judged };
    })
    .filter(({ result }) => result !== 'absent');
}

/** The rows, for a terminal. */
export function toLines(judged: readonly Judged[]): string {
  const lines = judged.map(
    ({ row, result, evidence }) =>
      `  ${MARKS[result].padEnd(15)} ${plain(row.requirement)}\n${''.padEnd(18)}${plain(evidence)}`,
  );
  const count = (result: Judgement['result']) => judged.filter((each) => each.result === result).length;
  return `${lines.join('\n')}\n\n${count('met')} met, ${count('missed')} missed, ${count('absent')} do not apply`;
}

/** The rows as a Markdown table. */
export function toTable(judged: readonly Judged[]): string {
  const rows = judged.map(
    ({ row, result, evidence }) => `| ${row.area} | ${row.requirement} | ${MARKS[result]} | ${evidence} |`,
  );
  return ['| area | requirement | | evidence |', '|---|---|---|---|', ...rows].join('\n');
}
