// SPDX-License-Identifier: Apache-2.0

export interface SignatureAlgorithm {
  readonly kind: 'rsa' | 'ec';
  readonly hash: 'SHA256' | 'SHA384' | 'SHA512';
  /** The number in TLS, of hash and signature (RFC 5246 §7.4.1.4.1). */
  readonly scheme: number;
  /** The object identifier in certificates, hexadecimal. */
  readonly id: string;
}

/** The algorithms that are offered to a server, best first. No other algorithm is accepted anywhere. */
export const SIGNATURE_ALGORITHMS: readonly SignatureAlgorithm[] = [
  { kind: 'ec', hash: 'SHA256', scheme: 0x0403, id: '2a8648ce3d040302' },
  { kind: 'rsa', hash: 'SHA256', scheme: 0x0401, id: '2a864886f70d01010b' },
  { kind: 'ec', hash: 'SHA384', scheme: 0x0503, id: '2a8648ce3d040303' },
  { kind: 'rsa', hash: 'SHA384', scheme: 0x0501, id: '2a864886f70d01010c' },
  { kind: 'ec', hash: 'SHA512', scheme: 0x0603, id: '2a8648ce3d040304' },
  { kind: 'rsa', hash: 'SHA512', scheme: 0x0601, id: '2a864886f70d01010d' },
];
