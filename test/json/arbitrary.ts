// SPDX-License-Identifier: Apache-2.0

import fc from '../support/property.ts';

const name = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom('id', 'a', 'data', 'operations', '', 'c8y_Ré', '😀', '__proto__'),
);

/** Values that JSON can say, nested up to a handful of levels. */
export const jsonValue = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' });
export const smallValue = fc.jsonValue({ maxDepth: 2 });

/** A string as JSON text that uses escapes for any character it likes. */
export const jsonString = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
        fc.constantFrom('"', '\\', '/', '\n', '\ud800', '\udc00', 'id'),
      ),
      fc.nat(2),
    ),
    {
      maxLength: 8,
    },
  )
  .map((parts) => `"${parts.map(([text, how]) => escaped(text, how)).join('')}"`);

function escaped(text: string, how: number): string {
  if (how === 0) return JSON.stringify(text).slice(1, -1);
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const hex = text.charCodeAt(i).toString(16).padStart(4, '0');
    out += `\\u${how === 1 ? hex : hex.toUpperCase()}`;
  }
  return how === 1 && text === '/' ? '\\/' : out;
}

export const jsonNumber = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(
      fc.constant('0'),
      fc.bigInt({ min: 1n, max: 10n ** 20n }).map(String),
      fc.integer({ min: 1, max: 99_999 }).map(String),
    ),
    fc.oneof(
      fc.constant(''),
      fc.array(fc.nat(9), { minLength: 1, maxLength: 26 }).map((all) => `.${all.join('')}`),
    ),
    fc.oneof(
      fc.constant(''),
      fc.tuple(fc.constantFrom('e', 'E', 'e+', 'e-', 'E-'), fc.nat(400)).map(([e, n]) => `${e}${n}`),
    ),
  )
  .map((parts) => parts.join(''));

const space = fc.constantFrom('', '', '', ' ', '\n', '\t\r\n  ');

/** JSON text with white space, escapes, duplicate names and numbers of every form. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false', '0', '""'),
    jsonNumber,
    jsonString,
    tie('array'),
    tie('object'),
  ),
  array: fc
    .tuple(fc.array(fc.tuple(space, tie('value'), space), { maxLength: 4 }), space)
    .map(([all, inner]) => (all.length > 0 ? `[${all.map((each) => each.join('')).join(',')}]` : `[${inner}]`)),
  object: fc
    .tuple(
      fc.array(
        fc.tuple(
          space,
          fc.oneof(
            name.map((n) => JSON.stringify(n)),
            jsonString,
          ),
          space,
          space,
          tie('value'),
          space,
        ),
        { maxLength: 4 },
      ),
      space,
    )
    .map(([all, inner]) =>
      all.length > 0 ? `{${all.map(([a, n, b, c, v, d]) => `${a}${n}${b}:${c}${v}${d}`).join(',')}}` : `{${inner}}`,
    ),
})).value;

/** Text that is JSON but for a byte or two, and often still is. */
export const brokenText = fc
  .tuple(
    jsonText,
    fc.array(
      fc.tuple(
        fc.nat(1000),
        fc.nat(2),
        fc.constantFrom(...'{}[]",:\\/0123456789+-.eEtrufalsn \n\t\0\x1f\x7fé'.split(''), '\u00a0', '\ufeff'),
      ),
      { maxLength: 2 },
    ),
  )
  .map(([text, changes]) => {
    let broken = text;
    for (const [where, kind, what] of changes) {
      const at = where % (broken.length + 1);
      const after = kind === 0 ? at : at + 1;
      broken = broken.slice(0, at) + (kind === 2 ? '' : what) + broken.slice(after);
    }
    return broken;
  });

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What is left of a string after a walk through UTF-8. */
export function wellFormed(text: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}
