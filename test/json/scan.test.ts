// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import * as scan from '../../src/json/scan.ts';
import fc from '../support/property.ts';
import { brokenText, bytesOf, isJson, jsonText, wellFormed } from './arbitrary.ts';
import { framed, parse, RUNS } from './scanning.ts';

const { Kind } = scan;

/** Builds what JSON.parse would build, with the functions under test only. */
function build(b: Uint8Array, at: number, to: number): unknown {
  switch (scan.kindAt(b, at)) {
    case Kind.Object: {
      const members: [string, unknown][] = [];
      for (let name = scan.firstMember(b, at, to); name >= 0; name = scan.nextMember(b, name, to)) {
        members.push([scan.readString(b, name, to) ?? 'none', build(b, scan.memberValue(b, name, to), to)]);
      }
      // As JSON.parse: an own property even for __proto__, the last one wins.
      return Object.fromEntries(members);
    }
    case Kind.Array: {
      const elements: unknown[] = [];
      for (let each = scan.firstElement(b, at, to); each >= 0; each = scan.nextElement(b, each, to)) {
        elements.push(build(b, each, to));
      }
      return elements;
    }
    case Kind.String:
      return scan.readString(b, at, to);
    case Kind.Number:
      return scan.readNumber(b, at, to);
    case Kind.True:
    case Kind.False:
      return scan.readBoolean(b, at, to);
    case Kind.Null:
      return null;
    default:
      return undefined;
  }
}

/** Names are no values for a reviver. */
function withWellFormedNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withWellFormedNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [wellFormed(name), withWellFormedNames(each)]));
}

test('isValid agrees with JSON.parse', (t) => {
  let valid = 0;
  let invalid = 0;
  t.notThrows(() =>
    fc.assert(
      fc.property(brokenText, fc.constantFrom('"', ' ', '}', '1', '\\'), (raw, around) => {
        const text = wellFormed(raw);
        const { b, from, to } = framed(text, around);
        const wanted = isJson(text);
        if (wanted) valid++;
        else invalid++;
        return scan.isValid(b, from, to) === wanted;
      }),
      { numRuns: 10_000 },
    ),
  );
  t.true(valid > 1000 && invalid > 1000, `${valid} valid, ${invalid} not`);
});

test('a value built by scanning equals the result of JSON.parse', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(jsonText, (raw) => {
        const text = wellFormed(raw);
        const { b, from, to } = framed(text);
        const at = scan.skipSpace(b, from, to);
        t.deepEqual(build(b, at, to), withWellFormedNames(parse(text)));
      }),
      RUNS,
    ),
  );
});

test('skipValue stops right behind the value', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(jsonText, fc.constantFrom('', ',', ' ', '}', ']', ',1'), (text, after) => {
        const value = bytesOf(text);
        const b = bytesOf(`${text}${after}`);
        return scan.skipValue(b, 0, b.length) === value.length;
      }),
      RUNS,
    ),
  );
});

test('every text cut short is malformed, unless it is a number', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(jsonText, fc.nat(), (text, cut) => {
        const b = bytesOf(text);
        const to = cut % b.length;
        const end = scan.skipValue(b, 0, to);
        return end === -1 || (scan.kindAt(b, 0) === Kind.Number && end <= to);
      }),
      RUNS,
    ),
  );
});

test('nothing throws or leaves its range, wherever a function is pointed', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(brokenText, fc.integer({ min: -2, max: 40 }), fc.integer({ min: -2, max: 60 }), (text, at, to) => {
        const b = bytesOf(text);
        const end = Math.min(to, b.length);
        const inside = (index: number) => index === -1 || (index >= at && index <= end);
        scan.readString(b, at, end);
        scan.readNumber(b, at, end);
        scan.readBoolean(b, at, end);
        scan.readId(b, at, end);
        scan.stringEquals(b, at, end, bytesOf('id'));
        scan.kindAt(b, at);
        return (
          at < 0 ||
          (inside(scan.skipValue(b, at, end)) &&
            inside(scan.stringEnd(b, at, end)) &&
            inside(scan.member(b, at, end, bytesOf('id'))) &&
            inside(scan.firstMember(b, at, end)) &&
            inside(scan.nextMember(b, at, end)) &&
            inside(scan.memberValue(b, at, end)) &&
            inside(scan.firstElement(b, at, end)) &&
            inside(scan.nextElement(b, at, end)))
        );
      }),
      RUNS,
    ),
  );
});

