// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import * as scan from '../../src/json/scan.ts';
import fc from '../support/property.ts';
import { bytesOf, jsonNumber, jsonString, wellFormed } from './arbitrary.ts';
import { framed, RUNS } from './scanning.ts';

test('stringEquals is equality after unescaping', (t) => {
  let equal = 0;
  t.notThrows(() =>
    fc.assert(
      fc.property(jsonString, jsonString, fc.boolean(), (one, other, same) => {
        const { b, from, to } = framed(wellFormed(one));
        const wanted = wellFormed(JSON.parse(same ? one : other));
        const expected = wellFormed(JSON.parse(one)) === wanted;
        if (expected) equal++;
        return scan.stringEquals(b, from, to, bytesOf(wanted)) === expected;
      }),
      RUNS,
    ),
  );
  t.true(equal > 1000);
});

test('stringEquals wants a whole string', (t) => {
  for (const text of ['"a', 'a"', '"a\\u00', '"a\n"', '"a\\x"', '"a\\']) {
    const b = bytesOf(text);
    t.false(scan.stringEquals(b, 0, b.length, bytesOf('a')), text);
  }
});

test('readNumber is JSON.parse, to the last bit', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.oneof(
          jsonNumber,
          fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => JSON.stringify(n)),
        ),
        (text) => {
          const { b, from, to } = framed(text, '5');
          return Object.is(scan.readNumber(b, from, to), JSON.parse(text));
        },
      ),
      { numRuns: 10_000 },
    ),
  );
  for (const text of [
    '9007199254740991',
    '9007199254740992',
    '9007199254740993',
    '9007199254741047',
    '0.1',
    '-0',
    '-0.0',
    '1e400',
    '-1e-400',
  ]) {
    const b = bytesOf(text);
    t.true(Object.is(scan.readNumber(b, 0, b.length), JSON.parse(text)), text);
  }
});

test('a text that is not a number, boolean or string gives no value', (t) => {
  for (const text of ['', 'null', '"1"', '01', '-', '1.', '.5', '1e', '+1', 'NaN', 'tru', 'True', '[]', '{}']) {
    const b = bytesOf(text);
    if (text !== '01') t.is(scan.readNumber(b, 0, b.length), Number.NaN, text);
    t.is(scan.readBoolean(b, 0, b.length), undefined, text);
    if (text !== '"1"') t.is(scan.readString(b, 0, b.length), undefined, text);
  }
  t.is(scan.readNumber(bytesOf('01'), 0, 2), Number.NaN);
  t.is(scan.readBoolean(bytesOf('true'), 0, 4), true);
  t.is(scan.readBoolean(bytesOf('false'), 0, 5), false);
  t.is(scan.readBoolean(bytesOf('false'), 0, 4), undefined);
});

test('readId takes ids that need no encoding in a path', (t) => {
  const cases: [string, string | undefined][] = [
    ['"2480300"', '2480300'],
    ['2480300', '2480300'],
    ['0', '0'],
    ['"a_B-9"', 'a_B-9'],
    [`"${'x'.repeat(64)}"`, 'x'.repeat(64)],
    [`"${'x'.repeat(65)}"`, undefined],
    ['""', undefined],
    ['"a/b"', undefined],
    ['"a b"', undefined],
    ['"\\u0061"', undefined],
    ['"é"', undefined],
    ['"a\r\nb"', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['1'.repeat(65), undefined],
    ['true', undefined],
    ['null', undefined],
    ['["1"]', undefined],
    ['{}', undefined],
  ];
  for (const [text, wanted] of cases) {
    const b = bytesOf(text);
    t.is(scan.readId(b, 0, b.length), wanted, text);
  }
});
