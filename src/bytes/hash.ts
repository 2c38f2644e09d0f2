// SPDX-License-Identifier: Apache-2.0
const PRIME = 0x01000193;

/** FNV-1a, 32 bits, of bytes `[from, to)`: the checksum of data on flash, and the short form of a long name. */
export function fnv1a(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  let i = from;
  // Four bytes per step: an engine without a compiler needs as much time for a step as for a byte.
  for (; i + 3 < to; i += 4) {
    hash = Math.imul(hash ^ (bytes[i] as number), PRIME);
    hash = Math.imul(hash ^ (bytes[i + 1] as number), PRIME);
    hash = Math.imul(hash ^ (bytes[i + 2] as number), PRIME);
    hash = Math.imul(hash ^ (bytes[i + 3] as number), PRIME);
  }
  for (; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), PRIME);
  return hash >>> 0;
}
