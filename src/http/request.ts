// SPDX-License-Identifier: Apache-2.0

import { ascii, NO_BYTES, steady } from '../bytes/text.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { CookieJar } from './cookies.ts';

export const Method = { Get: 0, Post: 1, Put: 2, Delete: 3, Head: 4 } as const;
export type Method = (typeof Method)[keyof typeof Method];

const NAMES = [steady('GET '), steady('POST '), steady('PUT '), steady('DELETE '), steady('HEAD ')] as const;
/** The text after the path, with the first field. */
const HOST = ascii(' HTTP/1.1\r\nHost: ');
const AUTHORIZATION = ascii('\r\nAuthorization: ');
const USER_AGENT = steady('\r\nUser-Agent: ');
const ACCEPT_ENCODING = ascii('\r\nAccept-Encoding: identity');
const CONTENT_TYPE = steady('\r\nContent-Type: ');
const ACCEPT = steady('\r\nAccept: ');
const COOKIE = steady('\r\nCookie: ');
const LINE = ascii('\r\n');
const END = steady('\r\n\r\n');
/** With room for the length of the content, and the end of the head. */
const CONTENT_LENGTH = steady('\r\nContent-Length:    \r\n\r\n');

const SPACE = 0x20;
const SLASH = 0x2f;
const ZERO = 0x30;

/** Digits of room for the content's length: most lengths have as many, so that nothing needs to move. */
const LENGTH_ROOM = 3;
/** Origin of a path that is checked: built with the writer's methods, or given by others. */
const MADE = 0;
const GIVEN = 1;
const CONTENT_MAX_BYTES = 9_999_999;

/**
 * Sender and receiver: the version and the fields Host and Authorization, ready for every request. Made by
 * `identityOf`.
 */
export type Identity = Uint8Array;

/**
 * @param host value of the field Host.
 * @param authorization value of the field Authorization; empty leaves the field out.
 * @returns no bytes when one of them has a control character: a request without identity is not finished.
 */
export function identityOf(host: Uint8Array, authorization: Uint8Array): Identity {
  if (!isSound(host) || !isSound(authorization)) return NO_BYTES;
  const field = authorization.length > 0 ? AUTHORIZATION : NO_BYTES;
  const identity = new Uint8Array(HOST.length + host.length + field.length + authorization.length);
  identity.set(HOST);
  identity.set(host, HOST.length);
  identity.set(field, HOST.length + host.length);
  identity.set(authorization, identity.length - authorization.length);
  return identity;
}

/**
 * Writes one HTTP/1.1 request, head and body in one buffer:
 * `start(method)`, the path by the writer's methods, `headers(…)`, the body by the writer's methods, `finish()`.
 * A request that does not fit, or whose head has a control character, is not finished.
 */
export class RequestWriter extends ByteWriter {
  method: Method = Method.Get;
  /** The products of this client; empty leaves the field User-Agent out. */
  userAgent: Uint8Array = NO_BYTES;
  /** An intermediary encodes contents unless told not to (RFC 9110 §12.5.3). */
  asksForIdentity = false;
  #identity: Identity = NO_BYTES;
  /** Fields for the next `headers` call only. */
  #extras: Uint8Array[] | undefined;
  /** Origin of the path: `MADE`, `GIVEN`, or for a constant path the index of its end. */
  #path = MADE;
  #cookies: ByteWriter | undefined;
  #sound = true;
  /** The media type that was checked last: the next request mostly has the same one. */
  #soundMedia: Uint8Array | undefined;
  /** Index of the content. */
  #bodyFrom = 0;

  /** Sets the identity of all requests from now on. */
  identify(identity: Identity): this {
    this.#identity = identity;
    return this;
  }

  start(method: Method): this {
    this.clear();
    this.method = method;
    this.#sound = this.#identity.length > 0;
    this.#extras = undefined;
    this.#path = MADE;
    this.#cookies = undefined;
    return this.put(NAMES[method]);
  }

  /** A path made by others, with its query: its empty segments are intended. */
  given(path: Uint8Array): this {
    this.#path = GIVEN;
    return this.put(path);
  }

  /** The whole path as a constant of this program: its bytes need no check. */
  constant(path: Uint8Array): this {
    this.put(path);
    this.#path = this.end;
    return this;
  }

