// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';

/** The engine's figures of an instrumented build, once a second. */
export interface EngineSample {
  /** Slots in use, including garbage; 16 bytes each on a chip. */
  readonly slots: number;
  readonly slotsAvailable: number;
  /** Bytes in chunks, including garbage; more in a 64-bit program than on a chip. */
  readonly chunkBytes: number;
  readonly chunkBytesAvailable: number;
  /** The maximum during the sample's period. */
  readonly stackSlots: number;
  /** Garbage collections since the sample before. */
  readonly collections: number;
  /** Property names created at run time. */
  readonly keys: number;
}

const PREFIX = 'instruments: ';
/** Number of the engine's values, which come last. */
const ENGINE_VALUES = 12;

/** The sample in a line of the simulator's output; undefined when there is none. */
export function readSample(line: string, slotBytes: number): EngineSample | undefined {
  const at = line.indexOf(PREFIX);
  if (at < 0) return undefined;
  const values = line
    .slice(at + PREFIX.length)
    .split(',')
    .map(Number);
  if (values.length < ENGINE_VALUES || values.some(Number.isNaN)) return undefined;
  const [chunk = 0, chunkAll = 0, slot = 0, slotAll = 0, stack = 0, , collections = 0, keys = 0] = values.slice(
    -ENGINE_VALUES,
  );
  return {
    slots: slot / slotBytes,
    slotsAvailable: slotAll / slotBytes,
    chunkBytes: chunk,
    chunkBytesAvailable: chunkAll,
    stackSlots: stack / slotBytes,
    collections,
    keys,
  };
}

/** Bytes of a slot in the simulator's library (ELF): 16 in a 32-bit program, as on a chip, 32 in a 64-bit program. */
export function slotBytesOf(library: string): 16 | 32 {
  const [isNarrow] = readFileSync(library).subarray(4);
  return isNarrow === 1 ? 16 : 32;
}
