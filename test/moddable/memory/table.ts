// SPDX-License-Identifier: Apache-2.0
/** What the engine's heap holds, phase by phase, as a table of the documentation. */

import { readFile, writeFile } from 'node:fs/promises';
import { PAGE } from '../../../tools/bench/tables.ts';
import { type Creation, LARGE, SLOT_BYTES, SMALL } from './creation.ts';
import type { Figures } from './figures.ts';

export interface Row {
  readonly phase: string;
  readonly figures: Figures;
}

const BEGIN = '<!-- heap: written by npm run test:moddable -- --figures -->';
const END = '<!-- end of heap -->';
const HEAD = ['phase', 'slots live', 'slots most', 'chunks live', 'chunks most', 'stack', 'ESP32, S3, C6', 'C3'];

export function heapTable(rows: readonly Row[]): string {
  const lines = [HEAD, ['---', ...HEAD.slice(1).map(() => '--:')], ...rows.map(cells)];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** Of several figures, each at its largest. */
export function largest(all: readonly Figures[]): Figures {
  const most = (of: (figures: Figures) => number) => Math.max(...all.map(of));
  return {
    liveSlots: most((each) => each.liveSlots),
    liveChunkBytes: most((each) => each.liveChunkBytes),
    mostSlots: most((each) => each.mostSlots),
    mostChunkBytes: most((each) => each.mostChunkBytes),
    mostStackSlots: most((each) => each.mostStackSlots),
  };
}

/** What stays free of what a chip gives, at the least: of slots, chunks and stack each, or of the block for all. */
export function headRoom(figures: Figures, { static: block, heap, chunk, stack }: Creation): number {
  const { mostSlots, mostChunkBytes, mostStackSlots } = figures;
  const inBlock = (stack + mostSlots) * SLOT_BYTES + mostChunkBytes;
  const heaps = block > 0 ? [inBlock / block] : [mostSlots / heap.initial, mostChunkBytes / chunk.initial];
  return 1 - Math.max(...heaps, mostStackSlots / stack);
}

/** Into docs/memory.md, between two lines of it. */
export async function writeTable(table: string, begin = BEGIN, end = END): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/memory.md has no place for this table: ${begin}`);
  await writeFile(PAGE, `${page.slice(0, from)}${begin}\n\n${table}\n\n${page.slice(to)}`);
}

function cells({ phase, figures }: Row): string[] {
  const { liveSlots, mostSlots, liveChunkBytes, mostChunkBytes, mostStackSlots } = figures;
  const numbers = [liveSlots, mostSlots, liveChunkBytes, mostChunkBytes, mostStackSlots];
  const shares = [LARGE, SMALL].map((creation) => `${Math.floor(100 * headRoom(figures, creation))} %`);
  return [phase, ...numbers.map((number) => number.toLocaleString('en-US')), ...shares];
}
