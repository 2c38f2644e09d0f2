// SPDX-License-Identifier: Apache-2.0

import { readSample } from '../../../tools/moddable/instruments.ts';
import { until } from '../../support/until.ts';
import type { Board } from '../bench.ts';

/** Of the engine's heap and stack, at the end of a phase and on the way to it. */
export interface Figures {
  readonly liveSlots: number;
  readonly liveChunkBytes: number;
  /** Garbage included, unless it is collected before each allocation. */
  readonly mostSlots: number;
  readonly mostChunkBytes: number;
  readonly mostStackSlots: number;
}

const PREFIX = 'memory: ';
const PATIENCE_MS = 30_000;

/** Reads them phase by phase from one board that runs the firmware of `manifest.json`. */
export class FigureReader {
  readonly #slotBytes: number;
  #from = 0;

  constructor(slotBytes: number) {
    this.#slotBytes = slotBytes;
  }

  /** Those of what has been since the last time. The first are told unasked. */
  async take({ simulator }: Board): Promise<Figures> {
    const { lines } = simulator;
    const asked = this.#from === 0 ? 0 : lines.length;
    if (asked > 0) simulator.signal('SIGUSR1');
    const answer = () => lines.slice(asked).find((line) => line.startsWith(PREFIX));
    await until(() => answer() !== undefined, 'the firmware tells no figures', PATIENCE_MS);
    const stacks = lines.slice(this.#from).map((line) => readSample(line, this.#slotBytes)?.stackSlots ?? 0);
    this.#from = lines.length;
    const numbers = (answer() ?? '').slice(PREFIX.length).split(',').map(Number);
    const [mostSlots = 0, mostChunkBytes = 0, stack = 0, liveSlots = 0, liveChunkBytes = 0] = numbers;
    return { liveSlots, liveChunkBytes, mostSlots, mostChunkBytes, mostStackSlots: Math.max(stack, ...stacks) };
  }
}
