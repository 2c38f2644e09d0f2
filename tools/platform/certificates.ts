// SPDX-License-Identifier: Apache-2.0
/** Certificates for servers, tenants and devices of the emulator; for tests and desks, not for production. */

import { webcrypto } from 'node:crypto';
import type { Extension } from '@peculiar/x509';

/** A certificate with its key, all PEM. */
export interface Identity {
  readonly certificate: string;
  /** PKCS#8, unencrypted. */
  readonly privateKey: string;
  /** The certificate and the intermediates above it, leaf first; the root is left out. */
  readonly chain: string;
}

/** A CA that can issue certificates. */
export interface Authority extends Identity {
  readonly isRoot: boolean;
  readonly subject: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** Kind of key. */
export type KeyType = 'RSA' | 'EC';

/** Options of a certificate. */
export interface CertificateOptions {
  /** Default RSA (2048 bits); EC is P-256. */
  readonly key?: KeyType;
  /** RSA modulus, to make keys that are too short. */
  readonly modulusBits?: number;
  /** Default a day ago. */
  readonly notBefore?: Date;
  /** Default ten years from now. */
  readonly notAfter?: Date;
}

/**
 * Loads the library when a certificate is created: loading takes longer than the whole emulator, and most runs need
 * none.
 */
async function library() {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  return x509;
}

/** A CA: a root, or an intermediate when there is an issuer. */
export async function createAuthority(
  name: string,
  options: CertificateOptions & { readonly issuer?: Authority } = {},
): Promise<Authority> {
  const x509 = await library();
  const keys = await createKeys(options);
  const subject = `CN=${escapeName(name)}`;
  const { issuer } = options;
  const identity = await issue({
    options,
    subject,
    keys,
    issuer: issuer ?? { subject, keys },
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
    above: issuer === undefined || issuer.isRoot ? '' : issuer.chain,
  });
  return { ...identity, isRoot: issuer === undefined, subject, keys };
}

/** A certificate for a server on this machine; RSA, as the platform's own. */
export async function createServerCertificate(
  issuer: Authority,
  options: CertificateOptions & { readonly addresses?: readonly string[]; readonly names?: readonly string[] } = {},
): Promise<Identity> {
  const x509 = await library();
  const { addresses = ['127.0.0.1', '::1'], names = ['localhost'] } = options;
  return issueLeaf(issuer, 'localhost', options, [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension([
      ...names.map((value) => ({ type: 'dns' as const, value })),
      ...addresses.map((value) => ({ type: 'ip' as const, value })),
    ]),
  ]);
}

/** A device's certificate; the device id is its common name. */
export async function createDeviceCertificate(
  issuer: Authority,
  deviceId: string,
  options: CertificateOptions = {},
): Promise<Identity> {
  const x509 = await library();
  return issueLeaf(issuer, deviceId, options, [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])]);
}

/** The value of `X-Ssl-Cert-Chain`: PEM with every line end as one space. */
export function chainHeader(chain: string): string {
  return chain.trim().replace(/\r?\n/g, ' ');
}

async function issueLeaf(
  issuer: Authority,
  name: string,
  options: CertificateOptions,
  extensions: Extension[],
): Promise<Identity> {
  const x509 = await library();
  return issue({
    options,
    subject: `CN=${escapeName(name)}`,
    keys: await createKeys(options),
    issuer,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment),
      ...extensions,
    ],
    above: issuer.isRoot ? '' : issuer.chain,
  });
}

async function issue(options: {
  readonly options: CertificateOptions;
  readonly subject: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly issuer: Pick<Authority, 'subject' | 'keys'>;
  readonly extensions: Extension[];
  readonly above: string;
}): Promise<Identity> {
  const x509 = await library();
  const { keys, issuer, above } = options;
  const dayMs = 86_400_000;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: Buffer.from(
      webcrypto.getRandomValues(new Uint8Array(16)).map((b, i) => (i === 0 ? (b & 0x3f) | 0x40 : b)),
    ).toString('hex'),
    subject: options.subject,
    issuer: issuer.subject,
    notBefore: options.options.notBefore ?? new Date(Date.now() - dayMs),
    notAfter: options.options.notAfter ?? new Date(Date.now() + 3650 * dayMs),
    signingAlgorithm: issuer.keys.privateKey.algorithm.name === 'ECDSA' ? ecdsa : rsa,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    extensions: options.extensions,
  });
  const pem = `${certificate.toString('pem')}\n`;
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificate: pem, privateKey: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`, chain: pem + above };
}

async function createKeys(options: CertificateOptions): Promise<webcrypto.CryptoKeyPair> {
  const algorithm =
    options.key === 'EC'
      ? { name: 'ECDSA', namedCurve: 'P-256' }
      : { ...rsa, publicExponent: new Uint8Array([1, 0, 1]), modulusLength: options.modulusBits ?? 2048 };
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

/** RFC 4514 §2.4: characters with a meaning of their own in a name. */
function escapeName(name: string): string {
  return name.replace(/[,+"\\<>;=#]/g, '\\$&');
}

const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
