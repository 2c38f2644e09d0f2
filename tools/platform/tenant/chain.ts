// SPDX-License-Identifier: Apache-2.0
/** Verifies that a device certificate leads to a certificate that the tenant trusts. */

import { X509Certificate } from 'node:crypto';
import type { TrustedCertificate } from '../core/token-book.ts';
import { PlatformError } from '../http/http.ts';

/**
 * The trusted certificate that a leaf leads to. The leaf alone is enough if its immediate issuer is trusted; else the
 * header `X-Ssl-Cert-Chain` (leaf first, line ends as spaces) must contain the path. Throws 400 for an unreadable
 * header, 401 when there is no path, 422 for an unusable leaf.
 */
export function verifyChain(options: {
  readonly leaf: X509Certificate;
  readonly header: string | undefined;
  readonly trusted: readonly TrustedCertificate[];
  readonly nowMs: number;
}): TrustedCertificate {
  const { leaf, header, trusted, nowMs } = options;
  const anchors = trusted.map((entry) => ({ entry, certificate: new X509Certificate(entry.pem) }));
  const issuerOf = (certificate: X509Certificate) =>
    anchors.find((anchor) => isIssuedBy(certificate, anchor.certificate) && isValid(anchor.certificate, nowMs))?.entry;
  if (leaf.ca) throw new PlatformError(422, unprocessable, 'A CA certificate is not a device certificate');
  const bits = leaf.publicKey.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < 2048)
    throw new PlatformError(422, unprocessable, 'RSA key is shorter than 2048 bits');
  const chain = header === undefined ? [leaf] : parseChain(header);
  if (!isValid(leaf, nowMs)) throw untrusted('Certificate is expired or not yet valid');
  const direct = issuerOf(leaf);
  if (direct !== undefined) return direct;
  if (chain[0]?.fingerprint256 !== leaf.fingerprint256)
    throw untrusted('Chain does not begin with the device certificate');
  for (let index = 1; index < chain.length; index++) {
    const [certificate, issuer] = [chain[index - 1], chain[index]];
    if (certificate === undefined || issuer === undefined) break;
    if (!issuer.ca || !isIssuedBy(certificate, issuer) || !isValid(issuer, nowMs)) throw untrusted('Chain is broken');
    const anchor =
      issuerOf(issuer) ?? anchors.find((known) => known.certificate.fingerprint256 === issuer.fingerprint256)?.entry;
    if (anchor !== undefined) return anchor;
  }
  throw untrusted('Chain does not lead to a trusted certificate');
}

/** Certificates of the header, leaf first. Throws the platform's 400. */
function parseChain(header: string): X509Certificate[] {
  const blocks = header.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const rest = header.replace(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g, '').trim();
  if (blocks.length === 0 || blocks.length > maxChain || rest !== '') throw unreadable();
  return blocks.map((block) => {
    const base64 = block.replace(/-----[A-Z ]+-----/g, '').replace(/\s/g, '');
    try {
      return new X509Certificate(Buffer.from(base64, 'base64'));
    } catch {
      throw unreadable();
    }
  });
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isValid(certificate: X509Certificate, nowMs: number): boolean {
  return Date.parse(certificate.validFrom) <= nowMs && nowMs <= Date.parse(certificate.validTo);
}

function untrusted(message: string): PlatformError {
  return new PlatformError(401, 'security/Unauthorized', message);
}

function unreadable(): PlatformError {
  return new PlatformError(400, 'undefined/invalidInput', 'X-Ssl-Cert-Chain cannot be parsed');
}

const unprocessable = 'devicecontrol/Unprocessable Entity';
const maxChain = 5;
