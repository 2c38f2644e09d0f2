// SPDX-License-Identifier: Apache-2.0
/** A Bayeux session of a client of `/notification/operations`. */

import type { JsonObject, Reply, TimerHandle, User } from '../model.ts';

/** A connect that is held until there are messages. */
export interface Hold {
  /** Number of its request. */
  readonly number: number;
  readonly message: JsonObject;
  readonly reply: Reply;
  /** There are messages for the client. */
  isReady(): boolean;
  /** All messages of its answer; removes them from the queue. */
  takeReplies(): JsonObject[];
  /** Cuts its connection, as the network would. */
  cut(): void;
  readonly timeout: TimerHandle;
  heartbeat: TimerHandle;
}

/** The server's state per clientId. */
export interface Session {
  readonly clientId: string;
  readonly user: User;
  readonly cookie: string | undefined;
  /** Announced at the handshake. */
  readonly timeoutMs: number | undefined;
  readonly intervalMs: number | undefined;
  /** The handshake has requested acknowledged batches. */
  readonly acknowledges: boolean;
  readonly subscriptions: Set<string>;
  /** Ids of operations that wait for the next connect. */
  queue: string[];
  /** Batches sent and not yet acknowledged. */
  unacknowledged: { batch: number; operations: string[] }[];
  batch: number;
  hold: Hold | undefined;
  expiry: TimerHandle | undefined;
  connects: number;
  /** Number of the request that carried the last connect (or the handshake). */
  lastRequest: number;
  pendingQueried: boolean;
}
