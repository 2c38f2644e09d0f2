import { ascii, decodeUtf8, equalsIgnoreCase, startsWithIgnoreCase } from '../bytes/text.ts';
import { parseHttpDate } from '../bytes/time.ts';
import { isIdCharacter } from '../json/read.ts';
import type { CookieJar } from './cookies.ts';

const DATE = ascii('date');
const LOCATION = ascii('location');
const CONNECTION = ascii('connection');
const SET_COOKIE = ascii('set-cookie');
const RETRY_AFTER = ascii('retry-after');
const CONTENT_TYPE = ascii('content-type');
const CONTENT_LENGTH = ascii('content-length');
const TRANSFER_ENCODING = ascii('transfer-encoding');

const CHUNKED = ascii('chunked');
const CLOSE = ascii('close');
const KEEP_ALIVE = ascii('keep-alive');
const APPLICATION = ascii('application/');
const JSON_TYPE = ascii('json');
const JSON_SUFFIX = ascii('+json');

const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const SLASH = 0x2f;
const SPACE = 0x20;
const TAB = 0x09;

export const NUMBER_MAX = 0x7fffffff;
const ID_MAX_BYTES = 64;

/** What is wrong with a field that decides where the body ends; 0: nothing. */
export const FieldError = { None: 0, Length: 1, LengthsDiffer: 2, Coding: 3 } as const;
export type FieldError = (typeof FieldError)[keyof typeof FieldError];

/** The head of a response, one object for all of a connection: it holds until the next response begins. */
export class ResponseHead {
  status = 0;
  /** The server's time by its Date field, NaN when there is none. */
  dateMs = Number.NaN;
  /** How long to wait by its Retry-After field, NaN when there is none, or a date without a Date to compare with. */
  retryAfterMs = Number.NaN;
  /** Whether the connection may carry another exchange (RFC 9112 §9.3). */
  keepAlive = false;
  /** By its Content-Length field; -1 when there is none. */
  contentLength = -1;
  chunked = false;
  /** Whether the content is declared as `application/json` or `application/…+json`. */
  hasJson = false;
  /** The last path segment of the Location field, if it is an id, is in `[0, locationLength)` of `location`. */
  readonly location = new Uint8Array(ID_MAX_BYTES);
  locationLength = 0;
  #retryAtMs = Number.NaN;
  #closing = false;

  /** The id of what a POST created, if Location names one. */
  locationId(): string | undefined {
    return this.locationLength === 0 ? undefined : decodeUtf8(this.location, 0, this.locationLength);
  }

  /** For the parser: a new status line has come. */
  start(status: number, keepAlive: boolean): void {
    this.status = status;
    this.dateMs = Number.NaN;
    this.retryAfterMs = Number.NaN;
    this.keepAlive = keepAlive;
    this.contentLength = -1;
    this.chunked = false;
    this.hasJson = false;
    this.locationLength = 0;
    this.#retryAtMs = Number.NaN;
    this.#closing = false;
  }

  /** For the parser: all fields have come. */
  complete(): void {
    const wait = this.#retryAtMs - this.dateMs;
    if (wait >= 0) this.retryAfterMs = wait;
    else if (wait < 0) this.retryAfterMs = 0;
  }

  /** For the parser: takes a field if it is one that matters here. The value `[from, to)` has no white space around it. */
  field(b: Uint8Array, name: number, nameEnd: number, from: number, to: number, cookies?: CookieJar): FieldError {
    // The length of the name tells most of them apart before any byte is compared.
    switch (nameEnd - name) {
      case 4:
        if (equalsIgnoreCase(b, name, nameEnd, DATE)) this.dateMs = parseHttpDate(b, from, to);
        break;
      case 8:
        if (equalsIgnoreCase(b, name, nameEnd, LOCATION)) this.setLocation(b, from, to);
        break;
      case 10:
        if (equalsIgnoreCase(b, name, nameEnd, CONNECTION)) this.setConnection(b, from, to);
        else if (cookies !== undefined && equalsIgnoreCase(b, name, nameEnd, SET_COOKIE)) cookies.store(b, from, to);
        break;
      case 11:
        if (equalsIgnoreCase(b, name, nameEnd, RETRY_AFTER)) this.setRetryAfter(b, from, to);
        break;
      case 12:
        if (equalsIgnoreCase(b, name, nameEnd, CONTENT_TYPE)) this.hasJson = isJson(b, from, to);
        break;
      case 14:
        if (equalsIgnoreCase(b, name, nameEnd, CONTENT_LENGTH)) return this.setLength(b, from, to);
        break;
      case 17:
        if (equalsIgnoreCase(b, name, nameEnd, TRANSFER_ENCODING)) return this.setCoding(b, from, to);
        break;
    }
    return FieldError.None;
  }

