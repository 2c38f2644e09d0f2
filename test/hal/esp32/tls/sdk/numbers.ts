// SPDX-License-Identifier: Apache-2.0
/** Stands in for the SDK's `modular`, `rsa`, `ecp` and `curve` on Node, and counts. */
import './extensions.ts';
import { meter } from './meter.ts';

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    meter.multiplications += 1;
    if (bit === '0') continue;
    result = (result * base) % modulus;
    meter.multiplications += 1;
  }
  return result;
}

export class Modular {
  readonly #modulus: bigint;

  constructor(modulus: bigint) {
    this.#modulus = modulus;
  }

  exp(base: bigint, exponent: bigint): bigint {
    meter.signatures += 1;
    return power(base, exponent, this.#modulus);
  }

  /** By Fermat: of a prime. */
  mulinv(value: bigint): bigint {
    return power(value, this.#modulus - 2n, this.#modulus);
  }
}

export class RSA {
  readonly #d: bigint;
  readonly #n: bigint;

  constructor(d: bigint, n: bigint) {
    this.#d = d;
    this.#n = n;
  }

  process(message: bigint): bigint {
    return power(message, this.#d, this.#n);
  }
}

export class ECPoint {
  readonly X: bigint;
  readonly Y: bigint;
  readonly #isZero: boolean;

  constructor(x: bigint, y: bigint, isZero = false) {
    this.X = x;
    this.Y = y;
    this.#isZero = isZero;
  }

  isZero(): boolean {
    return this.#isZero;
  }
}

/** x, y and z of Jacobi: no division on the way. */
type Point = readonly [bigint, bigint, bigint];

const ZERO: Point = [1n, 1n, 0n];

class Equation {
  readonly a: bigint;
  readonly b: bigint;
  readonly m: bigint;

  constructor(a: bigint, b: bigint, m: bigint) {
    this.a = a;
    this.b = b;
    this.m = m;
  }

  mul(point: ECPoint, times: bigint): ECPoint {
    meter.points += 1;
    return this.#affine(this.#times([point.X, point.Y, 1n], times));
  }

  mul2(first: ECPoint, times: bigint, second: ECPoint, timesSecond: bigint): ECPoint {
    meter.points += 2;
    meter.signatures += 1;
    const one = this.#times([first.X, first.Y, 1n], times);
    return this.#affine(this.#add(one, this.#times([second.X, second.Y, 1n], timesSecond)));
  }

  #times(point: Point, times: bigint): Point {
    let sum = ZERO;
    for (const bit of times.toString(2)) {
      sum = this.#double(sum);
      if (bit === '1') sum = this.#add(sum, point);
    }
    return sum;
  }

  #mod(value: bigint): bigint {
    const rest = value % this.m;
    return rest < 0n ? rest + this.m : rest;
  }

  #double([x, y, z]: Point): Point {
    if (z === 0n || y === 0n) return ZERO;
    const s = this.#mod(4n * x * y * y);
    const n = this.#mod(3n * x * x + this.a * z ** 4n);
    const x2 = this.#mod(n * n - 2n * s);
    return [x2, this.#mod(n * (s - x2) - 8n * y ** 4n), this.#mod(2n * y * z)];
  }

  #add(p: Point, q: Point): Point {
    const [x1, y1, z1] = p;
    const [x2, y2, z2] = q;
    if (z1 === 0n) return q;
    if (z2 === 0n) return p;
    const u1 = this.#mod(x1 * z2 * z2);
    const s1 = this.#mod(y1 * z2 ** 3n);
    const h = this.#mod(x2 * z1 * z1 - u1);
    const r = this.#mod(y2 * z1 ** 3n - s1);
    if (h === 0n) return r === 0n ? this.#double(p) : ZERO;
    const x3 = this.#mod(r * r - h ** 3n - 2n * u1 * h * h);
    return [x3, this.#mod(r * (u1 * h * h - x3) - s1 * h ** 3n), this.#mod(h * z1 * z2)];
  }

  #affine([x, y, z]: Point): ECPoint {
    if (z === 0n) return new ECPoint(0n, 0n, true);
    const inverse = power(z, this.m - 2n, this.m);
    return new ECPoint(this.#mod(x * inverse * inverse), this.#mod(y * inverse ** 3n));
  }
}

/** SEC 2 §2.4.2, §2.5.1. */
const CURVES = {
  secp256r1: {
    m: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  secp384r1: {
    m: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    x: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
    y: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
};

export class Curve {
  readonly G: ECPoint;
  readonly n: bigint;
  readonly ec: Equation;

  constructor(name: keyof typeof CURVES) {
    const { m, b, x, y, n } = CURVES[name];
    this.G = new ECPoint(x, y);
    this.n = n;
    this.ec = new Equation(m - 3n, b, m);
  }
}
