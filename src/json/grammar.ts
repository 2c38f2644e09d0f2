// SPDX-License-Identifier: Apache-2.0
/** The grammar of JSON text (RFC 8259) over bytes: where values end. Positions as in scan.ts. */
import { hexDigit } from '../bytes/digits.ts';

export const Kind = { None: 0, Object: 1, Array: 2, String: 3, Number: 4, True: 5, False: 6, Null: 7 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Deeper values count as malformed. The levels fit into the bits of one number. */
export const MAX_DEPTH = 32;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const BACKSLASH = 0x5c;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
const ZERO = 0x30;

/** 1 for each byte that stands for itself in a string: no quote, no backslash, no control character (RFC 8259 §7). */
export const PLAIN = new Uint8Array(256).fill(1, 0x20);
PLAIN[QUOTE] = PLAIN[BACKSLASH] = 0;

export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Index of the first byte at or after `at` that is no white space; `to` when there is none. */
export function skipSpace(b: Uint8Array, at: number, to: number): number {
  for (let i = at; i < to; i++) {
    const byte = b[i] as number;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return i;
  }
  return at > to ? at : to;
}

/** Kind of the value that starts at `at`, by its first byte. */
export function kindAt(b: Uint8Array, at: number): Kind {
  // To XS an index below 0 is the name of a property, which it keeps for ever.
  const byte = at < 0 ? 0 : b[at];
  if (byte === undefined) return Kind.None;
  if (byte === QUOTE) return Kind.String;
  if (byte === OPEN_OBJECT) return Kind.Object;
  if (byte === OPEN_ARRAY) return Kind.Array;
  if (byte === 0x2d || (byte >= ZERO && byte <= 0x39)) return Kind.Number;
  if (byte === 0x74) return Kind.True;
  if (byte === 0x66) return Kind.False;
  return byte === 0x6e ? Kind.Null : Kind.None;
}

/** Index after the value that starts at `at`, or -1. */
export function skipValue(b: Uint8Array, at: number, to: number): number {
  return skipLevels(b, at, to, MAX_DEPTH);
}

/** As `skipValue`, with at most `maxDepth` levels. */
export function skipLevels(b: Uint8Array, at: number, to: number, maxDepth: number): number {
  let i = at;
  let depth = 0;
  /** One bit per level, the innermost lowest: 1 for an object. */
  let objects = 0;
  for (;;) {
    // A value starts at i. White space is rare, and comparing the byte costs less than a call.
    const byte = i < to ? (b[i] as number) : 0;
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (depth === maxDepth) return -1;
      depth++;
      objects = (objects << 1) | (byte === OPEN_OBJECT ? 1 : 0);
      if ((b[++i] as number) <= 0x20) i = skipSpace(b, i, to);
      if (i >= to) return -1;
      if (b[i] !== (byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY)) {
        if (byte === OPEN_OBJECT) i = skipName(b, i, to);
        if (i < 0) return -1;
        continue;
      }
    } else {
      i = skipScalar(b, i, to);
      if (i < 0) return -1;
      if (depth === 0) return i;
      if ((b[i] as number) <= 0x20) i = skipSpace(b, i, to);
    }
    // A value has ended, or a closing bracket is at i.
    for (;;) {
      if (i >= to) return -1;
      const inObject = (objects & 1) === 1;
      const next = b[i];
      if (next === COMMA) {
        if ((b[++i] as number) <= 0x20) i = skipSpace(b, i, to);
        if (inObject) i = skipName(b, i, to);
        if (i < 0) return -1;
        break;
      }
      if (next !== (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) return -1;
      objects >>>= 1;
      depth--;
      i++;
      if (depth === 0) return i;
      if ((b[i] as number) <= 0x20) i = skipSpace(b, i, to);
    }
  }
}

/** Whether `[from, to)` is one value with nothing but white space around it. */
export function isValid(b: Uint8Array, from: number, to: number): boolean {
  const end = skipValue(b, skipSpace(b, from, to), to);
  return end >= 0 && skipSpace(b, end, to) === to;
}

/** Index of the value of the member whose name starts at `at` (or `to`); -1 when malformed. */
export function skipName(b: Uint8Array, at: number, to: number): number {
  const end = stringEnd(b, at, to);
  return end < 0 ? -1 : afterColon(b, end, to);
}

/** Index of the value of the member whose name ends at `at` (or `to`); -1 when malformed. */
export function afterColon(b: Uint8Array, at: number, to: number): number {
  // There is almost never white space.
  if (at + 1 < to && b[at] === COLON && (b[at + 1] as number) > 0x20) return at + 1;
  const colon = skipSpace(b, at, to);
  return colon < to && b[colon] === COLON ? skipSpace(b, colon + 1, to) : -1;
}

function skipScalar(b: Uint8Array, at: number, to: number): number {
  if (at >= to) return -1;
  const byte = b[at] as number;
  if (byte === QUOTE) return stringEnd(b, at, to);
  if (byte === 0x2d || (byte >= ZERO && byte <= 0x39)) return numberEnd(b, at, to);
  return literalEnd(b, at, to);
}

/** Index after the closing quote of the string that starts at `at`, or -1. */
export function stringEnd(b: Uint8Array, at: number, to: number): number {
  if (at < 0 || at >= to || b[at] !== QUOTE) return -1;
  let i = at;
  for (;;) {
    // Most bytes are read by this loop. It may run past `to`, but not past the end of the buffer.
    do i++;
    while (PLAIN[b[i] as number]);
    if (i >= to) return -1;
    if (b[i] === QUOTE) return i + 1;
    const size = b[i] === BACKSLASH ? escapeLength(b, i, to) : -1;
    if (size < 0) return -1;
    i += size - 1;
  }
}

/** Bytes of the escape whose backslash is at `at`, or -1. A pair of surrogates counts as two escapes. */
export function escapeLength(b: Uint8Array, at: number, to: number): number {
  if (at + 1 >= to) return -1;
  switch (b[at + 1]) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return 2;
    case 0x75:
      return at + 6 <= to && hexUnit(b, at + 2) >= 0 ? 6 : -1;
    default:
      return -1;
  }
}

