// SPDX-License-Identifier: Apache-2.0

import Curve from 'curve';
import { number, readPoint } from '../signature.ts';

const COORDINATE_BYTES = 32;
/** More bytes than the order has, so that all remainders are equally likely (FIPS 186-5 §A.2.1). */
export const EXCHANGE_RANDOM_BYTES = 40;

/** Our half of a key exchange on P-256 (RFC 8422 §5.10). */
export class KeyExchange {
  /** Our public point, for the server. */
  readonly point: Uint8Array;
  readonly #curve = new Curve('secp256r1');
  readonly #secret: bigint;

  constructor(random: Uint8Array) {
    const { ec, n, G } = this.#curve;
    this.#secret = (number(random) % (n - 1n)) + 1n;
    const { X, Y } = ec.mul(G, this.#secret);
    this.point = new Uint8Array(1 + 2 * COORDINATE_BYTES);
    this.point[0] = 4;
    this.point.set(new Uint8Array(ArrayBuffer.fromBigInt(X, COORDINATE_BYTES)), 1);
    this.point.set(new Uint8Array(ArrayBuffer.fromBigInt(Y, COORDINATE_BYTES)), 1 + COORDINATE_BYTES);
  }

  /** The shared secret. @returns undefined when the server's point is not on the curve */
  agree(point: Uint8Array): Uint8Array | undefined {
    if (point.length !== this.point.length || point[0] !== 4) return undefined;
    const { ec } = this.#curve;
    const theirs = readPoint(ec, point.subarray(1));
    return theirs && new Uint8Array(ArrayBuffer.fromBigInt(ec.mul(theirs, this.#secret).X, COORDINATE_BYTES));
  }
}
