// SPDX-License-Identifier: Apache-2.0

import { Digest } from 'crypt';
import { vector } from './vectors.ts';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/** The pseudo-random function of TLS 1.2 (RFC 5246 §5), with SHA-256. */
export function prf(secret: Uint8Array, label: string, seed: readonly Uint8Array[], byteLength: number): Uint8Array {
  const start = vector(0, new Uint8Array(ArrayBuffer.fromString(label)), ...seed);
  const result = new Uint8Array(byteLength);
  let a = start;
  for (let at = 0; at < byteLength; at += HASH_BYTES) {
    a = hmac(secret, a);
    result.set(hmac(secret, a, start).subarray(0, byteLength - at), at);
  }
  return result;
}

/** HMAC-SHA-256 (RFC 2104); the key must not be longer than a block. */
function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = new Digest('SHA256');
  const pad = new Uint8Array(BLOCK_BYTES).fill(0x36);
  for (let at = 0; at < key.length; at++) pad[at] = 0x36 ^ (key[at] as number);
  const inner = hash.process(pad, ...parts);
  for (let at = 0; at < BLOCK_BYTES; at++) pad[at] = (pad[at] as number) ^ 0x36 ^ 0x5c;
  return new Uint8Array(hash.process(pad, new Uint8Array(inner)));
}