test('-1 in is -1 out', (t) => {
  const b = bytesOf('{"a":1}');
  t.is(scan.skipValue(b, -1, 7), -1);
  t.is(scan.member(b, -1, 7, bytesOf('a')), -1);
  t.is(scan.firstMember(b, -1, 7), -1);
  t.is(scan.nextMember(b, -1, 7), -1);
  t.is(scan.memberValue(b, -1, 7), -1);
  t.is(scan.firstElement(b, -1, 7), -1);
  t.is(scan.nextElement(b, -1, 7), -1);
  t.is(scan.kindAt(b, -1), Kind.None);
  t.is(scan.readString(b, -1, 7), undefined);
  t.is(scan.readNumber(b, -1, 7), Number.NaN);
  t.is(scan.readBoolean(b, -1, 7), undefined);
  t.is(scan.readId(b, -1, 7), undefined);
  t.false(scan.stringEquals(b, -1, 7, bytesOf('')));
});

test('32 levels are read, 33 are malformed', (t) => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    for (const [levels, valid] of [
      [32, true],
      [33, false],
      [100_000, false],
    ] as const) {
      const b = bytesOf(`${open.repeat(levels)}1${close.repeat(levels)}`);
      t.is(scan.isValid(b, 0, b.length), valid, `${open} ${levels}`);
    }
  }
  const mixed = bytesOf(`${'[{"a":'.repeat(16)}0${'}]'.repeat(16)}`);
  t.true(scan.isValid(mixed, 0, mixed.length));
  const crossed = bytesOf(`${'[{"a":'.repeat(16)}0${']}'.repeat(16)}`);
  t.false(scan.isValid(crossed, 0, crossed.length));
});

test('member is the last of its name, as JSON.parse has it, however the name is escaped', (t) => {
  const b = bytesOf(' {"b":0, "a":1 ,"\\u0061":{"a":9}, "\\ud83d\\uDE00":3,"a\\/":4}');
  const value = (name: string) => scan.member(b, 1, b.length, bytesOf(name));
  t.is(scan.kindAt(b, value('a')), Kind.Object);
  t.is(scan.readNumber(b, value('b'), b.length), 0);
  t.is(scan.readNumber(b, value('😀'), b.length), 3);
  t.is(scan.readNumber(b, value('a/'), b.length), 4);
  t.is(value('c'), -1);
  t.is(value(''), -1);
  t.is(scan.member(b, 0, b.length, bytesOf('a')), -1, 'the index is that of the brace');
});

test('member of a malformed or unfinished object is absent', (t) => {
  for (const text of [
    '{"a":1',
    '{"a":1,}',
    '{"a":1 "b":2}',
    '{"a":1,"b":tru}',
    '{"a"}',
    '{a:1}',
    '["a",1]',
    '"a"',
    '{"a":1,"b":"\n"}',
  ]) {
    const b = bytesOf(text);
    t.is(scan.member(b, 0, b.length, bytesOf('a')), -1, text);
  }
});

test('no name that a server chooses becomes a property', (t) => {
  // A name looked up in an object would have to be a string first: nothing here makes one.
  const b = bytesOf('{"c8y_New":{"c8y_Newer":1}}');
  const original = String.fromCharCode;
  String.fromCharCode = () => t.fail('a string was made');
  try {
    t.is(
      scan.readNumber(
        b,
        scan.member(b, scan.member(b, 0, b.length, bytesOf('c8y_New')), b.length, bytesOf('c8y_Newer')),
        b.length,
      ),
      1,
    );
  } finally {
    String.fromCharCode = original;
  }
});
