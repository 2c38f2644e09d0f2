// SPDX-License-Identifier: Apache-2.0

import { civilDay, civilFromDays, civilMonth, civilYear, MS_PER_DAY } from './calendar.ts';
import { ascii, utf8 } from './text.ts';

const NULL = ascii('null');
const HEX = ascii('0123456789ABCDEF');
const MINUS = 0x2d;
const PERCENT = 0x25;
const PLUS = 0x2b;
const POINT = 0x2e;
const COLON = 0x3a;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;
const ZERO = 0x30;

/** 2^27 + 1: Veltkamp's constant, which splits a double into two halves of 26 bits. */
const SPLIT = 134217729;

/** Up to this number, `| 0` gives the same as `Math.floor` without a call. */
const MOST_INTEGER = 0x7fffffff;

/** Date's range, ECMA-262 §21.4.1.1. */
const TIME_MAX_MS = 8.64e15;

/**
 * Collects bytes in a buffer that starts with `sizeBytes` and doubles up to `maxBytes`. Bytes that do not fit set
 * `overflowed` and are left out, as is everything after them until `clear()`. Only growing and the methods that take a
 * string allocate.
 */
export class ByteWriter {
  /** The buffer; replaced when it grows. */
  bytes: Uint8Array;
  /** Bytes written so far; may be set back to remove the last of them. */
  end = 0;
  readonly #sizeBytes: number;
  readonly #maxBytes: number;
  /** Bytes that may be written without another check: the size of the buffer, or -1 after an overflow. */
  #limit: number;

  constructor(sizeBytes: number, maxBytes: number) {
    this.bytes = new Uint8Array(sizeBytes);
    this.#sizeBytes = sizeBytes;
    this.#maxBytes = Math.max(sizeBytes, maxBytes);
    this.#limit = sizeBytes;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  get overflowed(): boolean {
    return this.#limit < 0;
  }

  clear(): this {
    this.end = 0;
    this.#limit = this.bytes.length;
    return this;
  }

  put(constant: Uint8Array): this {
    const end = this.end + constant.length;
    if (end <= this.#limit || this.grow(end)) {
      this.bytes.set(constant, this.end);
      this.end = end;
    }
    return this;
  }

  putRange(bytes: Uint8Array, from: number, to: number): this {
    const end = this.end + to - from;
    if (end <= this.#limit || this.grow(end)) {
      const own = this.bytes;
      // A view for `set` would cost 64 bytes on XS; ranges are short (ids, cookies).
      for (let i = from, at = this.end; i < to; i++, at++) own[at] = bytes[i] as number;
      this.end = end;
    }
    return this;
  }

  byte(byte: number): this {
    const end = this.end + 1;
    if (end <= this.#limit || this.grow(end)) {
      this.bytes[this.end] = byte;
      this.end = end;
    }
    return this;
  }

  /** UTF-8 of `text`. */
  text(text: string): this {
    return this.put(utf8(text));
  }

  /** A safe integer in decimal digits. */
  integer(value: number): this {
    if (value < 0) {
      this.byte(MINUS);
      return this.digits(-value, 1);
    }
    return this.digits(value, 1);
  }

  /**
   * `value` with 0 to 6 decimals, exactly rounded, half away from zero: as `toFixed`, but a zero has no sign. From 2^53
   * on, and for NaN, as `number`.
   */
  fixed(value: number, decimals: number): this {
    const size = value < 0 ? -value : value;
    if (!(size < 9007199254740992)) return this.number(value);
    let whole = Math.floor(size);
    let scale = 1;
    for (let i = 0; i < decimals; i++) scale *= 10;
    let part = scaledFraction(size - whole, scale);
    if (part === scale) {
      whole++;
      part = 0;
    }
    if (value < 0 && (whole > 0 || part > 0)) this.byte(MINUS);
    this.digits(whole, 1);
    return decimals > 0 ? this.byte(POINT).digits(part, decimals) : this;
  }

  /** Shortest text that reads back as `value`; `null` for values that JSON does not have (RFC 8259 §6). Allocates. */
  number(value: number): this {
    return Number.isFinite(value) ? this.text(String(value)) : this.put(NULL);
  }

