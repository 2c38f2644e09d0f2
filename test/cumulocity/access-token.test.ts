// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { ascii, decodeUtf8, utf8 } from '../../src/bytes/text.ts';
import { ByteWriter } from '../../src/bytes/writer.ts';
import { bearer, claimsOf, lifeMs, readToken, subjectOf } from '../../src/cumulocity/access-token.ts';

function answer(text: string): ByteWriter {
  const writer = new ByteWriter(64, 10_000);
  writer.text(text);
  return writer;
}

function shown(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : decodeUtf8(bytes, 0, bytes.length);
}

function jwtOf(claims: unknown): Uint8Array {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return ascii(`${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmVk`);
}

test('a token fits into a header and cannot end the header', (t) => {
  t.is(shown(readToken(answer('{"accessToken":"a.b.c"}'))), 'a.b.c');
  t.is(shown(readToken(answer('{"x":1,"accessToken":"a\\u002eb"}'))), 'a.b');
  t.is(readToken(answer(`{"accessToken":"${'x'.repeat(4000)}"}`))?.length, 4000);
  const none = [
    '',
    '{}',
    '[]',
    'null',
    '{"accessToken":null}',
    '{"accessToken":7}',
    '{"accessToken":""}',
    '{"accessToken":"a b"}',
    '{"accessToken":"a\\r\\nX: y"}',
    '{"accessToken":"\\u00e9"}',
    '{"accessToken":"a.b.c',
    `{"accessToken":"${'x'.repeat(4001)}"}`,
  ];
  for (const text of none) t.is(readToken(answer(text)), undefined, text.slice(0, 60));
});

test('RFC 6750 §2.1: it is shown as a bearer', (t) => {
  t.is(shown(bearer(ascii('a.b.c'))), 'Bearer a.b.c');
});

test('RFC 7519 §7.2: the claims are the part in the middle; a text that is not a JWT has no claims', (t) => {
  t.deepEqual(JSON.parse(shown(claimsOf(jwtOf({ sub: 'device_ä' }))) ?? ''), { sub: 'device_ä' });
  for (const text of ['', 'abc', 'a.b', '.', '..', 'a.?!.c']) t.is(claimsOf(ascii(text)).length, 0, text);
});

test('a life is counted between the claims, whatever the clock of the device says', (t) => {
  const rules: readonly (readonly [claims: unknown, lifeMs: number])[] = [
    [{ iat: 1_700_000_000, exp: 1_700_000_600 }, 600_000],
    [{ iat: 0, exp: 1 }, 1000],
    [{ iat: 5, exp: 5 }, 3_600_000],
    [{ iat: 10, exp: 5 }, 3_600_000],
    [{ iat: 0, exp: 1e9 }, 3_600_000],
    [{ exp: 600 }, 3_600_000],
    [{ iat: 0 }, 3_600_000],
    [{ iat: '0', exp: '600' }, 3_600_000],
    [{}, 3_600_000],
    [[], 3_600_000],
  ];
  for (const [claims, ms] of rules) t.is(lifeMs(utf8(JSON.stringify(claims))), ms, JSON.stringify(claims));
  t.is(lifeMs(new Uint8Array(0)), 3_600_000);
});

test('the subject is the user that the platform sees', (t) => {
  t.is(subjectOf(utf8('{"sub":"device_7"}')), 'device_7');
  for (const text of ['{}', '{"sub":7}', '{"sub":null}', '', '[]']) t.is(subjectOf(utf8(text)), undefined, text);
});
