// SPDX-License-Identifier: Apache-2.0
/** The values that resume a session. */
export interface Kept {
  readonly id: Uint8Array;
  readonly secret: Uint8Array;
  readonly suite: number;
}

/**
 * The session of one server with one set of TLS options: another set must not inherit what this one has verified.
 * Resuming it (RFC 5246 §F.1.4) takes a fraction of the time and memory of a handshake. Kept in RAM only.
 */
export class Resumption {
  readonly key: string;
  #kept: Kept | undefined;

  constructor(key: string) {
    this.key = key;
  }

  get kept(): Kept | undefined {
    return this.#kept;
  }

  /** Keeps a session. A server that gives no session id does not resume sessions. */
  keep(session: Kept): void {
    this.#kept = session.id.length > 0 ? session : undefined;
  }

  /** Drops the session, after a failed connection. */
  forget(): void {
    this.#kept = undefined;
  }
}
