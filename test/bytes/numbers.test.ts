// SPDX-License-Identifier: Apache-2.0
/** Digits, ids and hashes: of bytes, numbers. */

import test from 'ava';
import { hexDigit, WHOLE_MAX, wholeNumber } from '../../src/bytes/digits.ts';
import { fnv1a } from '../../src/bytes/hash.ts';
import { isId } from '../../src/bytes/id.ts';
import { ascii } from '../../src/bytes/text.ts';

test('a whole number is digits and nothing else, up to 2^31 - 1', (t) => {
  const rules: readonly (readonly [text: string, value: number])[] = [
    ['0', 0],
    ['007', 7],
    ['2147483647', WHOLE_MAX],
    ['2147483648', -1],
    ['99999999999999999999999', -1],
    ['', -1],
    ['-1', -1],
    ['+1', -1],
    ['1.5', -1],
    ['1e3', -1],
    [' 1', -1],
    ['1 ', -1],
    ['0x10', -1],
    ['1/', -1],
    ['1:', -1],
  ];
  for (const [text, value] of rules) t.is(wholeNumber(ascii(text), 0, text.length), value, text);
  // Only the range counts, and one that is none has no number.
  t.is(wholeNumber(ascii('a12b'), 1, 3), 12);
  t.is(wholeNumber(ascii('12'), 1, 1), -1);
  t.is(wholeNumber(ascii('12'), 2, 1), -1);
});

test('hexadecimal digits of either case, and no neighbour of them', (t) => {
  for (let byte = 0; byte < 256; byte++) {
    const character = String.fromCharCode(byte);
    t.is(hexDigit(byte), /[0-9a-f]/i.test(character) ? Number.parseInt(character, 16) : -1, `${byte}`);
  }
});

test('an id has 1 to 64 characters that need no encoding', (t) => {
  for (let byte = 0; byte < 256; byte++) {
    const isAllowed = /[0-9A-Za-z_-]/.test(String.fromCharCode(byte));
    t.is(isId(Uint8Array.of(byte), 0, 1), isAllowed, `${byte}`);
    t.is(isId(Uint8Array.of(0x30, byte, 0x30), 0, 3), isAllowed, `${byte} in the middle`);
  }
  const bytes = new Uint8Array(66).fill(0x61);
  t.true(isId(bytes, 0, 64));
  t.true(isId(bytes, 1, 65));
  for (const [from, to] of [
    [0, 65],
    [0, 0],
    [3, 2],
  ] as const) {
    t.false(isId(bytes, from, to), `${from} to ${to}`);
  }
});

test('FNV-1a: the values of its authors, and of a range alone', (t) => {
  const rules: readonly (readonly [text: string, hash: number])[] = [
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['b', 0xe70c2de5],
    ['foobar', 0xbf9cf968],
  ];
  for (const [text, hash] of rules) t.is(fnv1a(ascii(text), 0, text.length), hash, text);
  t.is(fnv1a(ascii('xfoobarx'), 1, 7), 0xbf9cf968);
});
