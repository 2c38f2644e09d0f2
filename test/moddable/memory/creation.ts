// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../../tools/moddable/sdk.ts';

/** What the engine gets, as `creation` in a manifest says it. */
export interface Creation {
  /** One block for chunks, slots and stack; 0: each has its own. */
  readonly static: number;
  readonly chunk: { readonly initial: number; readonly incremental: number };
  /** Slots. */
  readonly heap: { readonly initial: number; readonly incremental: number };
  /** Slots. */
  readonly stack: number;
  readonly keys: { readonly initial: number; readonly incremental: number };
}

/** On every chip. */
export const SLOT_BYTES = 16;

const read = (file: string) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));

/** What the simulator gives, in a manifest that says nothing else. */
export const SIMULATOR = (read('manifest.json') as { platforms: { lin: { creation: Creation } } }).platforms.lin
  .creation;

/** Of a block that is divided. */
const SLOT_SHARE = 0.47;

/** What ESP32, S3 and C6 give. */
export const LARGE = (read('hal/esp32/chip/large/manifest.json') as { creation: Creation }).creation;

/** What a C3 gives: one block. */
export const SMALL = (read('hal/esp32/chip/c3/manifest.json') as { creation: Creation }).creation;

/** With so many percent less of all that has a size. */
export function reduced({ static: block, chunk, heap, stack, keys }: Creation, percent: number): Creation {
  const less = (size: number) => Math.floor((size * (100 - percent)) / 100);
  return {
    static: less(block),
    chunk: { ...chunk, initial: less(chunk.initial) },
    heap: { ...heap, initial: less(heap.initial) },
    stack: less(stack),
    keys,
  };
}

/** A block in two parts that do not grow, the harder case: on a chip each part gives way to the other. */
export function divided({ static: block, stack, keys }: Creation): Creation {
  const bytes = block - stack * SLOT_BYTES;
  const slots = Math.floor((bytes * SLOT_SHARE) / SLOT_BYTES);
  const chunkBytes = bytes - slots * SLOT_BYTES;
  return {
    static: 0,
    chunk: { initial: chunkBytes, incremental: 0 },
    heap: { initial: slots, incremental: 0 },
    stack,
    keys,
  };
}

/** Writes a simulator's library anew, with another creation in it; the simulator knows no block. */
export function writeWithCreation(library: string, creation: Creation, name: string): string {
  const code = readFileSync(library);
  const built = words(SIMULATOR);
  const at = code.indexOf(built);
  if (at < 0 || code.indexOf(built, at + 1) >= 0) throw new Error(`${library} has not exactly one creation in it`);
  words(creation).copy(code, at);
  const file = path.join(path.dirname(library), name, path.basename(library));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, code);
  return file;
}

/** How txCreation begins. */
function words({ chunk, heap, stack, keys }: Creation): Buffer {
  const each = [chunk, heap].flatMap(({ initial, incremental }) => [initial, incremental]);
  const numbers = [...each, stack, keys.initial, keys.incremental];
  const bytes = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, index) => {
    bytes.writeInt32LE(number, 4 * index);
  });
  return bytes;
}