/** Value of four hexadecimal digits, or a number below 0. */
export function hexUnit(b: Uint8Array, at: number): number {
  const high = (hexDigit(b[at] as number) << 12) | (hexDigit(b[at + 1] as number) << 8);
  return high | (hexDigit(b[at + 2] as number) << 4) | hexDigit(b[at + 3] as number);
}

function numberEnd(b: Uint8Array, at: number, to: number): number {
  let i = b[at] === 0x2d ? at + 1 : at;
  const whole = digitsEnd(b, i, to);
  if (whole === i || (b[i] === ZERO && whole > i + 1)) return -1;
  i = whole;
  if (i < to && b[i] === 0x2e) {
    const fraction = digitsEnd(b, i + 1, to);
    if (fraction === i + 1) return -1;
    i = fraction;
  }
  if (i < to && ((b[i] as number) | 0x20) === 0x65) {
    i++;
    if (i < to && (b[i] === 0x2b || b[i] === 0x2d)) i++;
    const exponent = digitsEnd(b, i, to);
    if (exponent === i) return -1;
    i = exponent;
  }
  return i;
}

export function digitsEnd(b: Uint8Array, at: number, to: number): number {
  let i = at;
  while (i < to && (b[i] as number) >= ZERO && (b[i] as number) <= 0x39) i++;
  return i;
}

function literalEnd(b: Uint8Array, at: number, to: number): number {
  if (at + 4 > to) return -1;
  const tail = ((b[at + 1] as number) << 16) | ((b[at + 2] as number) << 8) | (b[at + 3] as number);
  if (b[at] === 0x74) return tail === 0x727565 ? at + 4 : -1;
  if (b[at] === 0x6e) return tail === 0x756c6c ? at + 4 : -1;
  return b[at] === 0x66 && tail === 0x616c73 && at + 5 <= to && b[at + 4] === 0x65 ? at + 5 : -1;
}
