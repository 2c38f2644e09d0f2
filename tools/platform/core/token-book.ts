// SPDX-License-Identifier: Apache-2.0
/** Device access tokens: JSON Web Tokens (RFC 7519, HS256) with a lifetime and logout, which can be expired early. */

import { createHmac } from 'node:crypto';
import type { User } from '../model.ts';

/** A CA (or intermediate) whose devices the tenant trusts. */
export interface TrustedCertificate {
  readonly fingerprint: string;
  name: string;
  status: 'ENABLED' | 'DISABLED';
  autoRegistrationEnabled: boolean;
  readonly pem: string;
}

/** The validity of a presented token. */
export type TokenVerdict = 'valid' | 'unknown' | 'expired' | 'loggedOut';

interface Issued {
  readonly user: User;
  expiresMs: number;
  loggedOut: boolean;
}

/** The functions of the tenant that the token book uses. */
export interface TokenSource {
  /** Epoch ms. */
  now(): number;
  /** Random letters and digits of this length. */
  secret(length: number): string;
}

export class TokenBook {
  readonly #source: TokenSource;
  readonly #key: string;
  readonly #issued = new Map<string, Issued>();

  constructor(source: TokenSource) {
    this.#source = source;
    this.#key = source.secret(32);
  }

  /** Issues a new token for this user. */
  issue(user: User, lifeSeconds: number): string {
    const nowSeconds = Math.floor(this.#source.now() / 1000);
    const claims = {
      aud: user.tenant,
      iss: user.tenant,
      jti: this.#source.secret(20),
      sub: user.name,
      ten: user.tenant,
      tci: this.#source.secret(20),
      iat: nowSeconds,
      nbf: nowSeconds,
      exp: nowSeconds + lifeSeconds,
    };
    const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
    const token = `${text}.${createHmac('sha256', this.#key).update(text).digest('base64url')}`;
    this.#issued.set(token, { user, expiresMs: this.#source.now() + lifeSeconds * 1000, loggedOut: false });
    if (this.#issued.size > maxTokens) {
      const oldest = this.#issued.keys().next();
      if (oldest.done !== true) this.#issued.delete(oldest.value);
    }
    return token;
  }

  verify(token: string): { verdict: TokenVerdict; user?: User } {
    const issued = this.#issued.get(token);
    if (issued === undefined) return { verdict: 'unknown' };
    if (issued.loggedOut) return { verdict: 'loggedOut', user: issued.user };
    if (this.#source.now() >= issued.expiresMs) return { verdict: 'expired', user: issued.user };
    return { verdict: 'valid', user: issued.user };
  }

  logout(token: string): void {
    const issued = this.#issued.get(token);
    if (issued !== undefined) issued.loggedOut = true;
  }

  /** Expires one token, all tokens of a user, or all. */
  expire(which: { token?: string; user?: string } = {}): void {
    for (const [token, issued] of this.#issued) {
      if (which.token !== undefined && which.token !== token) continue;
      if (which.user !== undefined && which.user !== issued.user.name) continue;
      issued.expiresMs = Math.min(issued.expiresMs, this.#source.now());
    }
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

const maxTokens = 100_000;
