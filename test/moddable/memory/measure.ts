// SPDX-License-Identifier: Apache-2.0
/** `npm run test:moddable -- --figures`: measures what docs/memory.md says about the heap with TLS. */

import { fileURLToPath } from 'node:url';
import { slotBytesOf } from '../../../tools/moddable/instruments.ts';
import { buildFirmware, Screen } from '../bench.ts';
import { SLOT_BYTES } from './creation.ts';
import { FigureReader, type Figures } from './figures.ts';
import { type Kind, live, makeKinds, PHASES, type Phase } from './life.ts';
import { heapTable, largest, type Row, writeTable } from './table.ts';

/** The one phase that differs from server to server. */
const HANDSHAKE: Phase = 'TLS handshake';

const screen = await Screen.open();
try {
  const kinds = await makeKinds();
  const project = fileURLToPath(new URL('.', import.meta.url));
  // Garbage is collected before each allocation: what is in use at most is what is needed.
  const options = { project, build: 'instrumented', cFlags: '-DmxStress=1' } as const;
  const library = await buildFirmware('memory-figures', options);
  const measured = await Promise.all(kinds.map((kind) => measure(kind, library)));
  const rows = PHASES.flatMap((phase): Row[] => {
    const figures = measured.map((of) => of.get(phase)).filter((each) => each !== undefined);
    if (phase !== HANDSHAKE) return [{ phase, figures: largest(figures) }];
    return figures.map((each, at) => ({ phase: `${phase}: ${kinds[at]?.name}`, figures: each }));
  });
  const table = heapTable(rows);
  console.log(table);
  if (slotBytesOf(library) === SLOT_BYTES) await writeTable(table);
  else console.log('Not written: these are figures of 64 bits. docs/memory.md says how to get those of a chip.');
} finally {
  screen.close();
}

async function measure(kind: Kind, library: string): Promise<Map<Phase, Figures>> {
  const reader = new FigureReader(slotBytesOf(library));
  const figures = new Map<Phase, Figures>();
  const onPhase = async (phase: Phase, board: Parameters<FigureReader['take']>[0]) => {
    figures.set(phase, await reader.take(board));
  };
  await live({ screen, library, kind, onPhase });
  return figures;
}
