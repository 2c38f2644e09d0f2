// SPDX-License-Identifier: Apache-2.0
/** What a session is taken up again with. */
export interface Kept {
  readonly id: Uint8Array;
  readonly secret: Uint8Array;
  readonly suite: number;
}

/**
 * The session of one server with one set of TLS options: another set must not inherit what this one has verified. To
 * take it up again (RFC 5246 §F.1.4) takes a fraction of the time and memory of a handshake. In RAM only.
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

  /** A server that gives no id does not take sessions up again. */
  keep(session: Kept): void {
    this.#kept = session.id.length > 0 ? session : undefined;
  }

  /** What was kept has not helped. */
  forget(): void {
    this.#kept = undefined;
  }
}
