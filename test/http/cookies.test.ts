import test from 'ava';
import fc from 'fast-check';
import { CookieJar } from '../../src/http/cookies.ts';

function store(jar: CookieJar, text: string): void {
  const framed = Buffer.from(`=;${text};=`, 'latin1');
  jar.store(framed, 2, framed.length - 2);
}

function value(jar: CookieJar): string {
  return Buffer.from(jar.bytes.subarray(0, jar.length)).toString('latin1');
}

test('pairs are kept without their attributes, in order', (t) => {
  const jar = new CookieJar(64);
  store(jar, 'BAYEUX_BROWSER=abc123; Path=/; HttpOnly');
  store(jar, 'route=7 ; Secure');
  store(jar, 'empty=');
  t.is(value(jar), 'BAYEUX_BROWSER=abc123; route=7; empty=');
  jar.clear();
  t.is(value(jar), '');
});

test('a cookie of the same name is replaced, wherever it stands', (t) => {
  for (const name of ['a', 'b', 'c']) {
    const jar = new CookieJar(64);
    for (const each of ['a=1', 'b=2', 'c=3']) store(jar, each);
    store(jar, `${name}=new`);
    const rest = ['a=1', 'b=2', 'c=3'].filter((each) => !each.startsWith(name));
    t.is(value(jar), [...rest, `${name}=new`].join('; '));
  }
  const jar = new CookieJar(64);
  store(jar, 'a=1');
  store(jar, 'a=2');
  store(jar, 'aa=3');
  t.is(value(jar), 'a=2; aa=3', 'a name that begins alike is another');
});

test('what is no cookie, does not fit or could break a line is not kept', (t) => {
  const jar = new CookieJar(16);
  for (const text of [
    '',
    'a',
    '=b',
    ';a=b',
    'a b=c',
    'a=b c',
    'a=b\rc',
    'a=b\nc',
    'a=\0',
    'a=é',
    'a=\x7f',
    'abcdefgh=12345678',
  ]) {
    store(jar, text);
    t.is(value(jar), '', text);
  }
  store(jar, 'abcdefgh=1234567');
  t.is(jar.length, 16);
  store(jar, 'b=1');
  t.is(value(jar), 'abcdefgh=1234567');
});

test('a jar behaves like a map, as long as there is room', (t) => {
  const cookie = fc.tuple(fc.constantFrom('a', 'b', 'ab', 'c', 'B'), fc.stringMatching(/^[!#-:<-~]{0,6}$/));
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(cookie, { maxLength: 20 }), (cookies) => {
        const jar = new CookieJar(1000);
        const map = new Map<string, string>();
        for (const [name, text] of cookies) {
          store(jar, `${name}=${text}; Max-Age=3`);
          map.delete(name);
          map.set(name, text);
        }
        return value(jar) === [...map].map(([name, text]) => `${name}=${text}`).join('; ');
      }),
      { numRuns: 1000 },
    ),
  );
});
