// SPDX-License-Identifier: Apache-2.0
/** A certificate for simulated devices, created once. */

import { createAuthority, createDeviceCertificate } from '../../platform/certificates.ts';

/** Common name of the certificate. */
export const CERTIFIED_ID = 'board-7';

const validity = { notBefore: new Date('2025-01-01'), notAfter: new Date('2045-01-01') };

export interface Identity {
  /** Certificate of the CA, PEM. */
  readonly authority: string;
  readonly resources: Readonly<Record<string, Uint8Array>>;
}

let made: Promise<Identity> | undefined;

export function simulatedIdentity(): Promise<Identity> {
  made ??= make();
  return made;
}

async function make(): Promise<Identity> {
  const root = await createAuthority('Factory', validity);
  const { chain, privateKey } = await createDeviceCertificate(root, CERTIFIED_ID, validity);
  const resources = { certificate: Buffer.from(chain), privateKey: Buffer.from(privateKey) };
  return { authority: root.certificate, resources };
}
