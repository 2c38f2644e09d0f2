// SPDX-License-Identifier: Apache-2.0

const BLOCK_BYTES = 64;
/** Bytes of the message length, at the end of the padding. */
const LENGTH_BYTES = 8;
/** FIPS 180-4 §4.2.1. */
const ROUND_CONSTANTS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6] as const;

/**
 * SHA-1 (FIPS 180-4 §6.1). Only for protocols that require it and do not depend on its strength: with it, the server of
 * a WebSocket shows that it has read the request (RFC 6455 §4.2.2).
 */
export function sha1(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((message.length + 1 + LENGTH_BYTES) / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, message.length * 8);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const words = new Array<number>(80).fill(0);
  for (let at = 0; at < padded.length; at += BLOCK_BYTES) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + i * 4);
    for (let i = 16; i < 80; i++)
      words[i] = rotated(word(words, i - 3) ^ word(words, i - 8) ^ word(words, i - 14) ^ word(words, i - 16), 1);
    addBlock(state, words);
  }
  const digest = new Uint8Array(20);
  const out = new DataView(digest.buffer);
  for (let i = 0; i < 5; i++) out.setUint32(i * 4, word(state, i));
  return digest;
}

function addBlock(state: number[], words: readonly number[]): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let i = 0; i < 80; i++) {
    const round = Math.floor(i / 20);
    const chosen = round === 0 ? (b & c) ^ (~b & d) : round === 2 ? (b & c) ^ (b & d) ^ (c & d) : b ^ c ^ d;
    const next = (rotated(a, 5) + chosen + e + (ROUND_CONSTANTS[round] ?? 0) + word(words, i)) | 0;
    e = d;
    d = c;
    c = rotated(b, 30);
    b = a;
    a = next;
  }
  const added = [a, b, c, d, e];
  for (let i = 0; i < 5; i++) state[i] = (word(state, i) + word(added, i)) | 0;
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(words: readonly number[], at: number): number {
  return words[at] as number;
}
