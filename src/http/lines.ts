// SPDX-License-Identifier: Apache-2.0

import { hexDigit, WHOLE_MAX } from '../bytes/digits.ts';
import { skipBlanks } from '../bytes/text.ts';

export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
const TAB = 0x09;
const SEMICOLON = 0x3b;

export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/** Index of the LF of the line at `at`; -1 when it has not arrived yet. */
export function lineEnd(bytes: Uint8Array, at: number, to: number): number {
  const lf = bytes.indexOf(LF, at);
  return lf < to ? lf : -1;
}

/**
 * As `lineEnd`, for a field. A field continues where the next line begins with a blank: the line end between becomes
 * blanks (RFC 9112 §5.2). So the end is known when the byte after it has arrived; the empty line needs no such byte.
 */
export function fieldEnd(bytes: Uint8Array, at: number, to: number): number {
  for (;;) {
    // Not by `lineEnd`, which would be a call for each line of each response.
    const found = bytes.indexOf(LF, at);
    const lf = found < to ? found : -1;
    if (lf < at + 2 || bytes[lf - 1] !== CR) return lf;
    if (lf + 1 === to) return -1;
    if ((bytes[lf + 1] as number) > SPACE || !isBlank(bytes[lf + 1])) return lf;
    bytes[lf - 1] = SPACE;
    bytes[lf] = SPACE;
  }
}

/** The size of a chunk (RFC 9112 §7.1), -1 when malformed. Extensions are not read (§7.1.1), and blanks are padding. */
export function chunkSizeOf(bytes: Uint8Array, at: number, end: number): number {
  let size = 0;
  let i = at;
  for (; i < end; i++) {
    const digit = hexDigit(bytes[i] as number);
    if (digit < 0) break;
    size = size * 16 + digit;
    if (size > WHOLE_MAX) return -1;
  }
  const next = skipBlanks(bytes, i, end);
  return i === at || (next < end && bytes[next] !== SEMICOLON) ? -1 : size;
}
