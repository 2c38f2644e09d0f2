// SPDX-License-Identifier: Apache-2.0

import { Sha256 } from '../bytes/sha256.ts';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/** SHA-256 of these parts, one after the other. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = new Sha256();
  for (const part of parts) hash.update(part, 0, part.length);
  const digits = hash.hex();
  const bytes = new Uint8Array(HASH_BYTES);
  for (let at = 0; at < HASH_BYTES; at++) bytes[at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** HMAC with SHA-256 (RFC 2104). @param key of at most 64 bytes */
export function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const inner = new Uint8Array(BLOCK_BYTES).fill(0x36);
  const outer = new Uint8Array(BLOCK_BYTES).fill(0x5c);
  for (let at = 0; at < key.length; at++) {
    inner[at] = (key[at] as number) ^ 0x36;
    outer[at] = (key[at] as number) ^ 0x5c;
  }
  return sha256(outer, sha256(inner, ...parts));
}
