// SPDX-License-Identifier: Apache-2.0

import { ascii, NO_BYTES } from '../bytes/text.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { CookieJar } from './cookies.ts';

export const Method = { Get: 0, Post: 1, Put: 2, Delete: 3, Head: 4 } as const;
export type Method = (typeof Method)[keyof typeof Method];

const NAMES = [ascii('GET '), ascii('POST '), ascii('PUT '), ascii('DELETE '), ascii('HEAD ')] as const;
/** What follows the path, with the first field. */
const HOST = ascii(' HTTP/1.1\r\nHost: ');
const AUTHORIZATION = ascii('\r\nAuthorization: ');
const USER_AGENT = ascii('\r\nUser-Agent: ');
const ACCEPT_ENCODING = ascii('\r\nAccept-Encoding: identity');
const CONTENT_TYPE = ascii('\r\nContent-Type: ');
const ACCEPT = ascii('\r\nAccept: ');
const COOKIE = ascii('\r\nCookie: ');
const LINE = ascii('\r\n');
const END = ascii('\r\n\r\n');
/** With room for the content's length, and the end. */
const CONTENT_LENGTH = ascii('\r\nContent-Length:    \r\n\r\n');

const SPACE = 0x20;
const SLASH = 0x2f;
const ZERO = 0x30;

/** Room for the content's length: with as many digits, as most have, nothing needs to move. */
const LENGTH_ROOM = 3;
/** Whose path it is, of those that are looked at. */
const MADE = 0;
const GIVEN = 1;
const CONTENT_MAX_BYTES = 9_999_999;

/** Who speaks to whom: the version, and the fields Host and Authorization, ready to be put into every request. Made by `identityOf`. */
export type Identity = Uint8Array;

/**
 * @param host value of its field.
 * @param authorization value of its field; empty leaves the field out.
 * @returns nothing when there is a control character in it: a request of nobody is not finished.
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
 * Writes one HTTP/1.1 request, head and body in one piece:
 * `start(method)`, the path by the writer's methods, `headers(…)`, the body by the writer's methods, `finish()`.
 * A request that does not fit, or into which a control character has found its way, is not finished.
 */
export class RequestWriter extends ByteWriter {
  method: Method = Method.Get;
  /** What this client calls itself; empty leaves the field out. */
  userAgent: Uint8Array = NO_BYTES;
  /** Somebody on the way encodes contents unless told not to (RFC 9110 §12.5.3). */
  asksForIdentity = false;
  #identity: Identity = NO_BYTES;
  /** Fields for the next `headers` only. */
  #extras: Uint8Array[] | undefined;
  /** Who has made the path: `MADE`, `GIVEN`, or where it ends if it is one of this program's constants. */
  #path = MADE;
  #cookies: ByteWriter | undefined;
  #sound = true;
  /** The media type found sound last: the next request mostly has the same one. */
  #soundMedia: Uint8Array | undefined;
  /** Where the content begins. */
  #bodyFrom = 0;

  /** Who speaks to whom in all requests from now on. */
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

  /** A path that somebody else has made, with its query: empty segments are as meant. */
  given(path: Uint8Array): this {
    this.#path = GIVEN;
    return this.put(path);
  }

  /** A path that is a constant of this program, and all of it: nobody needs to look at each of its bytes. */
  constant(path: Uint8Array): this {
    this.put(path);
    this.#path = this.end;
    return this;
  }

  /** One field more, `Name: value` without line end. Before `headers`. */
  extra(nameAndValue: Uint8Array): this {
    if (!isSound(nameAndValue)) this.#sound = false;
    this.#extras ??= [];
    this.#extras.push(nameAndValue);
    return this;
  }

  /** The jar's cookies, if it has any. Before `headers`. */
  cookies(jar: CookieJar | undefined): this {
    this.#cookies = jar?.value;
    return this;
  }

  /** Ends the path, writes all fields and begins the content. POST and PUT have one, be it empty (RFC 9110 §8.6). */
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
      // A chain of certificates is kilobytes, and this writer lives as long as the agent.
      this.#extras = undefined;
    }
    const cookies = this.#cookies;
    if (cookies !== undefined && cookies.end > 0) this.put(COOKIE).putRange(cookies.bytes, 0, cookies.end);
    this.put(this.hasContent ? CONTENT_LENGTH : END);
    this.#bodyFrom = this.end;
    return this;
  }

  /**
   * Puts the content's length into its room, and makes that as large as it is. False: the request does not fit, holds
   * a control character in its head, has no path, or has content that its method does not take; it must not be sent.
   * @param laterBytes of the content that are not in this buffer, but poured after it
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

/** What may stand in a field, and of that, what may stand in a segment of a path: visible ASCII but for the slash. */
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

/** RFC 9112 §3.2.1: starts with a slash; visible ASCII only. */
function isPath(bytes: Uint8Array, from: number, to: number, isGiven: boolean): boolean {
  if (from >= to || bytes[from] !== SLASH) return false;
  let i = from;
  for (;;) {
    do i++;
    while (ALLOWED[bytes[i] as number] === InField.Segment);
    if (i >= to) return true;
    if (bytes[i] !== SLASH) return false;
    // An id that is missing would make a request for one thing into one for all of them.
    if (!isGiven && (bytes[i - 1] === SLASH || i + 1 === to)) throw new Error('request: an id is missing');
  }
}
