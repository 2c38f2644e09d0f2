// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { ascii } from '../../src/bytes/text.ts';
import { ByteWriter } from '../../src/bytes/writer.ts';
import fc from '../support/property.ts';

const RUNS = { numRuns: 5000 };

function textOf(w: ByteWriter): string {
  return Buffer.from(w.bytes.subarray(0, w.end)).toString();
}

function written(write: (w: ByteWriter) => void): string {
  const w = new ByteWriter(8, 4096);
  write(w);
  return textOf(w);
}

test('pieces follow each other, and a buffer too small grows', (t) => {
  const w = new ByteWriter(4, 64);
  w.put(ascii('ab')).byte(0x63).putRange(ascii('xdefx'), 1, 4).text('é€😀').integer(-7);
  t.is(textOf(w), 'abcdefé€😀-7');
  t.false(w.overflowed);
  t.true(w.bytes.length <= 64);
  w.end = 3;
  t.is(textOf(w.byte(0x21)), 'abc!');
});

test('integer is String for every safe integer', (t) => {
  for (const n of [
    0,
    -0,
    9,
    10,
    99,
    100,
    2 ** 31,
    -(2 ** 31),
    2 ** 32,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ]) {
    t.is(
      written((w) => w.integer(n)),
      String(n),
    );
  }
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => written((w) => w.integer(n)) === String(n)),
      RUNS,
    ),
  );
});

/** A double as an exact fraction: mantissa × 2^exponent. */
function exact(value: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | 0x10000000000000n, exponent: biased - 1075 };
}

/** Rounded half away from zero in integers of any size. */
function fixedByBigInt(value: number, decimals: number): string {
  const { mantissa, exponent } = exact(Math.abs(value));
  const scaled = mantissa * 10n ** BigInt(decimals);
  const denominator = 2n ** BigInt(Math.max(0, -exponent));
  const numerator = scaled * 2n ** BigInt(Math.max(0, exponent));
  const rounded = (2n * numerator + denominator) / (2n * denominator);
  const digits = rounded.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const text = decimals > 0 ? `${whole}.${digits.slice(-decimals)}` : whole;
  return value < 0 && rounded > 0n ? `-${text}` : text;
}

const decimals = fc.integer({ min: 0, max: 6 });
const near = fc.oneof(
  fc.double({ min: -(2 ** 53), max: 2 ** 53, maxExcluded: true, minExcluded: true, noNaN: true }),
  fc.double({ min: -1000, max: 1000, noNaN: true }),
  fc.double({ min: -1e-5, max: 1e-5, noNaN: true }),
  // Halves and their neighbours, where rounding can go wrong.
  fc
    .tuple(fc.integer({ min: -4_000_000, max: 4_000_000 }), decimals, fc.integer({ min: -2, max: 2 }))
    .map(([n, d, step]) => neighbour((n + 0.5) / 10 ** d, step)),
  fc.tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.nat(40)).map(([n, shift]) => n / 2 ** shift),
);

function neighbour(value: number, steps: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(steps));
  return view.getFloat64(0);
}

test('fixed is exact: integers of any size say the same', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        near,
        decimals,
        (value, count) => written((w) => w.fixed(value, count)) === fixedByBigInt(value, count),
      ),
      { numRuns: 20_000 },
    ),
  );
});

test('fixed is toFixed, but a zero has no sign', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(near, decimals, (value, count) => {
        const wanted = value.toFixed(count);
        return written((w) => w.fixed(value, count)) === (Number(wanted) === 0 ? wanted.replace('-', '') : wanted);
      }),
      RUNS,
    ),
  );
});

test('fixed decimals at their edges: signs, halves, the largest numbers', (t) => {
  const cases: [number, number, string][] = [
    [0, 2, '0.00'],
    [-0, 2, '0.00'],
    [-0.004, 2, '0.00'],
    [-0.005, 2, '-0.01'],
    [0.5, 0, '1'],
    [-0.5, 0, '-1'],
    [1.005, 2, '1.00'],
    [8.345, 2, '8.35'],
    [0.125, 2, '0.13'],
    [-0.125, 2, '-0.13'],
    [99.995, 2, '100.00'],
    [0.9999996, 6, '1.000000'],
    [9007199254740991, 6, '9007199254740991.000000'],
    [-4503599627370495.5, 0, '-4503599627370496'],
    [5e-324, 6, '0.000000'],
    [21.4, 1, '21.4'],
  ];
  for (const [value, count, wanted] of cases)
    t.is(
      written((w) => w.fixed(value, count)),
      wanted,
    );
});

