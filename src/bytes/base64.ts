// SPDX-License-Identifier: Apache-2.0

import { ascii, NO_BYTES } from './text.ts';

const DIGITS = ascii('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PAD = 0x3d;

/** Base64 of `bytes` with padding (RFC 4648 §4), as ASCII bytes after `prefix`. */
export function base64(bytes: Uint8Array, prefix: Uint8Array = NO_BYTES): Uint8Array {
  const length = bytes.length;
  let end = prefix.length;
  const text = new Uint8Array(end + Math.ceil(length / 3) * 4).fill(PAD);
  text.set(prefix);
  for (let at = 0; at < length; at += 3) {
    const left = length - at;
    const bits = (byteAt(bytes, at) << 16) | (byteAt(bytes, at + 1) << 8) | byteAt(bytes, at + 2);
    text[end++] = byteAt(DIGITS, bits >> 18);
    text[end++] = byteAt(DIGITS, (bits >> 12) & 63);
    if (left > 1) text[end++] = byteAt(DIGITS, (bits >> 6) & 63);
    if (left > 2) text[end++] = byteAt(DIGITS, bits & 63);
  }
  return text;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/**
 * The bytes of the base64url text (RFC 4648 §5) in `[from, to)`, with or without padding, as in the parts of a JWT (RFC
 * 7515 §2); undefined when the text is not base64url.
 */
export function decodeBase64Url(bytes: Uint8Array, from: number, to: number): Uint8Array | undefined {
  let end = to;
  while (end > from && to - end < 2 && bytes[end - 1] === PAD) end--;
  const digits = end - from;
  if (digits % 4 === 1 || (end < to && (to - from) % 4 !== 0)) return undefined;
  const decoded = new Uint8Array(Math.floor((digits * 3) / 4));
  let bits = 0;
  let out = 0;
  for (let i = 0; i < digits; i++) {
    const value = digitValue(bytes[from + i] as number);
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0xffffff;
    const phase = i & 3;
    if (phase > 0) decoded[out++] = bits >> (6 - 2 * phase);
  }
  return decoded;
}

function digitValue(byte: number): number {
  if (byte === 0x2d) return 62;
  if (byte === 0x5f) return 63;
  if (byte === 0x2b || byte === 0x2f) return -1;
  return DIGITS.indexOf(byte);
}
