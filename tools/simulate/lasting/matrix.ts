// SPDX-License-Identifier: Apache-2.0
/** The matrix of lasting faults: a row for each resource of the platform, a column for each fault. */

import { type Cell, type CellResult, nameOf } from './cell.ts';

export interface Lived {
  readonly cell: Cell;
  readonly result: CellResult;
}

const WIDTH = 11;
/** Letters of the failures in the table. */
const SHORT: Readonly<Record<string, string>> = {
  operations: 'o',
  measurements: 'm',
  events: 'e',
  alarms: 'a',
  'child-operations': 'O',
  'child-measurements': 'M',
  'child-events': 'E',
  'new-child': 'N',
  rate: 'R',
  hourly: 'H',
  breach: 'b',
  exception: 'x',
  open: 'p',
  twice: '2',
  objects: 'd',
  unmet: '-',
};

export function matrixOf(lived: readonly Lived[]): string {
  const kinds = new Map<string, Lived[]>();
  for (const each of lived) {
    const { connections, hasChildren } = each.cell;
    const kind = `connections=${connections}, ${hasChildren ? 'with children' : 'without children'}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), each]);
  }
  const legend = Object.entries(SHORT).map(([name, letter]) => `${letter} ${name}`);
  return [...[...kinds].map(([kind, cells]) => `${kind}\n${tableOf(cells)}`), legend.join(', ')].join('\n\n');
}

function tableOf(lived: readonly Lived[]): string {
  const faults = [...new Set(lived.map(({ cell }) => cell.fault))];
  const routes = [...new Set(lived.map(({ cell }) => cell.route.name))];
  const head = ['', ...faults].map((name) => name.padEnd(WIDTH)).join(' ');
  const rows = routes.map((route) => {
    const cells = faults.map((fault) => {
      const found = lived.find(({ cell }) => cell.route.name === route && cell.fault === fault);
      return (found === undefined ? '' : lettersOf(found.result)).padEnd(WIDTH);
    });
    return `${route.padEnd(14)}${cells.join(' ')}`;
  });
  const bad = lived.filter(({ result }) => result.troubles.size > 0).length;
  return [`${''.padEnd(2)}${head}`, ...rows, `${bad} of ${lived.length} lives end badly`].join('\n');
}

function lettersOf({ troubles }: CellResult): string {
  return troubles.size === 0 ? 'ok' : [...troubles.keys()].map((name) => SHORT[name] ?? '?').join('');
}

/** The failures, with the arguments that repeat them. */
export function describeTroubles({ cell, result }: Lived): string {
  const lines = [...result.troubles].map(([name, what]) => `        ${name}: ${what.split('\n', 1)[0]}`);
  return [`${nameOf(cell)} (${result.met} requests met it)`, ...lines].join('\n');
}
