// SPDX-License-Identifier: Apache-2.0

import type { WordBits } from './build.ts';

/** The limits of the agent's machine; the defaults are those of the Moddable SDK on an ESP32. */
export interface XsLimits {
  readonly slots: number;
  readonly chunkBytes: number;
  readonly stackSlots: number;
  /** Most property names created at run time, and the increment when there are more (0: none). */
  readonly keys: number;
  readonly keyIncrement: number;
  /**
   * Most byte codes of one event, including its promise jobs; about the limit of a board's watchdog of five seconds.
   */
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

/**
 * The limits for a word size. A 64-bit machine gets twice the chunk bytes, so that it does not fail earlier than an
 * ESP32.
 */
export function defaultLimits(wordBits: WordBits): XsLimits {
  return wordBits === 64 ? { ...ESP32_LIMITS, chunkBytes: ESP32_LIMITS.chunkBytes * 2 } : ESP32_LIMITS;
}
