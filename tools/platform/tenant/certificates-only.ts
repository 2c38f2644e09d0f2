// SPDX-License-Identifier: Apache-2.0

/** Object identifiers 1.2.840.113549.1.7.2 and .1 (RFC 5652 §5.1, §4). */
const signedData = Buffer.from('06092a864886f70d010702', 'hex');
const data = Buffer.from('06092a864886f70d010701', 'hex');

/** PKCS #7 with only certificates (RFC 5652 §5), in the indefinite-length form (X.690 §8.1.3.6). */
export function certificatesOnly(certificates: readonly Uint8Array[]): Uint8Array {
  const none = Buffer.of(0x31, 0x00);
  const version = Buffer.of(0x02, 0x01, 0x01);
  const signed = open(0x30, version, none, open(0x30, data), open(0xa0, ...certificates), none);
  return open(0x30, signedData, open(0xa0, signed));
}

function open(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Buffer.of(tag, 0x80), ...parts, Buffer.of(0, 0)]);
}
