// SPDX-License-Identifier: Apache-2.0
/**
 * Text as bytes. XS keeps strings in UTF-8 and counts code points; other engines count UTF-16 units. These functions
 * work on both: a unit above U+FFFF is a code point, and a pair of surrogates is joined.
 */

/** Native conversions of XS; no other engine has these names. */
interface NativeText {
  fromString?: (text: string) => ArrayBuffer;
  fromArrayBuffer?: (buffer: ArrayBufferLike, offset: number, length: number) => string;
}

/** Units per `fromCharCode` call: each is an argument on the stack, and the XS stack of a board has 512 slots. */
const UNITS_PER_CALL = 48;

const REPLACEMENT = 0xfffd;
const SPACE = 0x20;
const TAB = 0x09;

export const NO_BYTES = new Uint8Array(0);

/**
 * A control character of ASCII. A constant in flash: an expression that is made for each search takes far more memory.
 */
export const CONTROL = /[\u0000-\u001f\u007f]/;

/** UTF-8 of `text`; a lone surrogate becomes U+FFFD. */
export function utf8(text: string): Uint8Array {
  const native = (ArrayBuffer as unknown as NativeText).fromString;
  if (native !== undefined) {
    const bytes = new Uint8Array(native.call(ArrayBuffer, text));
    // XS keeps U+0000 as C0 80 and a lone surrogate as ED A0..BF xx.
    if (bytes.indexOf(0xc0) < 0 && bytes.indexOf(0xed) < 0) return bytes;
  }
  return encode(text);
}

function encode(text: string): Uint8Array {
  const count = text.length;
  const bytes = new Uint8Array(count * 4);
  let end = 0;
  for (let i = 0; i < count; i++) {
    let code = text.charCodeAt(i);
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = code < 0xdc00 && i + 1 < count ? text.charCodeAt(i + 1) : 0;
      if (low >= 0xdc00 && low <= 0xdfff) {
        code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
        i++;
      } else {
        code = REPLACEMENT;
      }
    }
    end = encodeCodePoint(bytes, end, code);
  }
  return bytes.slice(0, end);
}

/** Writes the UTF-8 of one code point at `at`; returns the index after it. */
export function encodeCodePoint(bytes: Uint8Array, at: number, code: number): number {
  if (code < 0x80) {
    bytes[at] = code;
    return at + 1;
  }
  if (code < 0x800) {
    bytes[at] = 0xc0 | (code >> 6);
    bytes[at + 1] = 0x80 | (code & 0x3f);
    return at + 2;
  }
  if (code < 0x10000) {
    bytes[at] = 0xe0 | (code >> 12);
    bytes[at + 1] = 0x80 | ((code >> 6) & 0x3f);
    bytes[at + 2] = 0x80 | (code & 0x3f);
    return at + 3;
  }
  bytes[at] = 0xf0 | (code >> 18);
  bytes[at + 1] = 0x80 | ((code >> 12) & 0x3f);
  bytes[at + 2] = 0x80 | ((code >> 6) & 0x3f);
  bytes[at + 3] = 0x80 | (code & 0x3f);
  return at + 4;
}

/**
 * The bytes of an ASCII text, mostly for constants at module level. Placed after the functions that it calls, because a
 * build for a board turns functions into constants.
 * @throws RangeError for anything but ASCII, which is a mistake in the program
 */
export function ascii(text: string): Uint8Array {
  // The native conversion, because reading each character of a string allocates on XS.
  const bytes = utf8(text);
  for (let i = 0; i < bytes.length; i++) {
    if ((bytes[i] as number) > 0x7f) throw new RangeError(`ascii: "${text}" has a character beyond ASCII`);
  }
  return bytes;
}

/**
 * As `ascii`, for a text that is written or compared in each exchange. A build for a board keeps such a text as bytes,
 * which are copied at once. Of other texts it keeps their places among all texts, which takes a hundred bytes less
 * flash, and writes them byte by byte (`tools/lean/ranges.ts`).
 */
export const steady = (text: string): Uint8Array => ascii(text);

/** Text of the UTF-8 in `[from, to)`; each ill-formed part becomes one U+FFFD, as in the Encoding Standard. */
export function decodeUtf8(bytes: Uint8Array, from: number, to: number): string {
  const native = (String as unknown as NativeText).fromArrayBuffer;
  if (native !== undefined && isPlain(bytes, from, to)) {
    return native.call(String, bytes.buffer, bytes.byteOffset + from, to - from);
  }
  const units: number[] = [];
  let text = '';
  let at = from;
  while (at < to) {
    const size = sequenceLength(bytes, at, to);
    const code = size > 0 ? codePointAt(bytes, at, size) : REPLACEMENT;
    at += size > 0 ? size : -size;
    if (code > 0xffff) units.push(0xd7c0 + (code >> 10), 0xdc00 | (code & 0x3ff));
    else units.push(code);
    // Keeps room for a pair, so that no pair is cut in two.
    if (units.length > UNITS_PER_CALL - 2 || at >= to) {
      text += String.fromCharCode.apply(undefined, units);
      units.length = 0;
    }
  }
  return text;
}

