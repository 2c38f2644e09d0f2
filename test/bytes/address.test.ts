// SPDX-License-Identifier: Apache-2.0

import { isIP } from 'node:net';
import test from 'ava';
import { parseAddress } from '../../src/bytes/address.ts';
import fc from '../support/property.ts';

/** Length of an address, by its version. */
const BYTES = new Map([
  [4, 4],
  [6, 16],
]);

test('an IPv4 address ends an IPv6 address, or is an address by itself', (t) => {
  t.deepEqual(parseAddress('::ffff:10.0.0.1'), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1));
  t.deepEqual(parseAddress('1:2:3:4:5:6:7.8.9.10')?.length, 16);
  for (const text of ['1.2.3.4::', '1.2.3.4::1', '1.2.3.4::5.6.7.8', '::1.2.3.4:5', '1:2:3:4:5:1.2.3.4:8']) {
    t.is(parseAddress(text), undefined, text);
  }
});

test('Node and the agent agree on each text, address or not', (t) => {
  const piece = fc.constantFrom('0', '1', 'f', 'FFFF', '10000', 'g', '', '127.0.0.1', '1.2.3', '256.0.0.1', '01.2.3.4');
  const separator = fc.constantFrom(':', '::');
  const text = fc
    .array(fc.tuple(piece, separator), { maxLength: 9 })
    .map((parts) => parts.flat().join(''))
    .chain((all) => fc.constantFrom(all, all.replace(/:+$/, '')));
  fc.assert(
    fc.property(text, (each) => {
      t.is(parseAddress(each)?.length, BYTES.get(isIP(each)), each);
    }),
  );
  t.pass();
});
