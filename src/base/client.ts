// SPDX-License-Identifier: Apache-2.0

import type { CookieJar } from '../http/cookies.ts';
import type { RequestWriter } from '../http/request.ts';
import type { ResponseHead } from '../http/response.ts';
import type { Body, BodySink } from './body.ts';
import type { Outcome } from './outcome.ts';

/** An activity as a line of requests sees it. */
export interface Client {
  /** The next client in the line; only `ClientLine` sets it. */
  following: Client | undefined;
  readonly once: boolean;
  /** For a long poll: since these ticks it lets all others go first, for some seconds. Absent: it does not. */
  readonly patientTicks?: number;
  /** Silence after which the answer counts as lost; 0: the default of the channel. */
  readonly silenceMs: number;
  /** Keeps the cookies of the answer. Absent: they are not kept. */
  readonly cookies?: CookieJar;
  /** Name of the state, for logs. */
  readonly stateName: string;
  /** Ticks before which the request is not sent; 0: at once. */
  readonly dueTicks: number;
  /** Whether the present request has failed before. */
  readonly isRetry: boolean;
  /** Counts a failure of the present state. */
  fail(what: string, reason: string, retryAfterMs: number): void;
  wants(outcome: Outcome): boolean;
  write(request: RequestWriter): void;
  /** Receives the body; undefined: the line collects it. */
  readonly sink: BodySink | undefined;
  understand(body: Body, head: ResponseHead): boolean;
  /** The request has ended. */
  conclude(outcome: Outcome): void;
  /** A new attempt begins: partial results of an earlier answer are discarded. Absent: there are none. */
  rewind?(): void;
}
