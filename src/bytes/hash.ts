// SPDX-License-Identifier: Apache-2.0
/** FNV-1a, 32 bits, of bytes `[from, to)`: checksum of what lies on flash, and short name of what has a long one. */
export function fnv1a(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash >>> 0;
}