test('number writes a value as JSON that fixed cannot write', (t) => {
  t.is(
    written((w) => w.fixed(1e21, 2)),
    '1e+21',
  );
  t.is(
    written((w) => w.fixed(-(2 ** 53), 2)),
    '-9007199254740992',
  );
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    t.is(
      written((w) => w.fixed(value, 2)),
      'null',
    );
  }
});

test('a written number reads back as the same number', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.double(), (value) => written((w) => w.number(value)) === JSON.stringify(value)),
      RUNS,
    ),
  );
});

test('iso is toISOString, over the whole range of Date', (t) => {
  const anyTime = fc.oneof(
    fc.integer({ min: -8.64e15, max: 8.64e15 }),
    fc.integer({ min: 0, max: Date.UTC(2100) }),
    fc.integer({ min: -62_167_219_200_000 - 86_400_000, max: -62_167_219_200_000 + 86_400_000 }),
    fc.constantFrom(8.64e15, -8.64e15, 0, -1, 253_402_300_799_999, 253_402_300_800_000),
  );
  t.notThrows(() =>
    fc.assert(
      fc.property(anyTime, (ms) => written((w) => w.iso(ms)) === new Date(ms).toISOString()),
      RUNS,
    ),
  );
});

test('iso cuts off parts of a millisecond and writes nothing for an invalid time', (t) => {
  t.is(
    written((w) => w.iso(1767524015128.75)),
    '2026-01-04T10:53:35.128Z',
  );
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1, -8.64e15 - 1]) {
    t.is(
      written((w) => w.iso(wrong)),
      '',
    );
  }
});

test('percentEncoded keeps the unreserved characters of RFC 3986 §2.3 only', (t) => {
  const unreserved = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';
  t.is(
    written((w) => w.percentEncoded(unreserved)),
    unreserved,
  );
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const wanted = encodeURIComponent(text).replace(
          /[!'()*]/g,
          (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
        );
        return written((w) => w.percentEncoded(text)) === wanted;
      }),
      RUNS,
    ),
  );
});

test('bytes that do not fit are left out, and so are all that follow, until clear', (t) => {
  const w = new ByteWriter(4, 6);
  w.put(ascii('abcd')).put(ascii('efg'));
  t.true(w.overflowed);
  t.is(textOf(w), 'abcd');
  w.byte(0x21).putRange(ascii('x'), 0, 1).integer(1).fixed(1, 0).text('x').iso(0).percentEncoded('x');
  t.is(textOf(w), 'abcd');
  t.false(w.reserve(0));
  w.clear().put(ascii('123456'));
  t.false(w.overflowed);
  t.is(textOf(w), '123456');
  t.true(w.reserve(0));
  t.false(w.reserve(1));
});

test('a writer is full at maxBytes exactly, whatever is written', (t) => {
  const writes: ((w: ByteWriter) => unknown)[] = [
    (w) => w.put(ascii('xy')),
    (w) => w.putRange(ascii('xyz'), 1, 3),
    (w) => w.byte(1).byte(2),
    (w) => w.integer(12),
    (w) => w.integer(-1),
    (w) => w.fixed(12, 0),
    (w) => w.text('é'),
  ];
  for (const [index, write] of writes.entries()) {
    const room = new ByteWriter(1, 10);
    room.put(ascii('12345678'));
    write(room);
    t.false(room.overflowed, `${index}`);
    t.is(room.end, 10);
    const tight = new ByteWriter(1, 10);
    tight.put(ascii('123456789'));
    write(tight);
    t.true(tight.overflowed, `${index}`);
  }
});

test('shrink gives the memory of a grown, empty buffer back', (t) => {
  const w = new ByteWriter(8, 64);
  const first = w.bytes;
  w.shrink();
  t.is(w.bytes, first);
  w.put(new Uint8Array(20));
  t.is(w.bytes.length, 32);
  w.shrink();
  t.is(w.bytes.length, 32, 'not while it holds something');
  w.clear().shrink();
  t.is(w.bytes.length, 8);
  t.is(textOf(w.put(ascii('again and again'))), 'again and again');
});
