// SPDX-License-Identifier: Apache-2.0

import { bytesOf, wellFormed } from './arbitrary.ts';

export const RUNS = { numRuns: 3000 };

/** The text with bytes around it that must not be looked at. */
export function framed(text: string, around = '"'): { b: Uint8Array; from: number; to: number } {
  const inner = bytesOf(text);
  const b = bytesOf(`${around}${around}`.padEnd(2));
  const bytes = new Uint8Array(inner.length + 2).fill(b[0] ?? 0x20);
  bytes.set(inner, 1);
  return { b: bytes, from: 1, to: inner.length + 1 };
}

export function parse(text: string): unknown {
  return JSON.parse(text, (_name, value: unknown) => (typeof value === 'string' ? wellFormed(value) : value));
}
