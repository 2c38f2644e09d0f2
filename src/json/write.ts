// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../bytes/text.ts';
import type { ByteWriter } from '../bytes/writer.ts';
import { PLAIN } from './grammar.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const MAX_DEPTH = 16;
/** Constants, because a literal would be copied at each comparison. */
const TEXT = typeof '';
const NUMBER = typeof 0;
const OBJECT = typeof null;
const NULL = ascii('null');
const TRUE = ascii('true');
const FALSE = ascii('false');
const HEX = ascii('0123456789abcdef');
/** The letters of the short escapes for control characters 8 to 13; 11 has none. */
const SHORT = ascii('btn fr');

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** `text` as a JSON string, escaped as JSON.stringify does it; a lone surrogate becomes U+FFFD. */
export function writeString(w: ByteWriter, text: string): void {
  w.byte(QUOTE);
  const from = w.end;
  w.text(text);
  escapeFrom(w, from);
  w.byte(QUOTE);
}

/**
 * Writes `value` as JSON text. Returns false, with nothing written, when it is not JSON: numbers must be finite,
 * functions, symbols and bigints are not allowed, undefined only as a member (left out), at most 16 levels. Unlike
 * JSON.stringify on XS it accepts objects that lie in flash. The caller asks the writer whether the text fitted.
 */
export function writeJson(w: ByteWriter, value: Json): boolean {
  const { end, overflowed } = w;
  if (write(w, value, 0)) return true;
  if (!overflowed) w.clear().end = end;
  return false;
}

/**
 * Checks the value while it is written, because listing the names of an object's members costs memory each time. One
 * function for arrays and objects: two would take twice the stack of XS per level.
 */
function write(w: ByteWriter, value: unknown, depth: number): boolean {
  const type = typeof value;
  if (type === TEXT) writeString(w, value as string);
  else if (value === null) w.put(NULL);
  else if (type === NUMBER && Number.isFinite(value)) w.number(value as number);
  else if (value === true) w.put(TRUE);
  else if (value === false) w.put(FALSE);
  else if (type !== OBJECT || depth === MAX_DEPTH) return false;
  else {
    const names = Array.isArray(value) ? undefined : Object.keys(value as object);
    w.byte(names === undefined ? 0x5b : 0x7b);
    if (names !== undefined || !writeTexts(w, value as readonly unknown[])) {
      const count = (names ?? (value as readonly unknown[])).length;
      let comma = false;
      for (let i = 0; i < count; i++) {
        const member = (value as Record<string, unknown>)[names === undefined ? i : (names[i] as string)];
        if (names !== undefined && member === undefined) continue;
        if (comma) w.byte(COMMA);
        comma = true;
        if (names !== undefined) {
          writeString(w, names[i] as string);
          w.byte(0x3a);
        }
        if (!write(w, member, depth + 1)) return false;
      }
    }
    w.byte(names === undefined ? 0x5d : 0x7d);
  }
  return true;
}

/**
 * Writes an array of texts without escapes at once: one by one they take 130 bytes each on XS. False: nothing is
 * written.
 */
function writeTexts(w: ByteWriter, elements: readonly unknown[]): boolean {
  const { length } = elements;
  for (let i = 0; i < length; i++) if (typeof elements[i] !== TEXT) return false;
  const from = w.end;
  if (length > 1) w.byte(QUOTE).text(elements.join('","')).byte(QUOTE);
  let quotes = 0;
  for (let i = from; i < w.end; i++) if (!PLAIN[w.bytes[i] as number]) quotes++;
  if (length > 1 && quotes === 2 * length) return true;
  w.end = from;
  return false;
}

/** Escapes in place the text written since `from`, from the end, so that nothing is overwritten. */
function escapeFrom(w: ByteWriter, from: number): void {
  let extra = 0;
  const text = w.bytes;
  const { end } = w;
  for (let i = from; i < end; i++) {
    while (PLAIN[text[i] as number]) i++;
    if (i < end) extra += extraBytes(text[i] as number);
  }
  if (extra === 0 || !w.reserve(extra)) return;
  const bytes = w.bytes;
  let at = end + extra;
  for (let i = end - 1; i >= from; i--) {
    const byte = bytes[i] as number;
    if (PLAIN[byte]) {
      bytes[--at] = byte;
      continue;
    }
    const more = extraBytes(byte);
    at -= 1 + more;
    bytes[at] = BACKSLASH;
    bytes[at + 1] = more === 5 ? 0x75 : byte < 0x20 ? (SHORT[byte - 8] as number) : byte;
    if (more === 5) {
      bytes[at + 2] = bytes[at + 3] = 0x30;
      bytes[at + 4] = HEX[byte >> 4] as number;
      bytes[at + 5] = HEX[byte & 15] as number;
    }
  }
  w.end += extra;
}

/** Bytes that the escape of a quote, a backslash or a control character adds (RFC 8259 §7). */
function extraBytes(byte: number): number {
  if (byte >= 0x20) return 1;
  return byte >= 8 && byte <= 13 && byte !== 11 ? 1 : 5;
}
