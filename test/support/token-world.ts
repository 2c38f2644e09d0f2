// SPDX-License-Identifier: Apache-2.0

import { createAuthority, createDeviceCertificate } from '../../tools/platform/certificates.ts';
import type { Operation } from '../../tools/platform/model.ts';
import { createOperation, setTenantOption, trustAuthority } from '../../tools/platform/operator.ts';
import { accessTokenPath } from '../../tools/platform/tenant/tokens.ts';
import { World, type WorldOptions } from '../../tools/simulate/machine/world.ts';
import type { Exchange } from '../../tools/simulate/wire/bridge.ts';

/** The device of these tests: id, external id and common name of its certificate. */
export const DEVICE = 'board-7';
/** In the worlds' virtual time the certificates must be valid too. */
const validity = { notBefore: new Date('2025-01-01'), notAfter: new Date('2035-01-01') };
const root = await createAuthority('Factory', validity);
const identity = await createDeviceCertificate(root, DEVICE, validity);

export interface TokenWorldOptions extends WorldOptions {
  /** Life of its tokens. Default an hour, as that of the platform. */
  readonly lifeS?: number;
  /** Tokens are as long as those of the platform, which are signed with RSA: about 900 characters. */
  readonly longTokens?: boolean;
}

/** A device with a certificate in a world of its own, where time costs nothing. */
export class TokenWorld extends World {
  constructor(options: TokenWorldOptions = {}) {
    const files = { certificate: 'certificate', privateKey: 'privateKey' };
    super({
      ...options,
      config: { auth: 'certificate', deviceId: DEVICE, bootstrapPassword: undefined, ...files, ...options.config },
      machine: {
        ...options.machine,
        resources: { certificate: Buffer.from(identity.chain), privateKey: Buffer.from(identity.privateKey) },
      },
    });
    this.trust();
    const { lifeS = 3600, longTokens = false } = options;
    // The tenant's id is in every token.
    if (longTokens) Object.assign(this.platform.core, { tenant: 't'.repeat(350) });
    this.platform.settings.shortTokens = true;
    setTenantOption(this.platform, 'oauth.internal', 'device-token.lifespan.seconds', lifeS);
  }

  /** The tenant trusts the CA of the device's certificate, */
  trust(): void {
    trustAuthority(this.platform, root.certificate);
  }

  /** or does not any more. */
  distrust(): void {
    this.platform.core.certificates.clear();
  }

  /** Requests for a token so far. */
  get tokenRequests(): Exchange[] {
    return this.sent(accessTokenPath);
  }

  /** Requests so far whose path begins so. */
  sent(path: string): Exchange[] {
    return this.exchanges.filter((exchange) => exchange.path.startsWith(path));
  }

  /** Requests so far that were answered so. */
  answered(status: number): Exchange[] {
    return this.exchanges.filter((exchange) => exchange.status === status);
  }

  /** Tokens that requests have carried, each once, oldest first. */
  get tokens(): string[] {
    const values = this.exchanges.map(({ headers }) => headers['authorization'] ?? '');
    return [...new Set(values)].filter((value) => value !== '').map((value) => value.replace(/^Bearer /, ''));
  }

  /** Whether a poll hangs. */
  get polled(): boolean {
    return [...this.platform.core.sessions.values()].some((session) => session.hold !== undefined);
  }

  /** Starts it and waits until it listens. */
  listen(): void {
    this.start();
    this.runUntil(() => this.polled, 60_000);
  }

  /** Has the device execute something. */
  command(): Operation {
    return createOperation(this.platform, this.object?.id ?? '', { c8y_Command: { text: 'status' } });
  }
}