  /**
   * As `Date.prototype.toISOString`: 2026-01-04T10:53:35.128Z. Writes nothing for a time outside the range of `Date`.
   */
  iso(epochMs: number): this {
    if (!(epochMs >= -TIME_MAX_MS && epochMs <= TIME_MAX_MS)) return this;
    const days = Math.floor(epochMs / MS_PER_DAY);
    const date = civilFromDays(days);
    const year = civilYear(date);
    const end = this.end + (year < 0 || year > 9999 ? 27 : 24);
    if (end > this.#limit && !this.grow(end)) return this;
    if (year < 0) this.byte(MINUS).digits(-year, 6);
    else if (year > 9999) this.byte(PLUS).digits(year, 6);
    else {
      const tens = (year / 10) | 0;
      const thousands = (tens / 100) | 0;
      this.pair(thousands + ZERO, tens - thousands * 100);
      this.bytes[this.end++] = year - tens * 10 + ZERO;
    }
    // `| 0` is `Math.floor` without a call for these numbers, which are small and not negative.
    const ms = (epochMs - days * MS_PER_DAY) | 0;
    const seconds = (ms / 1000) | 0;
    const minutes = (seconds / 60) | 0;
    const hours = (minutes / 60) | 0;
    this.pair(MINUS, civilMonth(date));
    this.pair(MINUS, civilDay(date));
    this.pair(LETTER_T, hours);
    this.pair(COLON, minutes - hours * 60);
    this.pair(COLON, seconds - minutes * 60);
    const part = ms - seconds * 1000;
    const tens = (part / 10) | 0;
    this.pair(POINT, tens);
    this.bytes[this.end] = part - tens * 10 + ZERO;
    this.bytes[this.end + 1] = LETTER_Z;
    this.end += 2;
    return this;
  }

  /** UTF-8 of `text` with everything but the unreserved characters of RFC 3986 §2.3 percent-encoded. */
  percentEncoded(text: string): this {
    const bytes = utf8(text);
    const count = bytes.length;
    for (let i = 0; i < count; i++) {
      const byte = bytes[i] as number;
      if (isUnreserved(byte)) this.byte(byte);
      else
        this.byte(PERCENT)
          .byte(HEX[byte >> 4] as number)
          .byte(HEX[byte & 15] as number);
    }
    return this;
  }

  /** Makes room for `count` more bytes; false (and `overflowed`) when there cannot be enough. */
  reserve(count: number): boolean {
    const end = this.end + count;
    return end <= this.#limit || this.grow(end);
  }

  /** Gives memory back when the buffer has grown and is empty. */
  shrink(): void {
    if (this.end > 0 || this.bytes.length <= this.#sizeBytes) return;
    this.bytes = new Uint8Array(this.#sizeBytes);
    this.clear();
  }

  /** A separator and two digits; the caller has made room for them. */
  private pair(separator: number, value: number): void {
    const at = this.end;
    const tens = (value / 10) | 0;
    this.bytes[at] = separator;
    this.bytes[at + 1] = tens + ZERO;
    this.bytes[at + 2] = value - tens * 10 + ZERO;
    this.end = at + 3;
  }

  /** `value` with at least `width` digits. */
  private digits(value: number, width: number): this {
    let count = 1;
    for (let bound = 10; value >= bound; bound *= 10) count++;
    if (count < width) count = width;
    const end = this.end + count;
    if (end > this.#limit && !this.grow(end)) return this;
    const bytes = this.bytes;
    let rest = value;
    const from = this.end;
    let at = end;
    while (rest > MOST_INTEGER) {
      const tenth = Math.floor(rest / 10);
      bytes[--at] = rest - tenth * 10 + ZERO;
      rest = tenth;
    }
    while (at > from) {
      const tenth = (rest / 10) | 0;
      bytes[--at] = rest - tenth * 10 + ZERO;
      rest = tenth;
    }
    this.end = end;
    return this;
  }

  private grow(needed: number): boolean {
    if (this.overflowed || needed > this.#maxBytes) {
      this.#limit = -1;
      return false;
    }
    let size = Math.max(this.bytes.length, 16);
    while (size < needed) size *= 2;
    const grown = new Uint8Array(Math.min(size, this.#maxBytes));
    grown.set(this.bytes);
    this.bytes = grown;
    this.#limit = grown.length;
    return true;
  }
}

/**
 * `fraction` × `scale`, rounded half up, without the error of a rounded product. The halves of the split fraction times
 * a scale of at most 20 bits are exact, so the sign of the remainder beyond the half is correct.
 */
function scaledFraction(fraction: number, scale: number): number {
  const split = fraction * SPLIT;
  const head = split - (split - fraction);
  const high = head * scale;
  const low = (fraction - head) * scale;
  const floor = Math.floor(high + low);
  return high - (floor + 0.5) + low >= 0 ? floor + 1 : floor;
}

function isUnreserved(byte: number): boolean {
  if (byte >= 0x61) return byte <= 0x7a || byte === 0x7e;
  if (byte >= 0x41) return byte <= 0x5a || byte === 0x5f;
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2e;
}
