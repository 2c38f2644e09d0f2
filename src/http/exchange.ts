// SPDX-License-Identifier: Apache-2.0

import type { ByteStream } from '../../hal/hal.ts';
import type { CookieJar } from './cookies.ts';
import type { Failure } from './failure.ts';
import type { RequestWriter } from './request.ts';
import type { ResponseHead } from './response.ts';

/** One request and its response. Of the handlers, `onDone` or `onFail` comes once and last, unless it is given up. */
export interface Exchange {
  /** Sending it twice does what sending it once does (RFC 9110 §9.2.2), or the caller can live with it. */
  readonly idempotent: boolean;
  /** Above 0, for a long poll: the exchange may last as long as no silence is longer than this. May change under way. */
  readonly silenceMs: number;
  /** Where to keep the cookies that the response sets; absent: nowhere. */
  readonly cookies?: CookieJar | undefined;
  /** Writes the request; false: it cannot be sent. Called within `send`, or later, and again if it is repeated. */
  write(request: RequestWriter): boolean;
  /**
   * Has the stream take what follows the request that `write` has written, as much of it as it takes. True: that was all.
   * Absent: nothing follows. Called when the stream takes bytes; the request buffer is free for others then.
   */
  pour?(stream: ByteStream): boolean;
  onHead(head: ResponseHead): void;
  /** As of `ResponseHandler`. */
  onField?(bytes: Uint8Array, at: number, colon: number, end: number): void;
  /** Some of the content, valid until this returns. */
  onBody(bytes: Uint8Array, from: number, to: number): void;
  /** The response is complete; `head` holds until the next one begins. The channel is free for another `send`. */
  onDone(head: ResponseHead): void;
  /** `sent` is false only when surely no byte of the request has reached the server. The channel is free. */
  onFail(failure: Failure, sent: boolean): void;
}

/** In milliseconds. */
export const DEADLINES = {
  /** Until TCP and TLS are up. */
  connectMs: 30_000,
  /** From the last byte of the request to the first of the response: a tenant at its limit has requests wait in a queue. */
  responseMs: 60_000,
  /** Between bytes of the request, or of the response. */
  idleMs: 30_000,
  /** For the whole exchange, from the request's first byte. */
  totalMs: 120_000,
} as const;
