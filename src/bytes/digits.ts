// SPDX-License-Identifier: Apache-2.0

export const WHOLE_MAX = 0x7fffffff;

/** The decimal number in `[from, to)`, up to 2^31 - 1; -1 for anything else. */
export function wholeNumber(b: Uint8Array, from: number, to: number): number {
  if (from >= to) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    // The XOR makes every byte that is not a digit larger than 9.
    const digit = (b[i] as number) ^ 0x30;
    if (digit > 9) return -1;
    value = value * 10 + digit;
    if (value > WHOLE_MAX) return -1;
  }
  return value;
}

/** Value of a hexadecimal digit of either case, or -1. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
