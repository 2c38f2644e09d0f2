// SPDX-License-Identifier: Apache-2.0

const MOST_BYTES = 64;
const ZERO = 0x30;
const MINUS = 0x2d;

/** Whether `[from, to)` is an id: 1 to 64 characters of `0-9 A-Z a-z _ -`, which need no encoding in a path. */
export function isId(bytes: Uint8Array, from: number, to: number): boolean {
  if (to <= from || to - from > MOST_BYTES) return false;
  for (let i = from; i < to; i++) if (!isIdCharacter(bytes[i] as number)) return false;
  return true;
}

function isIdCharacter(byte: number): boolean {
  if (byte >= 0x61) return byte <= 0x7a;
  if (byte >= 0x41) return byte <= 0x5a || byte === 0x5f;
  return (byte >= ZERO && byte <= ZERO + 9) || byte === MINUS;
}
