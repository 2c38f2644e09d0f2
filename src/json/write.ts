// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../bytes/text.ts';
import type { ByteWriter } from '../bytes/writer.ts';
import { PLAIN } from './grammar.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const MAX_DEPTH = 16;
const NULL = ascii('null');
const TRUE = ascii('true');
const FALSE = ascii('false');
const HEX = ascii('0123456789abcdef');
/** The letters that stand for the control characters 8 to 13; 11 has none. */
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
 * `value` as JSON text; false, with nothing written, when it is not JSON (see `isValidJson`). Unlike JSON.stringify on
 * XS it takes objects that lie in flash. Whether it fitted is for the caller to ask the writer.
 */
export function writeJson(w: ByteWriter, value: Json): boolean {
  if (!isValidJson(value)) return false;
  write(w, value);
  return true;
}

/** Finite numbers, no functions, symbols or bigints, undefined only as a member (left out), at most 16 levels. */
export function isValidJson(value: unknown): value is Json {
  return isJson(value, 0);
}

function isJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth === MAX_DEPTH) return false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isJson(value[i], depth + 1)) return false;
    return true;
  }
  const members = value as Record<string, unknown>;
  const names = Object.keys(members);
  for (let i = 0; i < names.length; i++) {
    const member = members[names[i] as string];
    if (member !== undefined && !isJson(member, depth + 1)) return false;
  }
  return true;
}

function write(w: ByteWriter, value: Json): void {
  if (w.overflowed) return;
  if (value === null) w.put(NULL);
  else if (typeof value === 'string') writeString(w, value);
  else if (typeof value === 'number') w.number(value);
  else if (typeof value === 'boolean') w.put(value ? TRUE : FALSE);
  else if (isArray(value)) writeArray(w, value);
  else writeObject(w, value);
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function writeArray(w: ByteWriter, elements: readonly Json[]): void {
  w.byte(0x5b);
  for (let i = 0; i < elements.length; i++) {
    if (i > 0) w.byte(COMMA);
    write(w, elements[i] as Json);
  }
  w.byte(0x5d);
}

function writeObject(w: ByteWriter, members: { readonly [name: string]: Json }): void {
  const names = Object.keys(members);
  let first = true;
  w.byte(0x7b);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const value = members[name];
    if (value === undefined) continue;
    if (!first) w.byte(COMMA);
    first = false;
    writeString(w, name);
    w.byte(0x3a);
    write(w, value);
  }
  w.byte(0x7d);
}

/** Escapes what has been written since `from`, where it lies: spread from the end, so that nothing is overwritten. */
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

/** Of those that are escaped (RFC 8259 §7): quote, backslash and control characters. */
function extraBytes(byte: number): number {
  if (byte >= 0x20) return 1;
  return byte >= 8 && byte <= 13 && byte !== 11 ? 1 : 5;
}
