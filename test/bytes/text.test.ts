// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import {
  ascii,
  cut,
  decodeUtf8,
  equals,
  equalsIgnoreCase,
  indexOfBytes,
  lineAt,
  oneLine,
  startsWith,
  startsWithIgnoreCase,
  utf8,
} from '../../src/bytes/text.ts';
import fc from '../support/property.ts';

const RUNS = { numRuns: 2000 };

/** Any UTF-16, lone surrogates and U+0000 included. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 }).map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom('a', '\0', 'é', '\ud7ff', '\ud800', '\udc00', '\ue000', '😀'), { maxLength: 150 })
    .map((all) => all.join('')),
);

/** Bytes that are mostly UTF-8, broken here and there. */
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        0x00,
        0x41,
        0x7f,
        0x80,
        0x9f,
        0xa0,
        0xbf,
        0xc0,
        0xc1,
        0xc2,
        0xdf,
        0xe0,
        0xed,
        0xef,
        0xf0,
        0xf4,
        0xf5,
        0xff,
      ),
      { maxLength: 120 },
    )
    .map((all) => Uint8Array.from(all)),
  anyText.map((text) => new TextEncoder().encode(text)),
);

/** XS as it is: strings hold U+0000 as C0 80 and lone surrogates as three bytes; decoding stops at 0 and is lenient. */
function withNatives(run: () => void): void {
  const native = {
    fromString(text: string): ArrayBuffer {
      const bytes: number[] = [];
      for (const character of text) {
        const code = character.codePointAt(0) ?? 0;
        if (code === 0) bytes.push(0xc0, 0x80);
        else if (code >= 0xd800 && code <= 0xdfff) bytes.push(0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
        else bytes.push(...new TextEncoder().encode(character));
      }
      return Uint8Array.from(bytes).buffer;
    },
    fromArrayBuffer(buffer: ArrayBuffer, offset: number, length: number): string {
      const bytes = new Uint8Array(buffer, offset, length);
      const end = bytes.indexOf(0);
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
        end < 0 ? bytes : bytes.subarray(0, end),
      );
    },
  };
  Object.assign(ArrayBuffer, { fromString: native.fromString });
  Object.assign(String, { fromArrayBuffer: native.fromArrayBuffer });
  try {
    run();
  } finally {
    Reflect.deleteProperty(ArrayBuffer, 'fromString');
    Reflect.deleteProperty(String, 'fromArrayBuffer');
  }
}

function utf8IsAsTextEncoder(): void {
  fc.assert(
    fc.property(anyText, (text) => Buffer.compare(utf8(text), new TextEncoder().encode(text)) === 0),
    RUNS,
  );
}

function decodeIsAsTextDecoder(): void {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  fc.assert(
    fc.property(anyBytes, fc.nat(5), fc.nat(5), (bytes, before, after) => {
      const framed = new Uint8Array(before + bytes.length + after).fill(0x80);
      framed.set(bytes, before);
      return decodeUtf8(framed, before, before + bytes.length) === decoder.decode(bytes);
    }),
    RUNS,
  );
}

test('ascii takes ASCII only', (t) => {
  t.deepEqual(ascii('aZ~\0'), Uint8Array.of(0x61, 0x5a, 0x7e, 0));
  t.throws(() => ascii('é'), { instanceOf: RangeError });
  t.throws(() => ascii('\u0080'), { instanceOf: RangeError });
});

test('utf8 is what TextEncoder makes of it', (t) => {
  t.notThrows(utf8IsAsTextEncoder);
});

test('utf8 is the same with the conversion that XS has', (t) => {
  t.notThrows(() => withNatives(utf8IsAsTextEncoder));
});

test('decodeUtf8 is what TextDecoder makes of it, ill-formed parts included', (t) => {
  t.notThrows(decodeIsAsTextDecoder);
});

test('decodeUtf8 is the same with the conversion that XS has', (t) => {
  t.notThrows(() => withNatives(decodeIsAsTextDecoder));
});

test('the native conversion is used for plain text, at the right place of the buffer', (t) => {
  const view = Buffer.from('..abc..');
  withNatives(() => {
    const calls: unknown[] = [];
    Object.assign(String, { fromArrayBuffer: (...call: unknown[]) => calls.push(call) && 'native' });
    t.is(decodeUtf8(view, 2, 5), 'native');
    t.deepEqual(calls, [[view.buffer, view.byteOffset + 2, 3]]);
  });
});

