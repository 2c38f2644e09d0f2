// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import test from 'ava';
import { Sha256 } from '../../src/bytes/sha256.ts';

/** Longer than four blocks, and no byte is like that of the block before. */
const BYTES = Uint8Array.from({ length: 300 }, (_, i) => (i * 89 + (i >> 6) * 7 + 3) & 0xff);

function wanted(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What comes in pieces of these sizes, in turns. */
function digest(bytes: Uint8Array, ...sizes: readonly number[]): string {
  const sha256 = new Sha256();
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const to = Math.min(at + (sizes[turn % sizes.length] ?? 1), bytes.length);
    sha256.update(bytes, at, to);
    at = to;
  }
  return sha256.hex();
}

test('FIPS 180-4: the examples of NIST', (t) => {
  const examples: readonly (readonly [text: string, digest: string])[] = [
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ];
  for (const [text, hex] of examples) t.is(digest(Buffer.from(text), 64), hex, text);
});

test('every length from nothing to four blocks and more is as with OpenSSL, whole and byte by byte', (t) => {
  for (let length = 0; length <= BYTES.length; length++) {
    const bytes = BYTES.subarray(0, length);
    t.is(digest(bytes, BYTES.length), wanted(bytes), `${length} bytes`);
    t.is(digest(bytes, 1), wanted(bytes), `${length} bytes, one by one`);
  }
});

test('pieces of any size make no difference, also empty ones', (t) => {
  const sizes = [[63], [64], [65], [55, 1, 8], [56, 7, 1], [1, 127], [128, 3], [7, 11, 13]];
  for (const each of sizes) t.is(digest(BYTES, ...each), wanted(BYTES), `${each}`);
  const sha256 = new Sha256();
  sha256.update(BYTES, 0, 0);
  sha256.update(BYTES, 0, 100);
  sha256.update(BYTES, 100, 100);
  sha256.update(BYTES, 100, 300);
  t.is(sha256.hex(), wanted(BYTES));
});

test('only the range counts, and two that go on at the same time are apart', (t) => {
  const [one, other] = [new Sha256(), new Sha256()];
  for (let at = 0; at < 200; at += 40) {
    one.update(BYTES, at, at + 40);
    other.update(BYTES, at + 60, at + 100);
  }
  t.is(one.hex(), wanted(BYTES.subarray(0, 200)));
  t.is(other.hex(), wanted(BYTES.subarray(60, 260)));
});

test('a million bytes, as of an image', (t) => {
  const image = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * i) >>> 3);
  t.is(digest(image, 1460, 512, 4096), wanted(image));
});
