// SPDX-License-Identifier: Apache-2.0
/** The values of JSON text (RFC 8259) over bytes. Positions as in scan.ts. */
import { isId } from '../bytes/id.ts';
import { decodeUtf8, encodeCodePoint } from '../bytes/text.ts';
import {
  BACKSLASH,
  digitsEnd,
  escapeLength,
  hexUnit,
  Kind,
  kindAt,
  PLAIN,
  QUOTE,
  skipValue,
  stringEnd,
} from './grammar.ts';

/** Longer texts are searched natively. */
const LOOPED_BYTES = 64;
const REPLACEMENT = 0xfffd;
const MINUS = 0x2d;
const ZERO = 0x30;

/** Powers of ten that a double holds exactly. */
const EXACT_POWER = 22;

/** Whether the string at `at`, its escapes resolved, is `constant` (UTF-8). */
export function stringEquals(b: Uint8Array, at: number, to: number, constant: Uint8Array): boolean {
  if (at < 0 || at >= to || b[at] !== QUOTE) return false;
  let i = at + 1;
  let j = 0;
  for (;;) {
    let byte = b[i] as number;
    // Reading past the end of `constant` gives other bytes, or none: then the lengths differ. A read past `to` fails below.
    while (PLAIN[byte]) {
      if (constant[j] !== byte) return false;
      byte = b[++i] as number;
      j++;
    }
    if (byte === QUOTE || i >= to) return i < to && j === constant.length;
    const size = byte === BACKSLASH ? escapeSize(b, i, to) : -1;
    j = size < 0 ? -1 : afterCodePoint(constant, j, escapeCode(b, i, size));
    if (j < 0) return false;
    i += size;
  }
}

/** Index after `code` if its UTF-8 is at `at`; else -1. */
function afterCodePoint(constant: Uint8Array, at: number, code: number): number {
  const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  const lead = size === 1 ? code : ((0xf00 >> size) & 0xff) | (code >> (6 * size - 6));
  if (at + size > constant.length || constant[at] !== lead) return -1;
  for (let i = 1; i < size; i++) {
    if (constant[at + i] !== (0x80 | ((code >> (6 * (size - 1 - i))) & 0x3f))) return -1;
  }
  return at + size;
}

/** As `escapeLength`, but 12 for the two escapes of a pair of surrogates. */
function escapeSize(b: Uint8Array, at: number, to: number): number {
  const size = escapeLength(b, at, to);
  if (size !== 6 || (hexUnit(b, at + 2) & 0xfc00) !== 0xd800) return size;
  if (at + 12 > to || b[at + 6] !== BACKSLASH || b[at + 7] !== 0x75) return 6;
  const low = hexUnit(b, at + 8);
  return low >= 0xdc00 && low <= 0xdfff ? 12 : 6;
}

/** Code point of an escape; a lone surrogate is U+FFFD. */
function escapeCode(b: Uint8Array, at: number, size: number): number {
  if (size === 12) return 0x10000 + ((hexUnit(b, at + 2) & 0x3ff) << 10) + (hexUnit(b, at + 8) & 0x3ff);
  if (size === 6) {
    const unit = hexUnit(b, at + 2);
    return unit >= 0xd800 && unit <= 0xdfff ? REPLACEMENT : unit;
  }
  switch (b[at + 1]) {
    case 0x62:
      return 8;
    case 0x66:
      return 12;
    case 0x6e:
      return 10;
    case 0x72:
      return 13;
    case 0x74:
      return 9;
    default:
      return b[at + 1] as number;
  }
}

/** The string at `at`, with escapes resolved and lone surrogates replaced by U+FFFD; undefined when there is none. */
export function readString(b: Uint8Array, at: number, to: number): string | undefined {
  const end = stringEnd(b, at, to) - 1;
  if (end < 0) return undefined;
  // The native search does not stop at the end: for a short text in a large buffer it takes far longer than a loop.
  let backslash = at + 1;
  if (end - at > LOOPED_BYTES) backslash = b.indexOf(BACKSLASH, at);
  else while (backslash < end && b[backslash] !== BACKSLASH) backslash++;
  if (backslash < 0 || backslash >= end) return decodeUtf8(b, at + 1, end);
  const text = new Uint8Array(end - at);
  let length = 0;
  let i = at + 1;
  while (i < end) {
    const byte = b[i] as number;
    if (byte === BACKSLASH) {
      const size = escapeSize(b, i, end);
      length = encodeCodePoint(text, length, escapeCode(b, i, size));
      i += size;
    } else {
      text[length++] = byte;
      i++;
    }
  }
  return decodeUtf8(text, 0, length);
}

/**
 * The number at `at`, as JSON.parse reads it; NaN when there is none. Allocates only for an exponent, beyond 2^53 or
 * beyond 22 decimals.
 */
export function readNumber(b: Uint8Array, at: number, to: number): number {
  if (kindAt(b, at) !== Kind.Number) return Number.NaN;
  const end = skipValue(b, at, to);
  if (end < 0) return Number.NaN;
  const negative = b[at] === MINUS;
  let i = negative ? at + 1 : at;
  let digits = 0;
  let scale = 0;
  let point = false;
  for (; i < end; i++) {
    const byte = b[i] as number;
    if (byte === 0x2e) {
      point = true;
    } else if (byte >= ZERO && byte <= 0x39) {
      digits = digits * 10 + (byte - ZERO);
      if (point) scale++;
    } else {
      break;
    }
  }
  // Both operands are exact, so one division is correctly rounded (Clinger 1990). The engine reads all other numbers.
  if (i < end || digits > Number.MAX_SAFE_INTEGER || scale > EXACT_POWER) return Number(decodeUtf8(b, at, end));
  let power = 1;
  for (; scale > 0; scale--) power *= 10;
  return negative ? -digits / power : digits / power;
}

/** The boolean at `at`; undefined when there is none. */
export function readBoolean(b: Uint8Array, at: number, to: number): boolean | undefined {
  const kind = kindAt(b, at);
  if ((kind !== Kind.True && kind !== Kind.False) || skipValue(b, at, to) < 0) return undefined;
  return kind === Kind.True;
}

/** The id at `at` as text: a string for which `isId` holds, or a whole number; undefined for anything else. */
export function readId(b: Uint8Array, at: number, to: number): string | undefined {
  const kind = kindAt(b, at);
  if (kind !== Kind.String && kind !== Kind.Number) return undefined;
  const end = skipValue(b, at, to);
  if (end < 0) return undefined;
  const quotes = kind === Kind.String ? 1 : 0;
  if (quotes === 0 && digitsEnd(b, at, end) < end) return undefined;
  return isId(b, at + quotes, end - quotes) ? decodeUtf8(b, at + quotes, end - quotes) : undefined;
}