test('a pair of surrogates is never cut in two calls of fromCharCode', (t) => {
  const original = String.fromCharCode;
  const calls: number[][] = [];
  String.fromCharCode = (...units: number[]) => {
    calls.push(units);
    return original(...units);
  };
  try {
    for (let lead = 0; lead < 60; lead++) {
      const text = `${'a'.repeat(lead)}${'😀'.repeat(40)}`;
      t.is(decodeUtf8(Buffer.from(text), 0, Buffer.byteLength(text)), text);
    }
  } finally {
    String.fromCharCode = original;
  }
  t.true(calls.length > 60);
  for (const units of calls) {
    t.true(units.length <= 48);
    t.false((units[0] ?? 0) >= 0xdc00 && (units[0] ?? 0) <= 0xdfff);
  }
});

test('a text is cut between characters', (t) => {
  t.is(cut('abc', 2), 'ab');
  t.is(cut('abc', 3), 'abc');
  t.is(cut('abc', 4), 'abc');
  for (let most = 1; most < 12; most++) {
    const text = cut('a😀😀b😀c', most);
    t.notRegex(text, /[\ud800-\udbff]$/);
    t.true(text.length === most || text.length === most - 1 || most > 9);
  }
  t.is(cut('😀', 1), '');
  t.is(cut('\ud83d', 1), '\ud83d', 'what is no pair before is none afterwards');
});

test('oneLine escapes what ends a line, moves the cursor or turns the direction', (t) => {
  t.is(
    oneLine('a\r\n\t\u001b[2J\u007f\u009b\u2028\u202e\u2066z'),
    String.raw`a\u000d\u000a\u0009\u001b[2J\u007f\u009b\u2028\u202e\u2066z`,
  );
  t.is(oneLine('ä 温度 🌡 "\\'), 'ä 温度 🌡 "\\');
});

test('comparisons look at their range only', (t) => {
  const bytes = ascii('xxContent-Lengthyy');
  t.true(equals(bytes, 2, 16, ascii('Content-Length')));
  t.false(equals(bytes, 2, 15, ascii('Content-Length')));
  t.false(equals(bytes, 2, 17, ascii('Content-Length')));
  t.true(startsWith(bytes, 2, 16, ascii('Content')));
  t.false(startsWith(bytes, 2, 8, ascii('Content')));
  t.true(startsWith(bytes, 2, 2, new Uint8Array(0)));
  t.true(startsWithIgnoreCase(bytes, 2, 16, ascii('content-')));
  t.true(equalsIgnoreCase(bytes, 2, 16, ascii('content-length')));
  t.false(equalsIgnoreCase(bytes, 2, 16, ascii('content-lengths')));
  t.false(startsWithIgnoreCase(bytes, 2, 4, ascii('content')));
});

test('only letters have two cases', (t) => {
  for (let wanted = 0; wanted < 128; wanted++) {
    if (wanted >= 0x41 && wanted <= 0x5a) continue;
    for (let byte = 0; byte < 256; byte++) {
      const lower = byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
      t.is(equalsIgnoreCase(Uint8Array.of(byte), 0, 1, Uint8Array.of(wanted)), lower === wanted, `${byte} ${wanted}`);
    }
  }
});

test('indexOfBytes finds what Buffer.indexOf finds, within its range', (t) => {
  const small = fc.array(fc.constantFrom(0x61, 0x62), { maxLength: 24 }).map((all) => Uint8Array.from(all));
  t.notThrows(() =>
    fc.assert(
      fc.property(
        small,
        fc.array(fc.constantFrom(0x61, 0x62), { maxLength: 4 }),
        fc.nat(24),
        fc.nat(24),
        (bytes, raw, a, b) => {
          const needle = Uint8Array.from(raw);
          const from = Math.min(a, b, bytes.length);
          const to = Math.min(Math.max(a, b), bytes.length);
          const found = Buffer.from(bytes.subarray(from, to)).indexOf(needle);
          return indexOfBytes(bytes, from, to, needle) === (found < 0 ? -1 : found + from);
        },
      ),
      RUNS,
    ),
  );
});

test('a line of a text', (t) => {
  t.deepEqual(
    [0, 1, 2, 3].map((i) => lineAt('first\n\nthird\tpart\nlast\n', i)),
    ['first', '', 'third\tpart', 'last'],
  );
});
