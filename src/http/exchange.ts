// SPDX-License-Identifier: Apache-2.0

import type { ByteStream } from '../../hal/hal.ts';
import type { CookieJar } from './cookies.ts';
import type { Failure } from './failure.ts';
import type { RequestWriter } from './request.ts';
import type { ResponseHead } from './response.ts';

/** One request and its response. `onDone` or `onFail` is called once and last, unless the exchange is given up. */
export interface Exchange {
  /**
   * Sending the request twice has the effect of sending it once (RFC 9110 §9.2.2), or the caller accepts the
   * difference.
   */
  readonly idempotent: boolean;
  /** Above 0 for a long poll: the exchange may last as long as no silence is longer than this. May change during it. */
  readonly silenceMs: number;
  /** Jar for the cookies that the response sets; absent: they are not kept. */
  readonly cookies?: CookieJar | undefined;
  /** Writes the request; false: it cannot be sent. Called within `send` or later, and again if it is repeated. */
  write(request: RequestWriter): boolean;
  /**
   * Gives the stream the content that follows the written request, as much as it takes. True: that was all. Absent:
   * nothing follows. Called when the stream takes bytes; others may use the request buffer then.
   */
  pour?(stream: ByteStream): boolean;
  onHead(head: ResponseHead): void;
  /** As in `ResponseHandler`. */
  onField?(bytes: Uint8Array, at: number, colon: number, end: number): void;
  /** Part of the content, valid until this returns. */
  onBody(bytes: Uint8Array, from: number, to: number): void;
  /** The response is complete; `head` is valid until the next one begins. The channel is free for another `send`. */
  onDone(head: ResponseHead): void;
  /** `sent` is false only when surely no byte of the request has reached the server. The channel is free. */
  onFail(failure: Failure, sent: boolean): void;
}

/** In milliseconds. */
export const DEADLINES = {
  /** Until TCP and TLS are up. */
  connectMs: 30_000,
  /**
   * From the last byte of the request to the first of the response: the platform queues requests of a tenant at its
   * limit.
   */
  responseMs: 60_000,
  /** Between bytes of the request, or of the response. */
  idleMs: 30_000,
  /** For the whole exchange, from the request's first byte. */
  totalMs: 120_000,
} as const;