  /** Whether a field of this name decides about the framing, so that it must not be skipped. */
  frames(b: Uint8Array, name: number, nameEnd: number): boolean {
    return (
      equalsIgnoreCase(b, name, nameEnd, CONTENT_LENGTH) ||
      equalsIgnoreCase(b, name, nameEnd, TRANSFER_ENCODING) ||
      equalsIgnoreCase(b, name, nameEnd, CONNECTION)
    );
  }

  private setLength(b: Uint8Array, from: number, to: number): FieldError {
    const length = wholeNumber(b, from, to);
    if (length < 0) return FieldError.Length;
    if (this.contentLength >= 0 && this.contentLength !== length) return FieldError.LengthsDiffer;
    this.contentLength = length;
    return FieldError.None;
  }

  /** Only `chunked`, once: no other coding was asked for (RFC 9112 §7). */
  private setCoding(b: Uint8Array, from: number, to: number): FieldError {
    if (this.chunked || !equalsIgnoreCase(b, from, to, CHUNKED)) return FieldError.Coding;
    this.chunked = true;
    return FieldError.None;
  }

  /** RFC 9110 §7.6.1: a list of options; `close` beats `keep-alive`. */
  private setConnection(b: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to) {
      const comma = b.indexOf(COMMA, at);
      const end = comma < 0 || comma > to ? to : comma;
      const first = skipBlanks(b, at, end);
      const last = trimBlanks(b, first, end);
      if (equalsIgnoreCase(b, first, last, CLOSE)) this.#closing = true;
      else if (equalsIgnoreCase(b, first, last, KEEP_ALIVE)) this.keepAlive = true;
      at = end + 1;
    }
    if (this.#closing) this.keepAlive = false;
  }

  /** RFC 9110 §10.2.3: seconds, or the date to wait for. */
  private setRetryAfter(b: Uint8Array, from: number, to: number): void {
    const seconds = wholeNumber(b, from, to);
    if (seconds >= 0) this.retryAfterMs = seconds * 1000;
    else this.#retryAtMs = parseHttpDate(b, from, to);
  }

  private setLocation(b: Uint8Array, from: number, to: number): void {
    const first = b.lastIndexOf(SLASH, to - 1) + 1;
    const length = to - first;
    this.locationLength = 0;
    if (first <= from || length < 1 || length > ID_MAX_BYTES) return;
    for (let i = 0; i < length; i++) {
      const byte = b[first + i] as number;
      if (!isIdCharacter(byte)) return;
      this.location[i] = byte;
    }
    this.locationLength = length;
  }
}

/** RFC 9110 §8.3 with the suffix of RFC 6839 §3.1; parameters do not matter. */
function isJson(b: Uint8Array, from: number, to: number): boolean {
  if (!startsWithIgnoreCase(b, from, to, APPLICATION)) return false;
  const semicolon = b.indexOf(SEMICOLON, from);
  const end = trimBlanks(b, from, semicolon < 0 || semicolon > to ? to : semicolon);
  return (
    equalsIgnoreCase(b, from + 12, end, JSON_TYPE) ||
    startsWithIgnoreCase(b, Math.max(from + 12, end - 5), end, JSON_SUFFIX)
  );
}

/** Digits only, up to 2^31 - 1; -1 for anything else. */
export function wholeNumber(b: Uint8Array, from: number, to: number): number {
  if (from >= to) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = (b[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > NUMBER_MAX) return -1;
  }
  return value;
}

export function skipBlanks(b: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (b[at] === SPACE || b[at] === TAB)) at++;
  return at;
}

export function trimBlanks(b: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && (b[end - 1] === SPACE || b[end - 1] === TAB)) end--;
  return end;
}
