// SPDX-License-Identifier: Apache-2.0
/** A Bayeux session of a client of `/notification/operations`. */

import type { JsonObject, Reply, TimerHandle, User } from '../model.ts';

/** A connect that is held until there is something to say. */
export interface Hold {
  /** Number of its request. */
  readonly number: number;
  readonly message: JsonObject;
  readonly reply: Reply;
  /** There is something to say. */
  isReady(): boolean;
  /** All messages of its answer; what waits is taken. */
  takeReplies(): JsonObject[];
  /** Its connection is cut, as by the network. */
  cut(): void;
  readonly timeout: TimerHandle;
  heartbeat: TimerHandle;
}

/** What the server keeps per clientId. */
export interface Session {
  readonly clientId: string;
  readonly user: User;
  readonly cookie: string | undefined;
  /** As announced at the handshake. */
  readonly timeoutMs: number | undefined;
  readonly intervalMs: number | undefined;
  /** Acknowledged batches, when the handshake asked for them. */
  readonly acknowledges: boolean;
  readonly subscriptions: Set<string>;
  /** Ids of operations that wait for a connect. */
  queue: string[];
  /** Sent and not yet acknowledged. */
  unacknowledged: { batch: number; operations: string[] }[];
  batch: number;
  hold: Hold | undefined;
  expiry: TimerHandle | undefined;
  connects: number;
  /** Number of the request that carried the last connect (or the handshake). */
  lastRequest: number;
  pendingQueried: boolean;
}
