// SPDX-License-Identifier: Apache-2.0
/** The tenant's own CA: issues certificates to devices synchronously, with the core's random source. */

import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { DerReader } from '../../../src/bytes/der.ts';
import { commonName } from '../../../src/enrolment/certificates.ts';
import { der, derBits, derUnsigned } from '../../../src/enrolment/der.ts';
import { sha256 } from '../../../src/enrolment/hmac.ts';
import { type KeyPair, makeKey, sign } from '../../../src/enrolment/key.ts';
import { softArithmetic } from '../../../src/enrolment/p256.ts';
import type { Core } from '../core/core.ts';
import type { TenantAuthority } from '../model.ts';

/** A valid certificate request, signed by its own key. */
export interface EnrolmentRequest {
  /** The common name. */
  readonly name: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
}

const dayMs = 86_400_000;
/** Three years. */
const authorityLifeMs = 1095 * dayMs;
const ecdsa = der(0x30, der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));

/** Creates the CA, named by the tenant as on the platform. */
export function makeAuthority(core: Core): TenantAuthority {
  const key = makeKey((into) => fill(core, into), softArithmetic);
  const subject = authorityName(core);
  const spki = der(0x30, Buffer.from('301306072a8648ce3d020106082a8648ce3d030107', 'hex'), derBits(key.point));
  const certificate = issue(core, {
    ...{ subject, issuer: subject, publicKey: spki, key, lifeMs: authorityLifeMs },
    // Basic constraints, critical: a CA; key usage, critical: signs certificates and CRLs.
    extensions: [extension('551d13', true, '30030101ff'), extension('551d0f', true, '03020106')],
  });
  return { key, certificate };
}

function authorityName(core: Core): Uint8Array {
  return distinguishedName(['550403', core.tenant], ['55040a', 'Cumulocity'], ['550406', 'United States']);
}

/** Issues a certificate for this request. @returns DER */
export function certify(core: Core, authority: TenantAuthority, request: EnrolmentRequest): Uint8Array {
  return issue(core, {
    subject: distinguishedName(['550403', request.name]),
    issuer: authorityName(core),
    publicKey: request.publicKey,
    key: authority.key,
    lifeMs: core.settings.certificateLifeMs,
    // No CA; for digital signatures; for clients.
    extensions: [
      extension('551d13', true, '3000'),
      extension('551d0f', true, '03020780'),
      extension('551d25', false, '300a06082b06010505070302'),
    ],
  });
}

/**
 * Reads a request (PKCS #10).
 * @throws Error that says what is wrong with it
 */
export function readRequest(bytes: Uint8Array): EnrolmentRequest {
  const all = new DerReader(bytes);
  const outer = all.enter(0x30);
  all.finish();
  const info = outer.takeWhole(0x30);
  outer.take(0x30);
  const signature = outer.takeBits();
  outer.finish();
  const parts = new DerReader(info).enter(0x30);
  parts.take(0x02);
  const name = commonName(parts.takeWhole(0x30));
  if (name === undefined) throw new Error('it has not one common name');
  const publicKey = parts.takeWhole(0x30).slice();
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key;
  const isStrong =
    type === 'ec' ? details.namedCurve === 'prime256v1' : type === 'rsa' && (details.modulusLength ?? 0) >= 2048;
  if (!isStrong) throw new Error('its key is neither of P-256 nor of RSA with 2,048 bits');
  if (!verify('sha256', info, key, signature)) throw new Error('it is not signed by its own key');
  return { name, publicKey };
}

interface Issue {
  readonly subject: Uint8Array;
  readonly issuer: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly key: KeyPair;
  readonly lifeMs: number;
  readonly extensions: readonly Uint8Array[];
}

/** Issues a certificate (RFC 5280 §4.1). */
function issue(core: Core, { subject, issuer, publicKey, key, lifeMs, extensions }: Issue): Uint8Array {
  const serial = new Uint8Array(16);
  fill(core, serial);
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40;
  const nowMs = core.now();
  const tbs = der(
    0x30,
    der(0xa0, der(0x02, Uint8Array.of(2))),
    derUnsigned(serial),
    ecdsa,
    issuer,
    // The clock of a device may be a little behind.
    der(0x30, time(nowMs - 60_000), time(nowMs + lifeMs)),
    subject,
    publicKey,
    der(0xa3, der(0x30, ...extensions)),
  );
  return der(0x30, tbs, ecdsa, derBits(sign(key, sha256(tbs), softArithmetic)));
}

function distinguishedName(...parts: readonly (readonly [id: string, text: string])[]): Uint8Array {
  return der(
    0x30,
    ...parts.map(([id, text]) => der(0x31, der(0x30, der(0x06, Buffer.from(id, 'hex')), der(0x0c, Buffer.from(text))))),
  );
}

function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replace(/\.\d+|[-:T]/g, '');
  // RFC 5280 §4.1.2.5: two digits for the year until 2049.
  return Number(digits.slice(0, 4)) < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

function extension(id: string, critical: boolean, value: string): Uint8Array {
  const flag = critical ? [der(0x01, Uint8Array.of(0xff))] : [];
  return der(0x30, der(0x06, Buffer.from(id, 'hex')), ...flag, der(0x04, Buffer.from(value, 'hex')));
}

function fill(core: Core, into: Uint8Array): void {
  for (let at = 0; at < into.length; at++) into[at] = Math.floor(core.random() * 256);
}

/** The CA's certificate in PEM, the form of trusted certificates. */
export function authorityPem(authority: TenantAuthority): string {
  return new X509Certificate(authority.certificate).toString();
}
