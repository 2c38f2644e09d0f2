// SPDX-License-Identifier: Apache-2.0

import { ascii, decodeUtf8, equalsIgnoreCase, skipBlanks, trimBlanks } from '../bytes/text.ts';
import { parseCookieDate } from '../bytes/time.ts';
import { ByteWriter } from '../bytes/writer.ts';

const MAX_AGE = ascii('max-age');
const EXPIRES = ascii('expires');
const SEPARATOR = ascii('; ');

/** Length of `Path`. No other attribute has this length and a value that begins with a slash. */
const PATH_CHARS = 4;

const EQUALS = 0x3d;
const SLASH = 0x2f;
const SEMICOLON = 0x3b;
const SPACE = 0x20;
const TAB = 0x09;

/** The effect of its attributes on a cookie. */
const Fate = { Kept: 0, Gone: 1, Elsewhere: 2 } as const;

export interface CookieOwner {
  /** Epoch ms; NaN while the time is not known. */
  nowMs(): number;
  /** A cookie of the server was not kept. */
  onCookieLeftOut(): void;
}

/**
 * The cookies of one session with one server, kept as the value of a Cookie header (RFC 6265 §4.2.1). The owner uses
 * the jar for one endpoint only and clears it with the session, so the domain is not checked, and a cookie that expires
 * later stays until then. A cookie for another path is ignored, also if it has expired. A cookie that does not fit is
 * left out, and its predecessor stays.
 */
export class CookieJar {
  /** Its bytes are the value of the Cookie header; empty without a cookie. */
  readonly value: ByteWriter;
  readonly #owner: CookieOwner;
  readonly #path: Uint8Array;

  /** @param path of the endpoint */
  constructor(maxBytes: number, path: Uint8Array, owner: CookieOwner) {
    this.value = new ByteWriter(0, maxBytes);
    this.#path = path;
    this.#owner = owner;
  }

  clear(): void {
    this.value.clear();
  }

  /**
   * Takes the value of a Set-Cookie field (RFC 6265 §5.2): sets, replaces or removes a cookie.
   * @param isWhole false: this is only the beginning of a field that is longer than the receive buffer.
   */
  store(bytes: Uint8Array, from: number, to: number, isWhole = true): void {
    const end = attributeEnd(bytes, from, to);
    const equals = bytes.indexOf(EQUALS, from);
    if (equals < 0 || equals >= end) return;
    const nameAt = skipBlanks(bytes, from, equals);
    const nameEnd = trimBlanks(bytes, nameAt, equals);
    if (nameAt === nameEnd) return;
    const valueAt = skipBlanks(bytes, equals + 1, end);
    const valueEnd = trimBlanks(bytes, valueAt, end);
    const fate = fateOf(bytes, end, to, this.#path, this.#owner.nowMs());
    if (fate === Fate.Elsewhere) return;
    const jar = this.value;
    const oldAt = this.find(bytes, nameAt, nameEnd);
    const oldEnd = oldAt < 0 ? -1 : attributeEnd(jar.bytes, oldAt, jar.end);
    if (fate === Fate.Gone) {
      if (oldAt >= 0) this.remove(oldAt, oldEnd);
      return;
    }
    const size = nameEnd - nameAt + 1 + valueEnd - valueAt;
    const kept = jar.end - (oldAt < 0 ? 0 : oldEnd - oldAt);
    const separators = oldAt < 0 && jar.end > 0 ? SEPARATOR.length : 0;
    const fits = kept + separators + size <= jar.maxBytes && (isWhole || end < to);
    if (!fits || hasControl(bytes, nameAt, valueEnd)) {
      this.#owner.onCookieLeftOut();
      return;
    }
    if (oldAt >= 0) this.remove(oldAt, oldEnd);
    if (jar.end > 0) jar.put(SEPARATOR);
    jar.putRange(bytes, nameAt, nameEnd).byte(EQUALS).putRange(bytes, valueAt, valueEnd);
  }

  /** Index of the cookie with this name; -1 when there is none. */
  private find(bytes: Uint8Array, from: number, to: number): number {
    const own = this.value.bytes;
    const { end } = this.value;
    const length = to - from;
    for (let at = 0; at < end; at = attributeEnd(own, at, end) + SEPARATOR.length) {
      if (own[at + length] !== EQUALS) continue;
      let i = 0;
      while (i < length && own[at + i] === bytes[from + i]) i++;
      if (i === length) return at;
    }
    return -1;
  }

  /** Removes a cookie with the separator after it, or before it if it is the last. */
  private remove(at: number, end: number): void {
    const jar = this.value;
    const isLast = end === jar.end;
    if (!isLast) jar.bytes.copyWithin(at, end + SEPARATOR.length, jar.end);
    jar.end -= end - at + (isLast && at === 0 ? 0 : SEPARATOR.length);
  }
}

function attributeEnd(bytes: Uint8Array, from: number, to: number): number {
  const end = bytes.indexOf(SEMICOLON, from);
  return end < 0 || end > to ? to : end;
}

/** Whether there is a control character, which is not allowed in a field or would end it. */
function hasControl(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    if ((byte < SPACE && byte !== TAB) || byte === 0x7f) return true;
  }
  return false;
}

/**
 * RFC 6265 §5.2.1, §5.2.2, §5.2.4, §5.3: of attributes with one name the last one counts, and Max-Age before Expires.
 */
function fateOf(bytes: Uint8Array, from: number, to: number, path: Uint8Array, nowMs: number): number {
  let byAge = NaN;
  let byDate = NaN;
  let isElsewhere = false;
  for (let at = from; at < to; ) {
    const end = attributeEnd(bytes, at + 1, to);
    const equals = bytes.indexOf(EQUALS, at);
    if (equals >= 0 && equals < end) {
      const nameAt = skipBlanks(bytes, at + 1, equals);
      const nameEnd = trimBlanks(bytes, nameAt, equals);
      const valueAt = skipBlanks(bytes, equals + 1, end);
      const valueEnd = trimBlanks(bytes, valueAt, end);
      if (equalsIgnoreCase(bytes, nameAt, nameEnd, MAX_AGE)) byAge = seconds(bytes, valueAt, valueEnd, byAge);
      else if (equalsIgnoreCase(bytes, nameAt, nameEnd, EXPIRES)) byDate = parseCookieDate(bytes, valueAt, valueEnd);
      else if (nameEnd - nameAt === PATH_CHARS && bytes[valueAt] === SLASH) {
        // §5.1.4: the cookie is for the endpoint's path, or one above it.
        let i = 0;
        while (valueAt + i < valueEnd && bytes[valueAt + i] === path[i]) i++;
        isElsewhere = valueAt + i < valueEnd || (i < path.length && path[i] !== SLASH && path[i - 1] !== SLASH);
      }
    }
    at = end;
  }
  if (isElsewhere) return Fate.Elsewhere;
  return (Number.isNaN(byAge) ? byDate <= nowMs : byAge <= 0) ? Fate.Gone : Fate.Kept;
}

/** The number of a Max-Age; `before` when it is not a number, because the attribute is then ignored (§5.2.2). */
function seconds(bytes: Uint8Array, from: number, to: number, before: number): number {
  const text = decodeUtf8(bytes, from, to);
  return /^-?\d+$/.test(text) ? Number(text) : before;
}
