// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { base64, decodeBase64Url } from '../../src/bytes/base64.ts';
import { ascii } from '../../src/bytes/text.ts';
import fc from '../support/property.ts';

const bytesOf = fc.uint8Array({ maxLength: 100 });

test('RFC 4648 §10 test vectors', (t) => {
  for (const [plain, encoded] of [
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ] as const) {
    t.deepEqual(base64(ascii(plain)), ascii(encoded));
    t.deepEqual(decodeBase64Url(ascii(encoded), 0, encoded.length), ascii(plain));
  }
});

test('base64 is what Buffer makes of it', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        bytesOf,
        (bytes) => Buffer.from(base64(bytes)).toString('latin1') === Buffer.from(bytes).toString('base64'),
      ),
    ),
  );
});

test('base64url comes back, padded or not, out of the middle of a buffer', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(bytesOf, fc.boolean(), (bytes, padded) => {
        let text = Buffer.from(bytes).toString('base64url');
        if (padded) while (text.length % 4 !== 0) text += '=';
        const framed = ascii(`.${text}.`);
        const decoded = decodeBase64Url(framed, 1, framed.length - 1);
        return decoded !== undefined && Buffer.compare(decoded, bytes) === 0;
      }),
    ),
  );
});

test('invalid base64url gives undefined', (t) => {
  for (const text of [
    'A',
    'AAAAA',
    'A+AA',
    'A/AA',
    'AA A',
    'AA.A',
    '=',
    '==',
    'AAA==',
    'AA=',
    'A===',
    'AA==A',
    'AAé',
  ] as const) {
    const bytes = Buffer.from(text, 'latin1');
    t.is(decodeBase64Url(bytes, 0, bytes.length), undefined, text);
  }
});
