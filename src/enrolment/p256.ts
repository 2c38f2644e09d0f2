// SPDX-License-Identifier: Apache-2.0

/** The arithmetic that a key of P-256 needs. A board has its own (hal/esp32/capabilities/enrolment.ts). */
export interface Arithmetic {
  /** The base point times `scalar`, 1 to the order less one: both coordinates. */
  multiply(scalar: bigint): readonly [x: bigint, y: bigint];
  /** The inverse of a number that is not 0, modulo the order. */
  invert(scalar: bigint): bigint;
}

/** Bytes of a coordinate, and of a scalar. */
export const FIELD_BYTES = 32;

/** SP 800-186 §3.2.1.3. */
export const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const PRIME = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const BASE: Point = [
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  1n,
];

/** X, Y and Z of a projective point. Numbers may be negative; only results of this file are reduced to their range. */
type Point = readonly [bigint, bigint, bigint];

/**
 * Arithmetic with BigInts, for machines without any other. Each multiplication takes the same steps for every scalar:
 * one addition and one doubling per bit, by a formula without exceptions. The time of a step still depends on the
 * numbers, so this does not protect against close measurement.
 */
export const softArithmetic: Arithmetic = {
  multiply(scalar) {
    // The point selected by the bit is doubled, the other one becomes the sum of both: always R1 = R0 + G.
    const points: [Point, Point] = [[0n, 1n, 0n], BASE];
    for (let bit = 255n; bit >= 0n; bit--) {
      const at = Number((scalar >> bit) & 1n) as 0 | 1;
      const sum = add(points[0], points[1]);
      const twice = add(points[at], points[at]);
      points[at] = twice;
      points[(1 - at) as 0 | 1] = sum;
    }
    const [x, y, z] = points[0];
    const inverse = power(z, PRIME - 2n, PRIME);
    return [inRange(x * inverse, PRIME), inRange(y * inverse, PRIME)];
  },
  invert: (scalar) => power(scalar, ORDER - 2n, ORDER),
};

/** Renes, Costello, Batina: Complete addition formulas for prime order elliptic curves (2015), algorithm 4. */
function add([x1, y1, z1]: Point, [x2, y2, z2]: Point): Point {
  const xx = (x1 * x2) % PRIME;
  const yy = (y1 * y2) % PRIME;
  const zz = (z1 * z2) % PRIME;
  const xy = ((x1 + y1) * (x2 + y2) - xx - yy) % PRIME;
  const yz = ((y1 + z1) * (y2 + z2) - yy - zz) % PRIME;
  const xz = ((x1 + z1) * (x2 + z2) - xx - zz) % PRIME;
  const a = (3n * (xz - B * zz)) % PRIME;
  const b = (3n * (B * xz - 3n * zz - xx)) % PRIME;
  const c = 3n * (xx - zz);
  const less = yy - a;
  const more = yy + a;
  return [(xy * more - yz * b) % PRIME, (more * less + c * b) % PRIME, (yz * less + xy * c) % PRIME];
}

/** The exponent is not secret. */
function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let bit = 255n; bit >= 0n; bit--) {
    result = (result * result) % modulus;
    if ((exponent >> bit) & 1n) result = (result * base) % modulus;
  }
  return inRange(result, modulus);
}

function inRange(value: bigint, modulus: bigint): bigint {
  return ((value % modulus) + modulus) % modulus;
}

/** Big-endian. */
export function numberOf(bytes: Uint8Array): bigint {
  let digits = '0x0';
  for (let at = 0; at < bytes.length; at++) digits += (bytes[at] as number).toString(16).padStart(2, '0');
  return BigInt(digits);
}

/** Big-endian, with the length of a coordinate. */
export function bytesOf(value: bigint): Uint8Array {
  const digits = value.toString(16).padStart(2 * FIELD_BYTES, '0');
  const bytes = new Uint8Array(FIELD_BYTES);
  for (let at = 0; at < FIELD_BYTES; at++) bytes[at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}