  /** Adds a field, `Name: value` without line end. Called before `headers`. */
  extra(nameAndValue: Uint8Array): this {
    if (!isSound(nameAndValue)) this.#sound = false;
    this.#extras ??= [];
    this.#extras.push(nameAndValue);
    return this;
  }

  /** Adds the cookies of the jar, if it has any. Called before `headers`. */
  cookies(jar: CookieJar | undefined): this {
    this.#cookies = jar?.value;
    return this;
  }

  /**
   * Ends the path, writes all fields and begins the content. POST and PUT have content, even if empty (RFC 9110 §8.6).
   */
  headers(contentType: Uint8Array | undefined, accept: Uint8Array | undefined): this {
    const path = this.#path;
    if (path !== this.end && !isPath(this.bytes, NAMES[this.method].length, this.end, path === GIVEN))
      this.#sound = false;
    this.put(this.#identity);
    if (this.userAgent.length > 0) this.put(USER_AGENT).put(this.userAgent);
    if (this.asksForIdentity) this.put(ACCEPT_ENCODING);
    if (contentType !== undefined) this.put(CONTENT_TYPE).media(contentType);
    if (accept !== undefined) this.put(ACCEPT).media(accept);
    if (this.#extras !== undefined) {
      for (const extra of this.#extras) this.put(LINE).put(extra);
      // A certificate chain has kilobytes, and this writer lives as long as the agent.
      this.#extras = undefined;
    }
    const cookies = this.#cookies;
    if (cookies !== undefined && cookies.end > 0) this.put(COOKIE).putRange(cookies.bytes, 0, cookies.end);
    this.put(this.hasContent ? CONTENT_LENGTH : END);
    this.#bodyFrom = this.end;
    return this;
  }

  /**
   * Writes the content's length into its room, and resizes the room if needed. False: the request does not fit, has a
   * control character in its head, has no path, or has content that its method does not allow; it must not be sent.
   * @param laterBytes bytes of the content that are not in this buffer, but poured after it
   */
  finish(laterBytes = 0): boolean {
    let length = this.end - this.#bodyFrom + laterBytes;
    if (this.overflowed || !this.#sound || length > CONTENT_MAX_BYTES) return false;
    if (!this.hasContent) return length === 0;
    const room = this.#bodyFrom - END.length;
    let more = length < 10 ? 1 - LENGTH_ROOM : 2 - LENGTH_ROOM;
    for (let bound = 100; length >= bound; bound *= 10) more++;
    if (more !== 0) {
      if (more > 0 && !this.reserve(more)) return false;
      this.bytes.copyWithin(room + more, room, this.end);
      this.end += more;
    }
    const { bytes } = this;
    let at = room + more;
    do {
      const tenth = (length / 10) | 0;
      bytes[--at] = length - tenth * 10 + ZERO;
      length = tenth;
    } while (length > 0);
    return true;
  }

  private get hasContent(): boolean {
    return this.method === Method.Post || this.method === Method.Put;
  }

  private media(type: Uint8Array): void {
    this.put(type);
    if (type === this.#soundMedia) return;
    if (isSound(type)) this.#soundMedia = type;
    else this.#sound = false;
  }
}

/** Where a byte is allowed: nowhere, in a field, or also in a segment of a path (visible ASCII except the slash). */
const InField = { Never: 0, Value: 1, Segment: 2 } as const;
const ALLOWED = new Uint8Array(256).fill(InField.Value, SPACE).fill(InField.Segment, SPACE + 1, 0x7f);
ALLOWED[0x7f] = InField.Never;
ALLOWED[SLASH] = InField.Value;

/** RFC 9110 §5.5: no control character, so no line end, in a field. */
function isSound(value: Uint8Array): boolean {
  let end = 0;
  while (ALLOWED[value[end] as number]) end++;
  return end === value.length;
}

/** RFC 9112 §3.2.1: begins with a slash; visible ASCII only. @throws Error when an id is missing */
function isPath(bytes: Uint8Array, from: number, to: number, isGiven: boolean): boolean {
  if (from >= to || bytes[from] !== SLASH) return false;
  let i = from;
  for (;;) {
    do i++;
    while (ALLOWED[bytes[i] as number] === InField.Segment);
    if (i >= to) return true;
    if (bytes[i] !== SLASH) return false;
    // A missing id would make a request for one object one for all of them.
    if (!isGiven && (bytes[i - 1] === SLASH || i + 1 === to)) throw new Error('request: an id is missing');
  }
}
