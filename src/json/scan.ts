// SPDX-License-Identifier: Apache-2.0
/**
 * JSON text (RFC 8259), read in place without building objects: a name that a server chooses never becomes a property,
 * which XS would keep for ever. Positions are indexes into `b`; the text ends before `to`; -1 stands for malformed or
 * absent, and every function accepts it. Nothing throws. Only `readNumber` and the functions that return a string
 * allocate.
 */
import {
  afterColon,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  MAX_DEPTH,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  skipLevels,
  skipName,
  skipSpace,
  stringEnd,
} from './grammar.ts';
import { stringEquals } from './read.ts';

export { isValid, Kind, kindAt, skipSpace, skipValue, stringEnd } from './grammar.ts';
export { readBoolean, readId, readNumber, readString, stringEquals } from './read.ts';

/**
 * Index of the value of the member `name` (UTF-8, unescaped) of the object whose `{` is at `at`; of the last one if
 * there are several, as in JSON.parse. -1 when there is none, or the object is malformed or ends too early.
 */
export function member(b: Uint8Array, at: number, to: number, name: Uint8Array): number {
  const length = name.length + 2;
  let found = -1;
  let i = firstMember(b, at, to);
  while (i >= 0) {
    const end = stringEnd(b, i, to);
    const next = afterMember(b, end, to);
    if (next < 0) return -1;
    // An escape is longer than the character that it stands for.
    if (end - i >= length && stringEquals(b, i, to, name)) found = afterColon(b, end, to);
    if (b[next] === CLOSE_OBJECT) return found;
    i = nameFrom(b, next + 1, to);
  }
  return -1;
}

/** Index of the first member's name (its quote) of the object whose `{` is at `at`; -1 when it has none. */
export function firstMember(b: Uint8Array, at: number, to: number): number {
  if (at < 0 || at >= to || b[at] !== OPEN_OBJECT) return -1;
  return nameFrom(b, at + 1, to);
}

/** Index of the name after the member whose name is at `nameAt`; -1 after the last. */
export function nextMember(b: Uint8Array, nameAt: number, to: number): number {
  return memberAfter(b, valueEnd(b, memberValue(b, nameAt, to), to), to);
}

/** Index of the name after the member whose value ends at `end`; -1 after the last. */
export function memberAfter(b: Uint8Array, end: number, to: number): number {
  const comma = commaFrom(b, end, to);
  return comma < 0 ? -1 : nameFrom(b, comma + 1, to);
}

/** Index after the value at `at`. */
export function valueEnd(b: Uint8Array, at: number, to: number): number {
  return at < 0 ? -1 : skipLevels(b, at, to, MAX_DEPTH);
}

/** Index of the value of the member whose name is at `nameAt`. */
export function memberValue(b: Uint8Array, nameAt: number, to: number): number {
  const value = skipName(b, nameAt, to);
  return value < to ? value : -1;
}

/** Index of the first element of the array whose `[` is at `at`; -1 when it has none. */
export function firstElement(b: Uint8Array, at: number, to: number): number {
  if (at < 0 || at >= to || b[at] !== OPEN_ARRAY) return -1;
  const element = skipSpace(b, at + 1, to);
  return element < to && b[element] !== CLOSE_ARRAY ? element : -1;
}

/** Index of the element after the one at `at`; -1 after the last. */
export function nextElement(b: Uint8Array, at: number, to: number): number {
  const comma = commaFrom(b, valueEnd(b, at, to), to);
  if (comma < 0) return -1;
  const element = skipSpace(b, comma + 1, to);
  return element < to ? element : -1;
}

function nameFrom(b: Uint8Array, at: number, to: number): number {
  const name = skipSpace(b, at, to);
  return name < to && b[name] === QUOTE ? name : -1;
}

/** Index of the comma or brace after the value of the member whose name ends at `nameEnd`, or -1. */
function afterMember(b: Uint8Array, nameEnd: number, to: number): number {
  const value = nameEnd < 0 ? -1 : afterColon(b, nameEnd, to);
  const end = value < 0 ? -1 : skipLevels(b, value, to, MAX_DEPTH - 1);
  if (end < 0) return -1;
  const next = skipSpace(b, end, to);
  return next < to && (b[next] === COMMA || b[next] === CLOSE_OBJECT) ? next : -1;
}

/** Index of the comma after a value that ends at `end`, or -1. */
function commaFrom(b: Uint8Array, end: number, to: number): number {
  if (end < 0) return -1;
  const comma = skipSpace(b, end, to);
  return comma < to && b[comma] === COMMA ? comma : -1;
}
