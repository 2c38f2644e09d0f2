// SPDX-License-Identifier: Apache-2.0

import { wholeNumber } from '../bytes/digits.ts';
import { isId } from '../bytes/id.ts';
import {
  ascii,
  cut,
  decodeUtf8,
  equalsIgnoreCase,
  oneLine,
  skipBlanks,
  startsWithIgnoreCase,
  trimBlanks,
} from '../bytes/text.ts';
import { parseHttpDate } from '../bytes/time.ts';
import type { CookieJar } from './cookies.ts';

const DATE = ascii('date');
const LOCATION = ascii('location');
const CONNECTION = ascii('connection');
const SET_COOKIE = ascii('set-cookie');
const RETRY_AFTER = ascii('retry-after');
const CONTENT_TYPE = ascii('content-type');
const CONTENT_LENGTH = ascii('content-length');
const CONTENT_ENCODING = ascii('content-encoding');
const TRANSFER_ENCODING = ascii('transfer-encoding');

const CHUNKED = ascii('chunked');
const CLOSE = ascii('close');
const KEEP_ALIVE = ascii('keep-alive');
const IDENTITY = ascii('identity');
const JSON_TYPE = ascii('json');
/** The beginning of the platform's own media types. */
const CUMULOCITY = ascii('application/vnd.com.nsn.cumulocity.');

const SHOWN_CHARS = 80;

const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const SLASH = 0x2f;
const PLUS = 0x2b;
const QUESTION = 0x3f;

/** The fields that matter to this client. */
export const Field = {
  Other: 0,
  Date: 1,
  Location: 2,
  SetCookie: 3,
  RetryAfter: 4,
  ContentType: 5,
  /** From here on: fields that decide about the framing or the connection, and must not be skipped. */
  Connection: 6,
  ContentEncoding: 7,
  ContentLength: 8,
  TransferEncoding: 9,
} as const;
export type Field = (typeof Field)[keyof typeof Field];

/** The error of a field that decides where the body ends. */
export const FieldError = { None: 0, Length: 1, LengthsDiffer: 2, Coding: 3 } as const;
export type FieldError = (typeof FieldError)[keyof typeof FieldError];

export function fieldErrorText(error: FieldError): string {
  if (error === FieldError.Length) return 'a Content-Length that is no number below 2^31 (RFC 9110 §8.6)';
  if (error === FieldError.LengthsDiffer) return 'two different Content-Lengths (RFC 9112 §6.3)';
  return 'a transfer coding other than chunked (RFC 9112 §6.1)';
}

/** Flags of a head. Bits, because as many fields would take 16 bytes each. */
const Is = {
  KeepAlive: 1,
  Closing: 2,
  Chunked: 4,
  Json: 8,
  Http10: 16,
  RetryDate: 32,
  Creation: 64,
  Cumulocity: 128,
  Dated: 256,
} as const;

/** The head of a response. One object for all responses of a connection: valid until the next response begins. */
export class ResponseHead {
  status = 0;
  /** The server's time from the Date field; NaN when there is none, or more than one time. */
  dateMs = Number.NaN;
  /** From the Content-Length field; -1 when there is none. */
  contentLength = -1;
  /** The content coding, for a person. This client cannot undo it. */
  coding: string | undefined;
  /** The target of a redirect, for a person; without the query, which may hold a secret. */
  redirect: string | undefined;
  /** Bits out of `Is`. */
  #flags = 0;
  /** The time to wait, or with `Is.RetryDate` the moment to wait for. */
  #retryMs = Number.NaN;
  #locationId: string | undefined;

