// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { ByteWriter } from '../../src/bytes/writer.ts';
import { type Json, writeJson, writeString } from '../../src/json/write.ts';
import fc from '../support/property.ts';
import { jsonValue, wellFormed } from './arbitrary.ts';

const RUNS = { numRuns: 2000 };

function textOf(w: ByteWriter): string {
  return Buffer.from(w.bytes.subarray(0, w.end)).toString();
}

function written(value: Json): string | undefined {
  const w = new ByteWriter(8, 100_000);
  return writeJson(w, value) ? textOf(w) : undefined;
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0x2f }), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom('"', '\\', '\n', '\u2028', '\x7f', 'é', '😀', '\ud800', '\udfff', '/'), { maxLength: 30 })
    .map((all) => all.join('')),
);

test('a value is written as JSON.stringify writes it', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(jsonValue, (value) => written(value as Json) === JSON.stringify(value)),
      RUNS,
    ),
  );
});

test('a string is written as JSON.stringify writes it, lone surrogates as U+FFFD', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(anyText, (text) => {
        const w = new ByteWriter(4, 10_000);
        writeString(w, text);
        return textOf(w) === JSON.stringify(wellFormed(text));
      }),
      RUNS,
    ),
  );
});

test('a frozen object is written like any other', (t) => {
  const value: Json = Object.freeze({ a: Object.freeze([1, Object.freeze({ b: null })]), c: true });
  t.is(written(value), '{"a":[1,{"b":null}],"c":true}');
});

test('an undefined member is left out, also the first', (t) => {
  const value = { a: undefined, b: 1, c: undefined, d: { e: undefined } } as unknown as Json;
  t.is(written(value), '{"b":1,"d":{}}');
});

test('a value that is not JSON is refused and leaves no trace', (t) => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const wrong: unknown[] = [
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    () => 1,
    Symbol('s'),
    1n,
    [undefined],
    [1, [Number.NaN]],
    { a: { b: () => 1 } },
    cyclic,
  ];
  for (const value of wrong) {
    const w = new ByteWriter(8, 1000);
    w.text('kept');
    t.false(writeJson(w, value as Json));
    t.is(textOf(w), 'kept');
    t.false(w.overflowed);
  }
});

test('an array of texts is written as JSON.stringify writes it, whatever is in them', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom('a', 'c8y_Restart', '', ',', '","'), anyText), { maxLength: 6 }),
        (texts) => {
          return written(texts) === JSON.stringify(texts.map(wellFormed));
        },
      ),
      RUNS,
    ),
  );
  const w = new ByteWriter(8, 16);
  t.true(writeJson(w, ['c8y_Command', 'c8y_Restart']));
  t.true(w.overflowed);
});

test('a value that is not JSON leaves no trace, even if it is larger than the writer', (t) => {
  const w = new ByteWriter(8, 32);
  w.text('kept');
  t.false(writeJson(w, ['x'.repeat(40), () => 1] as unknown as Json));
  t.is(textOf(w), 'kept');
  t.false(w.overflowed);
  t.is(textOf(w.text('!')), 'kept!');
});

test('16 levels are written, 17 are refused', (t) => {
  let value: Json = 1;
  for (let i = 0; i < 16; i++) value = i % 2 === 0 ? [value] : { a: value };
  t.is(written(value), JSON.stringify(value));
  t.is(written([value]), undefined);
});

test('a value too large for the writer is the writer’s to tell', (t) => {
  const w = new ByteWriter(8, 32);
  t.true(writeJson(w, { text: '"'.repeat(20) }));
  t.true(w.overflowed);
  const exact = new ByteWriter(1, 8);
  writeString(exact, '"\n\\');
  t.false(exact.overflowed);
  t.is(textOf(exact), '"\\"\\n\\\\"');
});
