// SPDX-License-Identifier: Apache-2.0

import type { CookieJar } from '../../http/cookies.ts';
import type { RequestWriter } from '../../http/request.ts';
import type { ResponseHead } from '../../http/response.ts';
import type { Body, BodySink } from './body.ts';
import type { Outcome } from './outcome.ts';

/** Who has something to ask: what a line of requests sees of an activity. */
export interface Client {
  /** Next in the line of those who wait for the connection; owned by `ClientLine`. */
  following: Client | undefined;
  readonly once: boolean;
  /** Lets all others go first, for some seconds after these ticks. Absent: it does not. */
  readonly patientTicks?: number;
  /** Milliseconds; 0: the usual. */
  readonly silenceMs: number;
  /** Where the answer's cookies go. Absent: nowhere. */
  readonly cookies?: CookieJar;
  /** Name of the state, for logs. */
  readonly stateName: string;
  /** Not to be sent before, by the clock's ticks; 0: at once. */
  readonly dueTicks: number;
  /** What it asks for now has failed before. */
  readonly isRetry: boolean;
  /** Counts a failure of the present state. */
  fail(what: string, reason: string, retryAfterMs: number): void;
  wants(outcome: Outcome): boolean;
  write(request: RequestWriter): void;
  /** Where the body goes; undefined: collect it. */
  readonly sink: BodySink | undefined;
  understand(body: Body, head: ResponseHead): boolean;
  /** The request has come to its end. */
  conclude(outcome: Outcome): void;
  /** A new attempt begins: forget what an earlier answer has left half-way. Absent: nothing is. */
  rewind?(): void;
}
