// SPDX-License-Identifier: Apache-2.0

import { createPublicKey, verify } from 'node:crypto';

/** An uncompressed point: its form byte (SEC 1 §2.3.3), and both coordinates. */
const POINT_BYTES = 65;
const UNCOMPRESSED = 4;
/** The bytes before the point in a SubjectPublicKeyInfo of P-256 (RFC 5480 §2). */
const P256_INFO = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');

/** As `Hal.verify`. */
export function verifyP256(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (publicKey.length !== POINT_BYTES || publicKey[0] !== UNCOMPRESSED) return false;
  try {
    const key = createPublicKey({ key: Buffer.concat([P256_INFO, publicKey]), format: 'der', type: 'spki' });
    return verify('sha256', message, key, signature);
  } catch {
    return false;
  }
}
