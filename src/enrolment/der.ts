// SPDX-License-Identifier: Apache-2.0
/** Writes requests for certificates, and keys, as DER (X.690 §10). */

import { Tag } from '../bytes/der.ts';

/** An element that contains these parts, one after the other. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const lengthBytes = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  const bytes = new Uint8Array(2 + lengthBytes + length);
  bytes[0] = tag;
  bytes[1] = lengthBytes === 0 ? length : 0x80 + lengthBytes;
  let at = 2;
  for (let i = lengthBytes - 1; i >= 0; i--) bytes[at++] = length >>> (8 * i);
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A number that is not negative, big-endian, as short as possible (X.690 §8.3.2). */
export function derUnsigned(bytes: Uint8Array): Uint8Array {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from++;
  const magnitude = bytes.subarray(from);
  return (magnitude[0] as number) >= 0x80
    ? der(Tag.Integer, new Uint8Array(1), magnitude)
    : der(Tag.Integer, magnitude);
}

/** A bit string of whole bytes. */
export function derBits(bytes: Uint8Array): Uint8Array {
  return der(Tag.BitString, new Uint8Array(1), bytes);
}