/** Whether the native decoder reads `[from, to)` correctly: it stops at U+0000 and accepts ill-formed bytes. */
function isPlain(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    const byte = bytes[at] as number;
    if (byte === 0) return false;
    if (byte < 0x80) {
      at++;
    } else {
      const size = sequenceLength(bytes, at, to);
      if (size < 0) return false;
      at += size;
    }
  }
  return true;
}

/** Bytes of the well-formed sequence at `at` (Unicode table 3-7), or minus the bytes of its ill-formed part. */
function sequenceLength(bytes: Uint8Array, at: number, to: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return -1;
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  let low = 0x80;
  let high = 0xbf;
  if (first === 0xe0) low = 0xa0;
  else if (first === 0xed) high = 0x9f;
  else if (first === 0xf0) low = 0x90;
  else if (first === 0xf4) high = 0x8f;
  for (let i = 1; i < size; i++) {
    if (at + i >= to) return -i;
    const byte = bytes[at + i] as number;
    if (byte < low || byte > high) return -i;
    low = 0x80;
    high = 0xbf;
  }
  return size;
}

function codePointAt(bytes: Uint8Array, at: number, size: number): number {
  if (size === 1) return bytes[at] as number;
  let code = (bytes[at] as number) & (0x7f >> size);
  for (let i = 1; i < size; i++) code = (code << 6) | ((bytes[at + i] as number) & 0x3f);
  return code;
}

/** Whether `[from, to)` is exactly `other`. */
export function equals(bytes: Uint8Array, from: number, to: number, other: Uint8Array): boolean {
  const length = other.length;
  if (to - from !== length) return false;
  let i = 0;
  while (i < length && bytes[from + i] === other[i]) i++;
  return i === length;
}

/** Whether both have the same bytes. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return equals(one, 0, one.length, other);
}

export function startsWith(bytes: Uint8Array, from: number, to: number, prefix: Uint8Array): boolean {
  const length = prefix.length;
  if (to - from < length) return false;
  let i = 0;
  while (bytes[from + i] === prefix[i]) if (++i >= length) return true;
  return length === 0;
}

/** Whether `[from, to)` starts with `lowerCase`, which holds no upper-case letter; ASCII letters match in any case. */
export function startsWithIgnoreCase(bytes: Uint8Array, from: number, to: number, lowerCase: Uint8Array): boolean {
  const length = lowerCase.length;
  if (to - from < length) return false;
  for (let i = 0; i < length; i++) {
    // Most letters are lower-case.
    while (bytes[from + i] === lowerCase[i]) if (++i >= length) return true;
    const wanted = lowerCase[i] as number;
    if ((bytes[from + i] as number) + 32 !== wanted || wanted < 97 || wanted > 122) return false;
  }
  return true;
}

export function equalsIgnoreCase(bytes: Uint8Array, from: number, to: number, lowerCase: Uint8Array): boolean {
  return to - from === lowerCase.length && startsWithIgnoreCase(bytes, from, to, lowerCase);
}

/** Index of the first `needle` that lies within `[from, to)`, or -1. */
export function indexOfBytes(bytes: Uint8Array, from: number, to: number, needle: Uint8Array): number {
  const first = needle[0];
  if (first === undefined) return from <= to ? from : -1;
  const last = to - needle.length;
  let at = bytes.indexOf(first, from);
  while (at >= 0 && at <= last) {
    if (startsWith(bytes, at, to, needle)) return at;
    at = bytes.indexOf(first, at + 1);
  }
  return -1;
}

/** The first `most` characters, or one less where that would cut a pair of surrogates in two. */
export function cut(text: string, most: number): string {
  return text.slice(0, (text.charCodeAt(most - 1) & 0xfc00) === 0xd800 && text.length > most ? most - 1 : most);
}

/** The line of this index in a text that has so many, each with a line feed at its end. */
export function lineAt(text: string, index: number): string {
  let from = 0;
  for (let i = 0; i < index; i++) from = text.indexOf('\n', from) + 1;
  return text.slice(from, text.indexOf('\n', from));
}

/**
 * Foreign text, safe for one line: characters that end the line, move the cursor or change the text direction are
 * escaped.
 */
export function oneLine(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Index after blanks and tabs, the white space of HTTP (RFC 9110 §5.6.3). */
export function skipBlanks(b: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (b[at] === SPACE || b[at] === TAB)) at++;
  return at;
}

export function trimBlanks(b: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && (b[end - 1] as number) <= SPACE && (b[end - 1] === SPACE || b[end - 1] === TAB)) end--;
  return end;
}

/**
 * Cuts a text between characters, so that its UTF-8 form has at most `maxBytes` and its JSON form at most twice as
 * many.
 */
export function cutBytes(text: string, maxBytes: number): string {
  // No character takes more than six bytes, escaped or not.
  if (text.length * 6 <= maxBytes) return text;
  const bytes = utf8(text);
  let escapedBytes = 0;
  let end = 0;
  while (end < bytes.length) {
    const byte = bytes[end] as number;
    const size = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    escapedBytes += byte < 8 || byte === 11 || (byte > 13 && byte < 0x20) ? 6 : size + 1;
    if (end + size > maxBytes || escapedBytes > 2 * maxBytes) return decodeUtf8(bytes, 0, end);
    end += size;
  }
  return text;
}

/** The message of a thrown value, for a person. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it has thrown a non-Error';
}
