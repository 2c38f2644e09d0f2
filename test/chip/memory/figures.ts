// SPDX-License-Identifier: Apache-2.0
/** What an emulated chip says of its memory, and the table of the documentation that it makes. */

import { SLOT_BYTES, SMALL } from '../../moddable/memory/creation.ts';
import { writeTable } from '../../moddable/memory/table.ts';
import type { Board } from '../bench.ts';

/** Since the start, each at its worst. */
export interface Taken {
  readonly slots: number;
  readonly chunkBytes: number;
  readonly stackSlots: number;
  /** Never used of the stack of the engine's task. */
  readonly taskFreeBytes: number;
  /** Of ESP-IDF, outside of the engine. */
  readonly heapFreeBytes: number;
  /** All of ESP-IDF's heap: what is left to it by static data, code in RAM, caches and the ROM. */
  readonly heapBytes: number;
}

export interface Row {
  readonly phase: string;
  readonly taken: Taken;
}

const LINE = /^memory: ([\d,]+)$/;
const BEGIN = '<!-- chip: written by npm run test:chip -- --figures -->';
const END = '<!-- end of chip -->';
const HEAD = [
  'phase',
  'slots',
  'chunks',
  'stack',
  'of the block free',
  'free of the task’s stack',
  'free of ESP-IDF’s heap',
];

/** What it says next. */
export async function readTaken(board: Board): Promise<Taken> {
  const at = await board.line(LINE, board.chip.lines.length);
  const numbers = LINE.exec(board.chip.lines[at - 1] ?? '')?.[1] ?? '';
  const [slots = 0, chunkBytes = 0, stackSlots = 0, taskFreeBytes = 0, heapFreeBytes = 0, heapBytes = 0] = numbers
    .split(',')
    .map(Number);
  return { slots, chunkBytes, stackSlots, taskFreeBytes, heapFreeBytes, heapBytes };
}

/** Of a C3's block. */
export function blockFreeBytes({ slots, chunkBytes }: Taken): number {
  return SMALL.static - SMALL.stack * SLOT_BYTES - slots * SLOT_BYTES - chunkBytes;
}

/** Of several, each at its worst. */
export function worst(all: readonly Taken[]): Taken {
  const most = (of: (taken: Taken) => number) => Math.max(...all.map(of));
  const least = (of: (taken: Taken) => number) => Math.min(...all.map(of));
  return {
    slots: most((each) => each.slots),
    chunkBytes: most((each) => each.chunkBytes),
    stackSlots: most((each) => each.stackSlots),
    taskFreeBytes: least((each) => each.taskFreeBytes),
    heapFreeBytes: least((each) => each.heapFreeBytes),
    heapBytes: most((each) => each.heapBytes),
  };
}

export async function writeTaken(rows: readonly Row[]): Promise<string> {
  const cells = ({ phase, taken }: Row) => {
    const { slots, chunkBytes, stackSlots, taskFreeBytes, heapFreeBytes } = taken;
    const free = `${Math.floor((100 * blockFreeBytes(taken)) / SMALL.static)} %`;
    const shown = (count: number) => count.toLocaleString('en-US');
    return [
      phase,
      shown(slots),
      shown(chunkBytes),
      shown(stackSlots),
      free,
      shown(taskFreeBytes),
      shown(heapFreeBytes),
    ];
  };
  const lines = [HEAD, ['---', ...HEAD.slice(1).map(() => '--:')], ...rows.map(cells)];
  const table = lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
  await writeTable(table, BEGIN, END);
  return table;
}
