// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { ascii } from '../../src/bytes/text.ts';
import { CookieJar } from '../../src/http/cookies.ts';
import fc from '../support/property.ts';

const NOW_MS = Date.UTC(2026, 10, 28);

/** A jar that must keep whatever comes, unless the test counts what is left out. */
function jarOf(
  t: ExecutionContext,
  maxBytes: number,
  onCookieLeftOut: () => void = () => t.fail('left out'),
): CookieJar {
  return new CookieJar(maxBytes, ascii('/notification/operations'), { nowMs: () => NOW_MS, onCookieLeftOut });
}

function store(jar: CookieJar, text: string): void {
  const framed = Buffer.from(`=;${text};=`, 'latin1');
  jar.store(framed, 2, framed.length - 2);
}

function value(jar: CookieJar): string {
  return Buffer.from(jar.value.bytes.subarray(0, jar.value.end)).toString('latin1');
}

test('pairs are kept without their attributes, in order', (t) => {
  const jar = jarOf(t, 64);
  store(jar, 'BAYEUX_BROWSER=abc123; Path=/; HttpOnly');
  store(jar, ' route = 7 ; Secure');
  store(jar, 'empty=');
  store(jar, 'q="a b"');
  t.is(value(jar), 'BAYEUX_BROWSER=abc123; route=7; empty=; q="a b"');
  jar.clear();
  t.is(value(jar), '');
});

test('a cookie of the same name is replaced, wherever it stands', (t) => {
  for (const name of ['a', 'b', 'c']) {
    const jar = jarOf(t, 64);
    for (const each of ['a=1', 'b=2', 'c=3']) store(jar, each);
    store(jar, `${name}=new`);
    const rest = ['a=1', 'b=2', 'c=3'].filter((each) => !each.startsWith(name));
    t.is(value(jar), [...rest, `${name}=new`].join('; '));
  }
  const jar = jarOf(t, 64);
  store(jar, 'a=1');
  store(jar, 'a=2');
  store(jar, 'aa=3');
  t.is(value(jar), 'a=2; aa=3', 'a name that begins alike is another');
});

test('an invalid cookie changes nothing', (t) => {
  const jar = jarOf(t, 64);
  store(jar, 'a=1');
  for (const text of ['', 'a', '=b', ' =b', ';a=b', 'Max-Age=0; a']) {
    const before = value(jar);
    store(jar, text);
    if (text !== 'Max-Age=0; a') t.is(value(jar), before, text);
  }
});

test('a cookie that does not fit or could break a line is left out, and its predecessor stays', (t) => {
  let leftOut = 0;
  const jar = jarOf(t, 16, () => leftOut++);
  store(jar, 'a=b');
  for (const text of ['a=b\rc', 'a=b\nc', 'a=\0', 'a=\x7f', 'a\x1b=b', 'a=123456789012345', 'b=1234567890']) {
    leftOut = 0;
    store(jar, text);
    t.is(value(jar), 'a=b', text);
    t.is(leftOut, 1, text);
  }
  store(jar, 'b=123456789');
  t.is(value(jar), 'a=b; b=123456789');
  store(jar, 'a=c');
  t.is(value(jar), 'b=123456789; a=c', 'there is room for what takes the place of another');
});

