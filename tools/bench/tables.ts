// SPDX-License-Identifier: Apache-2.0
/** Figures for people, on the terminal and in the documentation. */

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ROOT } from '../places.ts';
import { usedBytes } from '../xs/figures.ts';
import type { Share } from './composition.ts';
import { isMet, METRICS, type Metric, type Values } from './metrics.ts';
import type { Ratchet } from './ratchet.ts';
import type { PhaseFigures } from './xs-heap.ts';

export const PAGE = path.join(ROOT, 'docs/memory.md');
const BEGIN = '<!-- figures: written by npm run bench -- --ratchet -->';
const END = '<!-- end of figures -->';

/** Lines for programs: `{"metric","value","unit"}`. */
export function jsonLines(values: Values): string[] {
  return METRICS.flatMap(({ name: metric, unit }) => {
    const value = values[metric];
    return value === undefined ? [] : [JSON.stringify({ metric, value, unit })];
  });
}

/** One line per metric, with its goal and whether it is met. */
export function valuesTable(values: Values): string {
  const rows = METRICS.flatMap((metric) => {
    const value = values[metric.name];
    if (value === undefined) return [];
    const verdict = isMet(metric, value);
    return [
      [metric.name, shown(value), metric.unit, goalText(metric), verdict === undefined ? '' : verdictText(verdict)],
    ];
  });
  return aligned([['metric', 'value', 'unit', 'goal', ''], ...rows], [1]);
}

/** One line per phase: live memory afterwards, and the peaks before. */
export function phasesTable(phases: readonly PhaseFigures[]): string {
  const head = ['phase', 'agent B', 'live B', 'slots', 'chunk B', 'peak slots', 'peak chunk B', 'stack', 'keys'];
  const rows = phases.map(({ name, agentBytes, live, during }) => {
    const { slots, chunkBytes, keys } = live;
    const { peakSlots, peakChunkBytes, peakStackSlots } = during;
    const numbers = [agentBytes, usedBytes(live), slots, chunkBytes, peakSlots, peakChunkBytes, peakStackSlots, keys];
    return [name, ...numbers.map(shown)];
  });
  return aligned([head, ...rows], [1, 2, 3, 4, 5, 6, 7, 8]);
}

/** One line per capability. */
export function sharesTable(shares: readonly Share[]): string {
  return aligned([['capability', 'bytes'], ...shares.map(({ name, bytes }) => [name, shown(bytes)])], [1]);
}

/** The documentation page with the ratchet's figures inserted. */
export function pageWithFigures(page: string, ratchet: Ratchet): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error('docs/memory.md has no place for figures');
  return `${page.slice(0, from)}${BEGIN}\n\n${figuresTable(ratchet)}\n${page.slice(to)}`;
}

export async function writePage(ratchet: Ratchet): Promise<void> {
  await writeFile(PAGE, pageWithFigures(await readFile(PAGE, 'utf8'), ratchet));
}

function figuresTable(ratchet: Ratchet): string {
  const lines = ['| metric | unit | goal | 32-bit | 64-bit | what it is |', '|---|---|--:|--:|--:|---|'];
  for (const metric of METRICS) {
    const { name, unit, meaning, isTime } = metric;
    if (isTime === true) continue;
    const values = (['32', '64'] as const).map((bits) => shown(ratchet[bits][name]));
    lines.push(`| \`${name}\` | ${unit} | ${goalText(metric)} | ${values.join(' | ')} | ${meaning} |`);
  }
  return `${lines.join('\n')}\n`;
}

function goalText({ goal }: Metric): string {
  return goal === undefined ? '' : `≤ ${shown(goal)}`;
}

function verdictText(met: boolean): string {
  return met ? 'met' : 'missed';
}

/** 12288 becomes 12,288. */
function shown(value: number | undefined): string {
  return value === undefined ? '–' : value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

/** @param right indexes of the columns of numbers */
function aligned(rows: readonly (readonly string[])[], right: readonly number[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const cell = (text: string, i: number) =>
    right.includes(i) ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}
