// SPDX-License-Identifier: Apache-2.0
/** Boards that authenticate with a certificate, on a tenant that trusts their CA. */

import type { RawConfig } from '../../../src/index.ts';
import { type Authority, createAuthority, createDeviceCertificate } from '../../platform/certificates.ts';
import { trustAuthority } from '../../platform/operator.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RunningServer } from '../../platform/server.ts';

/** The configuration of a board, and the files that it names. */
export interface Certified {
  readonly config: RawConfig;
  readonly resources: Readonly<Record<string, Uint8Array>>;
}

export class DeviceAuthority {
  readonly #authority: Authority;

  private constructor(authority: Authority) {
    this.#authority = authority;
  }

  static async create(platform: Platform): Promise<DeviceAuthority> {
    const authority = await createAuthority('fractus devices');
    trustAuthority(platform, authority.certificate, { name: 'fractus devices' });
    return new DeviceAuthority(authority);
  }

  async certify(deviceId: string, { tokenUrl = '', authority = '' }: RunningServer): Promise<Certified> {
    const { chain, privateKey } = await createDeviceCertificate(this.#authority, deviceId);
    const files = { certificate: chain, privateKey, ca: authority };
    return {
      config: {
        ...{ auth: 'certificate', deviceId, tokenUrl, bootstrapPassword: undefined },
        ...Object.fromEntries(Object.keys(files).map((name) => [name, name])),
      },
      resources: Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])),
    };
  }
}
