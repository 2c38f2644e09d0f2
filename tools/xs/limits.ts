// SPDX-License-Identifier: Apache-2.0

import type { WordBits } from './build.ts';

/** What the machine of the agent gets; the defaults are those of the Moddable SDK on an ESP32. */
export interface XsLimits {
  readonly slots: number;
  readonly chunkBytes: number;
  readonly stackSlots: number;
  /** Property names that may be made while running, and by how many more that grows (0: not at all). */
  readonly keys: number;
  readonly keyIncrement: number;
  /** What one event may run, its promise jobs included; a watchdog of five seconds bites at about this on a board. */
  readonly byteCodesPerEvent: number;
}

export const ESP32_LIMITS: XsLimits = {
  slots: 4928,
  chunkBytes: 78_848,
  stackSlots: 512,
  keys: 64,
  keyIncrement: 0,
  byteCodesPerEvent: 10_000_000,
};

/** Chunks of a 64-bit machine are up to twice as large; it must not fail where an ESP32 would not. */
export function defaultLimits(wordBits: WordBits): XsLimits {
  return wordBits === 64 ? { ...ESP32_LIMITS, chunkBytes: ESP32_LIMITS.chunkBytes * 2 } : ESP32_LIMITS;
}
