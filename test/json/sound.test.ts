// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { utf8 } from '../../src/bytes/text.ts';
import { firstMember, memberAfter, memberValue, valueEnd } from '../../src/json/scan.ts';
import { firstBytes, indexOfName, soundEnd, soundNext, soundValue } from '../../src/json/sound.ts';
import fc from '../support/property.ts';
import { jsonValue } from './arbitrary.ts';

const RUNS = { numRuns: 2000 };

/** Where names and values of the members begin and end. */
type Walk = (b: Uint8Array, at: number, to: number) => number[];

const checked: Walk = (b, from, to) => {
  const places: number[] = [];
  for (let at = firstMember(b, from, to); at >= 0; ) {
    const value = memberValue(b, at, to);
    const end = valueEnd(b, value, to);
    places.push(at, value, end);
    at = memberAfter(b, end, to);
  }
  return places;
};

const sound: Walk = (b, from, to) => {
  const places: number[] = [];
  for (let at = firstMember(b, from, to); at >= 0; ) {
    const value = soundValue(b, at, to);
    const end = soundEnd(b, value, to);
    places.push(at, value, end);
    at = soundNext(b, end, to);
  }
  return places;
};

const text = fc.oneof(
  fc.string(),
  fc.array(fc.constantFrom('"', '\\', '{', ']', ',', ':', 'é'), { maxLength: 8 }).map((all) => all.join('')),
);
const object = fc.dictionary(text, fc.oneof(jsonValue, text, fc.array(text, { maxLength: 3 })), { maxKeys: 6 });

test('the members of sound text lie where a reader finds them that looks at each byte', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 1, '\t', '\n \r'), (value, space) => {
        const json = JSON.stringify(value, undefined, space);
        const b = utf8(`[${json},"more"]`);
        const to = b.length - 8;
        t.deepEqual(sound(b, 1, to), checked(b, 1, to), json);
      }),
      RUNS,
    ),
  );
});

test('invalid text is scanned to its end, and no further', (t) => {
  const piece = fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'a', '1', ' ', '"a":');
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const b = utf8(`{"${pieces.join('')}`);
        const places = sound(b, 0, b.length);
        let last = 0;
        for (const place of places) {
          t.true(place >= last && place <= b.length + 3, `${place} after ${last} in ${pieces.join('')}`);
          last = place;
        }
      }),
      RUNS,
    ),
  );
});

test('a name is recognised by its first letter and the rest, with its escapes resolved', (t) => {
  const all = ['channel', 'clientId', 'id', 'é', 'successful', 'c'];
  const wanted = all.map(utf8);
  const firsts = firstBytes(wanted);
  all.forEach((name, i) => {
    for (const form of [
      JSON.stringify(name),
      `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}"`,
    ]) {
      const b = utf8(form);
      t.is(indexOfName(b, 0, b.length, firsts, wanted), i, form);
    }
  });
  for (const other of ['', 'channe', 'channels', 'x', 'Channel', '\\', 'i']) {
    const b = utf8(JSON.stringify(other));
    t.is(indexOfName(b, 0, b.length, firsts, wanted), -1, other);
  }
});
