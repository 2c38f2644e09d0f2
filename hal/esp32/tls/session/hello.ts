// SPDX-License-Identifier: Apache-2.0

import { SIGNATURE_ALGORITHMS } from '../algorithms.ts';
import { Alert, TlsFailure } from './options.ts';
import { malformed, type VectorReader, vector } from './vectors.ts';

export const TLS_1_2 = 0x303;
export const SECP256R1 = 23;

/**
 * TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 and TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, with the kind of the server's key:
 * only forward secrecy and GCM, which every TLS 1.2 server supports (RFC 9325 §4.2).
 */
export const SUITES: Readonly<Record<number, 'rsa' | 'ec'>> = { 49195: 'ec', 49199: 'rsa' };

/** RFC 6066 §3, RFC 8422 §5.1, RFC 5246 §7.4.1.4.1, RFC 5746 §3.2. */
const Extension = {
  ServerName: 0,
  SupportedGroups: 10,
  PointFormats: 11,
  SignatureAlgorithms: 13,
  RenegotiationInfo: 0xff01,
} as const;

const UNCOMPRESSED = 0;

/** The body of a ClientHello (RFC 5246 §7.4.1.2). */
export function hello(random: Uint8Array, sessionId: Uint8Array, serverName: string | undefined): Uint8Array {
  const schemes = SIGNATURE_ALGORITHMS.map(({ scheme }) => scheme);
  const extensions = [
    extension(Extension.SupportedGroups, vector(2, numbers(SECP256R1))),
    extension(Extension.PointFormats, new Uint8Array([1, UNCOMPRESSED])),
    extension(Extension.SignatureAlgorithms, vector(2, numbers(...schemes))),
    // States that this is no renegotiation, even if an attacker in between claims so to the server.
    extension(Extension.RenegotiationInfo, new Uint8Array([0])),
  ];
  if (serverName !== undefined) {
    const name = new Uint8Array(ArrayBuffer.fromString(serverName));
    const entry = vector(0, new Uint8Array([0]), vector(2, name));
    extensions.unshift(extension(Extension.ServerName, vector(2, entry)));
  }
  return vector(
    0,
    numbers(TLS_1_2),
    random,
    vector(1, sessionId),
    vector(2, numbers(...Object.keys(SUITES).map(Number))),
    // No compression.
    new Uint8Array([1, 0]),
    vector(2, ...extensions),
  );
}

/**
 * Checks the extensions of a ServerHello: each occurs once, was offered, and has a valid value.
 * @param named the server name was sent
 */
export function checkExtensions(list: VectorReader, named: boolean): void {
  const seen: number[] = [];
  while (list.more) {
    const type = list.number(2);
    const value = list.vector(2);
    if (seen.includes(type)) throw malformed('with a repeated extension');
    seen.push(type);
    if (!isRight(type, value, named)) throw malformed(`with a wrong extension ${type}`);
  }
}

function isRight(type: number, value: Uint8Array, named: boolean): boolean {
  if (type === Extension.ServerName && named) return value.length === 0;
  // Some servers return this extension; OpenSSL ignores it as well.
  if (type === Extension.SupportedGroups) return true;
  if (type === Extension.PointFormats) return value[0] === value.length - 1 && value.includes(UNCOMPRESSED, 1);
  if (type === Extension.RenegotiationInfo) return value.length === 1 && value[0] === 0;
  throw new TlsFailure('tls-alert', `the server sends extension ${type} unasked`, Alert.UnsupportedExtension);
}

function extension(type: number, value: Uint8Array): Uint8Array {
  return vector(0, numbers(type), vector(2, value));
}

/** Encodes numbers in two bytes each. */
export function numbers(...values: readonly number[]): Uint8Array {
  return new Uint8Array(values.flatMap((value) => [value >> 8, value & 0xff]));
}
