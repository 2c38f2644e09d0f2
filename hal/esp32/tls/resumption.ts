import type { SessionCache } from 'ssl/session';

interface Kept {
  readonly id: ArrayBuffer;
  readonly secret: ArrayBuffer;
}

/**
 * The session of one server with one set of TLS options: another set must not inherit what this one has verified. To
 * take it up again (RFC 5246 §F.1.4) takes a fraction of the time and memory of a handshake. In RAM only.
 */
export class Resumption implements SessionCache {
  readonly key: string;
  #kept: Kept | undefined;
  /** As offered to the server last. */
  #offered: ArrayBuffer | undefined;

  constructor(key: string) {
    this.key = key;
  }

  /** True when it is that of the session that was offered, and so proof of who the server is. */
  isSecret(secret: ArrayBuffer | undefined): boolean {
    return secret !== undefined && secret === this.#offered;
  }

  getByHost(): Kept | undefined {
    this.#offered = this.#kept?.secret;
    return this.#kept;
  }

  /** For servers. */
  getByID(): undefined {
    return undefined;
  }

  saveSession(_host: string, id: ArrayBuffer, secret: ArrayBuffer): void {
    this.#kept = { id, secret };
  }

  deleteSessionID(id: ArrayBuffer): void {
    if (this.#kept?.id === id) this.#kept = undefined;
  }

  /** What was kept has not helped. */
  forget(): void {
    this.#kept = undefined;
  }
}
