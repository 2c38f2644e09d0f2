// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { namesHost, relativeName } from '../../../../hal/esp32/tls/names.ts';
import { parseAddress } from '../../../../src/bytes/address.ts';

function named(dnsNames: readonly string[], host: string, ...addresses: readonly string[]): boolean {
  const element = (tag: number, content: Uint8Array) => [tag, content.length, ...content];
  const names = dnsNames.map((name) => element(0x82, Buffer.from(name, 'latin1')));
  const numbers = addresses.map((each) => element(0x87, parseAddress(each) ?? new Uint8Array()));
  return namesHost(new Uint8Array([...names, ...numbers].flat()), host);
}

test('a name is itself, whatever its capitals and the dot at its end', (t) => {
  t.true(named(['a.example.com'], 'A.Example.COM'));
  t.true(named(['a.example.com.'], 'a.example.com'));
  t.true(named(['a.example.com'], 'a.example.com.'));
  t.false(named(['a.example.com'], 'b.example.com'));
  t.false(named(['example.com'], 'a.example.com'));
  t.false(named(['a.example.com.evil.org'], 'a.example.com'));
  t.false(named([''], ''));
  t.false(named(['.'], '.'));
  t.false(named(['a.example.com\0'], 'a.example.com'));
  t.false(named(['a.example.com\0.evil.org'], 'a.example.com'));
  t.false(named(['\u00e4.example.com'], '\u00e4.example.com'), 'none of ASCII');
});

test('a server is not told the dot at the end of a name', (t) => {
  t.is(relativeName('a.example.com.'), 'a.example.com');
  t.is(relativeName('a.example.com'), 'a.example.com');
});

test('a star is one whole label, the first', (t) => {
  t.true(named(['*.example.com'], 'a.example.com'));
  for (const host of ['example.com', 'a.b.example.com', '.example.com', 'a.example.org']) {
    t.false(named(['*.example.com'], host), host);
  }
  for (const name of ['*', '*.com', 'a*.example.com', '*a.example.com', 'a.*.com', '*.*.com', '**.example.com']) {
    t.false(named([name], 'ab.example.com'), name);
    t.false(named([name], 'example.com'), name);
  }
});

test('an address is matched by an address in any spelling, and by no name', (t) => {
  t.true(named([], '10.0.0.1', '10.0.0.1'));
  t.false(named(['10.0.0.1'], '10.0.0.1'));
  t.false(named(['*.0.0.1'], '10.0.0.1'));
  t.false(named([], '10.0.0.1', '10.0.0.2'));
  t.true(named([], 'fe80::1', 'fe80:0:0:0:0:0:0:1'));
  t.false(named([], 'fe80::1', 'fe80::2'));
});

test('addresses are read as they are written', (t) => {
  t.deepEqual([...(parseAddress('::ffff:1.2.3.4') ?? [])], [...new Array(10).fill(0), 0xff, 0xff, 1, 2, 3, 4]);
  t.deepEqual([...(parseAddress('2001:db8::') ?? [])].slice(0, 4), [0x20, 0x01, 0x0d, 0xb8]);
  for (const text of [
    '1.2.3',
    '1.2.3.256',
    '010.0.0.1',
    '1.2.3.x',
    '1::2::3',
    '1:2',
    'fe80::12345',
    '1:2:3:4:5:6:7:8:9',
    'a.b.c.d',
  ]) {
    t.is(parseAddress(text), undefined, text);
  }
});
