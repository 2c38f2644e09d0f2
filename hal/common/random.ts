// SPDX-License-Identifier: Apache-2.0
/**
 * A small repeatable source of numbers in [0, 1): the generator "mulberry32", 32 bits of state. For simulated sensors and
 * jitter in tests; never for keys.
 */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
