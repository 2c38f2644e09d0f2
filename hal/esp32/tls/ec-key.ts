// SPDX-License-Identifier: Apache-2.0

import Curve from 'curve';
import Modular from 'modular';
import { equalBytes } from '../../../src/bytes/text.ts';
import { type KeyPair, readKey, sign } from '../../../src/enrolment/key.ts';
import { type Arithmetic, ORDER } from '../../../src/enrolment/p256.ts';
import type { PublicKey } from './certificate.ts';
import type { ClientKey } from './keys.ts';

/** id-ecPublicKey (RFC 5480 §2.1.1) in the DER of a key. */
const EC_PUBLIC_KEY = /* @__PURE__ */ Uint8Array.from([0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]);

/**
 * Arithmetic with the SDK's big numbers, in C. The time of a multiplication depends on the length of the scalar, so all
 * scalars get the same length by adding multiples of the order, which do not change the result. The square-and-multiply
 * inside still branches on the bits.
 */
export const sdkArithmetic: Arithmetic = {
  multiply(scalar) {
    const { ec, G } = new Curve('secp256r1');
    const once = scalar + ORDER;
    const { X, Y } = ec.mul(G, once >> 256n === 0n ? once + ORDER : once);
    return [X, Y];
  },
  // By Fermat's theorem: the exponent is no secret, and always the same.
  invert: (scalar) => new Modular(ORDER).exp(scalar, ORDER - 2n),
};

/** Our own P-256 key: signs with ECDSA and SHA-256 (RFC 8422 §5.8). */
export class EcKey implements ClientKey {
  readonly type = 64;
  readonly scheme = 0x0403;
  readonly #pair: KeyPair;

  constructor(pair: KeyPair) {
    this.#pair = pair;
  }

  fits(key: PublicKey | undefined): boolean {
    return key?.kind === 'ec' && equalBytes(key.point, this.#pair.point.subarray(1));
  }

  sign(digest: Uint8Array): Uint8Array {
    return sign(this.#pair, digest, sdkArithmetic);
  }
}

/** A `KeyReader` for PKCS #8 and for the EC keys of OpenSSL. */
export function readEcKey(label: string, der: Uint8Array): EcKey | undefined {
  const isBare = label === 'EC PRIVATE KEY';
  if (!isBare && (label !== 'PRIVATE KEY' || !isEc(der))) return undefined;
  return new EcKey(readKey(der, isBare));
}

/** Whether the key is an EC key: its identifier follows the lengths and the version, near the beginning. */
function isEc(der: Uint8Array): boolean {
  for (let at = 5; at < 12; at++) {
    if (equalBytes(der.subarray(at, at + EC_PUBLIC_KEY.length), EC_PUBLIC_KEY)) return true;
  }
  return false;
}