  /** 2xx. */
  get isSuccess(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** The id of the object that a POST has created, if Location names one and is kept. */
  get locationId(): string | undefined {
    return this.#locationId;
  }

  /** Whether the connection may carry another exchange (RFC 9112 §9.3). */
  get keepAlive(): boolean {
    return (this.#flags & (Is.KeepAlive | Is.Closing)) === Is.KeepAlive;
  }

  get chunked(): boolean {
    return (this.#flags & Is.Chunked) !== 0;
  }

  /** Whether the content is declared as JSON: `…/json` or `…/…+json`. */
  get hasJson(): boolean {
    return (this.#flags & Is.Json) !== 0;
  }

  /** Whether the content is declared as one of the platform's own media types. */
  get isCumulocity(): boolean {
    return (this.#flags & Is.Cumulocity) !== 0;
  }

  /** Whether the response is HTTP/1.0. */
  get isHttp10(): boolean {
    return (this.#flags & Is.Http10) !== 0;
  }

  /**
   * The time to wait from the Retry-After field; NaN when there is none, or when a date has no time to compare with.
   * @param nowMs for a 5xx, which may come without a Date (RFC 9110 §6.6.1)
   */
  retryAfterMs(nowMs = Number.NaN): number {
    if ((this.#flags & Is.RetryDate) === 0) return this.#retryMs;
    return Math.max(0, this.#retryMs - (Number.isNaN(this.dateMs) ? nowMs : this.dateMs));
  }

  /** For the parser: whether Location is kept. Most requests whose answer has one do not need it. */
  keepLocation(isKept: boolean): void {
    if (isKept) this.#flags |= Is.Creation;
    else this.#flags &= ~Is.Creation;
  }

  /** For the parser: a new status line has arrived. */
  start(status: number, isHttp10: boolean): void {
    this.status = status;
    this.dateMs = Number.NaN;
    this.contentLength = -1;
    this.coding = undefined;
    this.redirect = undefined;
    this.#flags = (this.#flags & Is.Creation) | (isHttp10 ? Is.Http10 : Is.KeepAlive);
    this.#retryMs = Number.NaN;
    this.#locationId = undefined;
  }

  /** For the parser: the content ends with the connection. */
  endsWithConnection(): void {
    this.#flags |= Is.Closing;
  }

  /** For the parser: takes the field in `[at, end)`, whose name ends at `colon`, if it matters here. */
  field(b: Uint8Array, at: number, colon: number, end: number, cookies?: CookieJar): FieldError {
    const name = fieldOf(b, at, colon);
    if (name === Field.Other) return FieldError.None;
    const from = skipBlanks(b, colon + 1, end);
    const to = trimBlanks(b, from, end);
    switch (name) {
      case Field.Date: {
        // A single value (RFC 9110 §6.6.1): of two different ones neither counts.
        const dateMs = parseHttpDate(b, from, to);
        this.dateMs = (this.#flags & Is.Dated) === 0 || dateMs === this.dateMs ? dateMs : Number.NaN;
        this.#flags |= Is.Dated;
        break;
      }
      case Field.Location:
        if (this.status >= 300 && this.status < 400) this.setRedirect(b, from, to);
        else if ((this.#flags & Is.Creation) !== 0) this.setLocation(b, from, to);
        break;
      case Field.Connection:
        this.setConnection(b, from, to);
        break;
      case Field.SetCookie:
        cookies?.store(b, from, to);
        break;
      case Field.RetryAfter:
        this.setRetryAfter(b, from, to);
        break;
      case Field.ContentType:
        this.#flags &= ~(Is.Json | Is.Cumulocity);
        if (isJson(b, from, to)) this.#flags |= Is.Json;
        // A 201 shows by itself that it is the platform's.
        if (this.status !== 201 && startsWithIgnoreCase(b, from, to, CUMULOCITY)) this.#flags |= Is.Cumulocity;
        break;
      case Field.ContentEncoding:
        if (from < to && !equalsIgnoreCase(b, from, to, IDENTITY)) this.coding = shown(decodeUtf8(b, from, to));
        break;
      case Field.ContentLength:
        return this.setLength(b, from, to);
      case Field.TransferEncoding:
        return this.setCoding(b, from, to);
    }
    return FieldError.None;
  }

  private setLength(b: Uint8Array, from: number, to: number): FieldError {
    const length = wholeNumber(b, from, to);
    if (length < 0) return FieldError.Length;
    if (this.contentLength >= 0 && this.contentLength !== length) return FieldError.LengthsDiffer;
    this.contentLength = length;
    return FieldError.None;
  }

  /** Accepts only `chunked`, once: no other coding was requested (RFC 9112 §7). */
  private setCoding(b: Uint8Array, from: number, to: number): FieldError {
    if (this.chunked || !equalsIgnoreCase(b, from, to, CHUNKED)) return FieldError.Coding;
    this.#flags |= Is.Chunked;
    return FieldError.None;
  }

  /** RFC 9110 §7.6.1: a list of options; `close` overrides `keep-alive`. */
  private setConnection(b: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to) {
      const comma = b.indexOf(COMMA, at);
      const end = comma < 0 || comma > to ? to : comma;
      const first = skipBlanks(b, at, end);
      const last = trimBlanks(b, first, end);
      if (equalsIgnoreCase(b, first, last, CLOSE)) this.#flags |= Is.Closing;
      else if (equalsIgnoreCase(b, first, last, KEEP_ALIVE)) this.#flags |= Is.KeepAlive;
      at = end + 1;
    }
  }

  /** RFC 9110 §10.2.3: seconds, or a date. */
  private setRetryAfter(b: Uint8Array, from: number, to: number): void {
    const seconds = wholeNumber(b, from, to);
    this.#retryMs = seconds >= 0 ? seconds * 1000 : parseHttpDate(b, from, to);
    if (seconds < 0) this.#flags |= Is.RetryDate;
  }

  /** Keeps the last segment of the path, if it is an id. */
  private setLocation(b: Uint8Array, from: number, to: number): void {
    const first = b.lastIndexOf(SLASH, to - 1) + 1;
    this.#locationId = first > from && isId(b, first, to) ? decodeUtf8(b, first, to) : undefined;
  }

  private setRedirect(b: Uint8Array, from: number, to: number): void {
    const query = b.indexOf(QUESTION, from);
    const url = decodeUtf8(b, from, query < 0 || query > to ? to : query);
    this.redirect = shown(url.replace(/\/\/[^/]*@/, '//'));
  }
}

function shown(text: string): string {
  return oneLine(cut(text, SHOWN_CHARS));
}

/** The field of this name. Its length is that of the text it is compared with, and distinguishes all but two names. */
export function fieldOf(b: Uint8Array, at: number, colon: number): Field {
  switch (colon - at) {
    case 4:
      return startsWithIgnoreCase(b, at, colon, DATE) ? Field.Date : Field.Other;
    case 8:
      return startsWithIgnoreCase(b, at, colon, LOCATION) ? Field.Location : Field.Other;
    case 10:
      if (startsWithIgnoreCase(b, at, colon, CONNECTION)) return Field.Connection;
      return startsWithIgnoreCase(b, at, colon, SET_COOKIE) ? Field.SetCookie : Field.Other;
    case 11:
      return startsWithIgnoreCase(b, at, colon, RETRY_AFTER) ? Field.RetryAfter : Field.Other;
    case 12:
      return startsWithIgnoreCase(b, at, colon, CONTENT_TYPE) ? Field.ContentType : Field.Other;
    case 14:
      return startsWithIgnoreCase(b, at, colon, CONTENT_LENGTH) ? Field.ContentLength : Field.Other;
    case 16:
      return startsWithIgnoreCase(b, at, colon, CONTENT_ENCODING) ? Field.ContentEncoding : Field.Other;
    case 17:
      return startsWithIgnoreCase(b, at, colon, TRANSFER_ENCODING) ? Field.TransferEncoding : Field.Other;
    default:
      return Field.Other;
  }
}

/** Compares the end of the type (RFC 9110 §8.3, RFC 6839 §3.1); parameters do not matter. */
function isJson(b: Uint8Array, from: number, to: number): boolean {
  const semicolon = b.indexOf(SEMICOLON, from);
  const end = trimBlanks(b, from, semicolon < 0 || semicolon > to ? to : semicolon);
  const before = end - 5 > from ? b[end - 5] : 0;
  return (before === SLASH || before === PLUS) && startsWithIgnoreCase(b, end - 4, end, JSON_TYPE);
}
