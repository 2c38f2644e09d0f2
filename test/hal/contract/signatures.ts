// SPDX-License-Identifier: Apache-2.0

import { ascii, assert, type Check, equal } from './scene.ts';

/** RFC 6979 §A.2.5: a key of P-256, and what it says of "sample" and "test" with SHA-256. */
const KEY =
  '04' +
  '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6' +
  '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299';
const R = 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716';
const S = 'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8';
const TEST_R = 'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367';
const TEST_S = '019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083';
/** The order of the curve, and its field (SEC 2 §2.4.2). */
const N = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
const P = 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff';
const X = KEY.slice(2, 66);
const Y = KEY.slice(66);

/** One of DER; `digits` as they are, behind a zero where the first would be a sign. */
function integer(digits: string): string {
  const content = Number.parseInt(digits.slice(0, 2), 16) < 0x80 ? digits : `00${digits}`;
  return `02${byte(content.length / 2)}${content}`;
}

function pair(first: string, second: string): string {
  return `30${byte((first.length + second.length) / 2)}${first}${second}`;
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

function bytesOf(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

const RIGHT = pair(integer(R), integer(S));

/** What is not right: signature and key, for "sample". */
const WRONG: Readonly<Record<string, readonly [signature: string, key: string]>> = {
  'of another message': [pair(integer(TEST_R), integer(TEST_S)), KEY],
  'with its numbers exchanged': [pair(integer(S), integer(R)), KEY],
  'that is empty': ['', KEY],
  'that is cut': [RIGHT.slice(0, -2), KEY],
  'with a byte behind it': [`${RIGHT}00`, KEY],
  'with a byte inside of it': [pair(integer(R), `${integer(S)}00`), KEY],
  'without DER': [R + S, KEY],
  'with a negative number': [pair(`0220${R}`, integer(S)), KEY],
  'with zeros in front': [pair(integer(`0000${R}`), integer(S)), KEY],
  'with r = 0': [pair('020100', integer(S)), KEY],
  'with s = 0': [pair(integer(R), '020100'), KEY],
  'with r = n': [pair(integer(N), integer(S)), KEY],
  'with s = n': [pair(integer(R), integer(N)), KEY],
  'by an empty key': [RIGHT, ''],
  'by a key that is cut': [RIGHT, KEY.slice(0, -2)],
  'by a key with a byte behind it': [RIGHT, `${KEY}00`],
  'by a key in another form': [RIGHT, `02${X}`],
  'by a hybrid key': [RIGHT, `07${X}${Y}`],
  'by a point beside the curve': [RIGHT, `04${X}${X}`],
  'by zero': [RIGHT, `04${'0'.repeat(128)}`],
  'by a point beyond the field': [RIGHT, `04${P}${Y}`],
  'by the point opposite': [RIGHT, `04${X}86fc01eef74743675be51616a9d7439b0d0e4df4d28160ae885c3d6b2bb9dd66`],
};

/** For a machine that can tell signatures. */
export const signatureChecks: readonly Check[] = [
  {
    name: 'verify: what the owner of the key has signed',
    async run({ hal }) {
      equal(hal.verify?.(ascii('sample'), bytesOf(RIGHT), bytesOf(KEY)), true, 'sample');
      equal(hal.verify?.(ascii('test'), bytesOf(pair(integer(TEST_R), integer(TEST_S))), bytesOf(KEY)), true, 'test');
      // Parts of larger views.
      const [message, signature, key] = [ascii('.sample.'), bytesOf(`00${RIGHT}00`), bytesOf(`00${KEY}00`)];
      equal(hal.verify?.(message.subarray(1, 7), signature.subarray(1, -1), key.subarray(1, -1)), true, 'parts');
    },
  },
  {
    name: 'verify: nothing else',
    async run({ hal }) {
      equal(hal.verify?.(ascii('Sample'), bytesOf(RIGHT), bytesOf(KEY)), false, 'another message');
      equal(hal.verify?.(new Uint8Array(0), bytesOf(RIGHT), bytesOf(KEY)), false, 'no message');
      for (const [what, [signature, key]] of Object.entries(WRONG)) {
        assert(hal.verify?.(ascii('sample'), bytesOf(signature), bytesOf(key)) === false, `a signature ${what}`);
      }
    },
  },
];