test('RFC 6265 §5.3: a cookie that is over is taken away, and nothing else is', (t) => {
  for (const [attributes, gone] of [
    ['Max-Age=0', true],
    ['max-age = 0', true],
    ['Max-Age=-1', true],
    ['Max-Age=-00', true],
    ['Max-Age=1', false],
    ['Max-Age=99999999999', false],
    ['Max-Age=', false],
    ['Max-Age=x', false],
    ['Max-Age=-', false],
    ['Max-Age', false],
    ['Max-Age=0x', false],
    ['XMax-Age=0', false],
    ['Expires=Thu, 01 Jan 1970 00:00:00 GMT', true],
    ['expires=Thu, 01-Jan-1970 00:00:01 GMT', true],
    ['Expires=Thursday, 01-Jan-70 00:00:00 GMT', true],
    ['Expires=Fri, 27 Nov 2026 23:59:59 GMT', true],
    ['Expires=Sun, 29 Nov 2026 00:00:00 GMT', false],
    ...[
      'Thu, 1-Jan-1970 00:00:00 GMT',
      'Thu, 01-Jan-70 00:00:00 GMT',
      'THU, 01 JAN 1970 00:00:00 GMT',
      '01 Jan 1970 00:00:00',
      'Thu Jan  1 00:00:00 1970',
      'Thu, 01 Jan 1970 0:0:0 UTC',
      'Thu, 01 Jan 1970 00:00:00 +0000',
      '1970 January 01th 00:00:00',
      '"Thu, 01 Jan 1970 00:00:00 GMT"',
    ].map((date) => [`Expires=${date}`, true] as const),
    ...[
      '28 Nov 2026 00:00:01',
      '28 Nov 69 23:00:00',
      '0',
      'Thu, 32 Jan 1970 00:00:00 GMT',
      'Thu, 30 Feb 1970 00:00:00 GMT',
      'Thu, 01 Jan 1970 24:00:00 GMT',
      'Thu, 01 Jan 1970 00:60:00 GMT',
      'Thu, 01 Jan 1970 00:00:60 GMT',
      'Thu, 01 Jan 1970 00:00 GMT',
      'Thu, 01 Jan 1600 00:00:00 GMT',
      'Thu, 01 Jan 00001970 00:00:00 GMT',
      'Thu, 001 Jan 1970 00:00:00 GMT',
      '01 Jan 00:00:00',
      '01 1970 00:00:00',
      'Jan 1970 00:00:00',
    ].map((date) => [`Expires=${date}`, false] as const),
    ['Expires', false],
    ['Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60', false],
    ['Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT', false],
    ['Max-Age=0; Expires=Sun, 29 Nov 2026 00:00:00 GMT', true],
    ['Max-Age=99999999999; Expires=Thu, 01 Jan 1970 00:00:00 GMT', false],
    ['Max-Age=0; Max-Age=60', false],
    ['Max-Age=60; Max-Age=0', true],
    ['Max-Age=0; Max-Age=x', true],
    ['Path=/; HttpOnly; Max-Age=0; Secure', true],
  ] as const) {
    const jar = jarOf(t, 64);
    for (const each of ['a=1', 'b=2', 'c=3']) store(jar, each);
    store(jar, `b=; ${attributes}`);
    t.is(value(jar), gone ? 'a=1; c=3' : 'a=1; c=3; b=', attributes);
    store(jar, `d=4; ${attributes}`);
    t.is(value(jar).includes('d=4'), !gone, attributes);
  }
});

test('RFC 6265 §5.1.4: a cookie of another path is not kept, and removes no other', (t) => {
  for (const [path, isHere] of [
    ['/', true],
    ['/notification', true],
    ['/notification/', true],
    ['/notification/operations', true],
    ['', true],
    ['notification', true],
    ['/notification/operations/', false],
    ['/notif', false],
    ['/notification/operationsx', false],
    ['/notification/realtime', false],
    ['//', false],
    ['/Notification', false],
    ['/app', false],
    ['/; Path=/app', false],
    ['/app; path = /', true],
  ] as const) {
    const jar = jarOf(t, 64);
    store(jar, 'a=1; Path=/');
    store(jar, `b=2; Path=${path}`);
    t.is(value(jar), isHere ? 'a=1; b=2' : 'a=1', path);
    store(jar, `a=; Max-Age=0; Path=${path}`);
    t.is(value(jar), isHere ? 'b=2' : 'a=1', path);
  }
});

test('a jar behaves like a map, as long as there is room', (t) => {
  const cookie = fc.tuple(
    fc.constantFrom('a', 'b', 'ab', 'c', 'B'),
    fc.stringMatching(/^[!#-:<-~]{0,6}$/),
    fc.boolean(),
  );
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(cookie, { maxLength: 20 }), (cookies) => {
        const jar = jarOf(t, 1000);
        const map = new Map<string, string>();
        for (const [name, text, over] of cookies) {
          store(jar, `${name}=${text}; Max-Age=${over ? 0 : 3}`);
          map.delete(name);
          if (!over) map.set(name, text);
        }
        return value(jar) === [...map].map(([name, text]) => `${name}=${text}`).join('; ');
      }),
      { numRuns: 1000 },
    ),
  );
});
