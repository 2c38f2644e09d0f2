// SPDX-License-Identifier: Apache-2.0

import type { ExecutionContext } from 'ava';
import {
  type Authority,
  type CertificateOptions,
  createAuthority,
  createDeviceCertificate,
  createServerCertificate,
  type Identity,
} from '../../tools/platform/certificates.ts';
import type { ManagedObject, PlatformRequest, Reply } from '../../tools/platform/model.ts';
import { findDevice, trustAuthority } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import {
  machineOptions,
  type RunningServer,
  type ServerCertificates,
  startServer,
} from '../../tools/platform/server.ts';
import { accessTokenPath } from '../../tools/platform/tenant/tokens.ts';
import { until } from './until.ts';

/** The device of these tests: id, external id and common name of its certificates. */
export const DEVICE = 'board-7';

/** Certificates made once for all tests of a file. */
export interface Certificates {
  readonly server: ServerCertificates;
  /** What the tenant trusts. */
  readonly root: Authority;
  readonly intermediate: Authority;
  /** Issued by the root itself. */
  readonly device: Identity;
  /** Issued by the intermediate. */
  readonly chained: Identity;
}

export async function createAll(): Promise<Certificates> {
  const authority = await createAuthority('Servers');
  const root = await createAuthority('Factory');
  const intermediate = await createAuthority('Line 1', { issuer: root });
  return {
    server: { authority: authority.certificate, server: await createServerCertificate(authority) },
    root,
    intermediate,
    device: await createDeviceCertificate(root, DEVICE),
    chained: await createDeviceCertificate(intermediate, DEVICE),
  };
}

/** Valid from `days[0]` to `days[1]`, counted from today. */
export function valid(...days: readonly [number, number]): CertificateOptions {
  const [notBefore, notAfter] = days.map((day) => new Date(Date.now() + day * 86_400_000));
  return notBefore === undefined || notAfter === undefined ? {} : { notBefore, notAfter };
}

/** A platform that remembers what it was sent, header by header. */
export class RecordingPlatform extends Platform {
  readonly seen: PlatformRequest[] = [];

  override handle(request: PlatformRequest, reply: Reply): void {
    this.seen.push(request);
    super.handle(request, reply);
  }
}

/** A tenant on real HTTPS with real mutual TLS, gone when the test is over. */
export class Tenant {
  readonly platform: RecordingPlatform;
  readonly server: RunningServer;

  private constructor(platform: RecordingPlatform, server: RunningServer) {
    this.platform = platform;
    this.server = server;
  }

  /**
   * @param trusted CAs whose devices it takes
   * @param tenant its id, which is in every token
   */
  static async start(
    t: ExecutionContext,
    certificates: ServerCertificates,
    trusted: readonly Authority[],
    tenant = 't1000',
  ): Promise<Tenant> {
    const platform = new RecordingPlatform(machineOptions({ tenant }));
    platform.core.onDefect = (error) => t.fail(String(error));
    for (const authority of trusted) trustAuthority(platform, authority.certificate);
    const server = await startServer({ platform, tls: true, certificates });
    t.teardown(() => server.close());
    return new Tenant(platform, server);
  }

  /** What a device is told about it; the files are resources by these names. */
  get config() {
    const { url, tokenUrl = '' } = this.server;
    const files = { ca: 'ca', certificate: 'certificate', privateKey: 'privateKey' };
    return { url, tokenUrl, auth: 'certificate', deviceId: DEVICE, ...files };
  }

  /** The resources for `config`. */
  files(identity: Pick<Identity, 'chain' | 'privateKey'>): Record<string, string> {
    return { ca: this.server.authority ?? '', certificate: identity.chain, privateKey: identity.privateKey };
  }

  /** The object of the device; undefined until it is registered. */
  get device(): ManagedObject | undefined {
    return findDevice(this.platform, DEVICE);
  }

  /** Requests so far to a path that begins so. */
  sent(method: string, path: string): PlatformRequest[] {
    return this.platform.seen.filter((request) => request.method === method && request.path.startsWith(path));
  }

  get tokenRequests(): PlatformRequest[] {
    return this.sent('POST', accessTokenPath);
  }

  /** The tokens it has been shown, each once, oldest first. */
  get tokens(): string[] {
    const values = this.platform.seen.map(({ headers }) => headers['authorization'] ?? '');
    return [...new Set(values)].filter((value) => value.startsWith('Bearer ')).map((value) => value.slice(7));
  }

  /** Whether a poll hangs. */
  get polled(): boolean {
    return [...this.platform.core.sessions.values()].some((session) => session.hold !== undefined);
  }

  /** Waits until the device listens; returns its object. */
  async listening(device: { readonly lines: readonly string[] }): Promise<ManagedObject> {
    await until(
      () => this.polled,
      () => `nobody listens; ${device.lines.join('\n')}`,
    );
    const { device: object } = this;
    if (object === undefined) throw new Error('somebody else listens');
    return object;
  }
}
