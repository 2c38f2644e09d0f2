// SPDX-License-Identifier: Apache-2.0
/* Types of the SDK's TLS (modules/crypt) that hal/esp32 uses. */

declare module 'crypt' {
  export class Digest {
    constructor(algorithm: 'MD5' | 'SHA256' | 'SHA384' | 'SHA512' | 'GHASH');
    /** The digest of only these parts. */
    process(...parts: readonly Uint8Array[]): ArrayBuffer;
    write(bytes: Uint8Array): void;
    /** @param more the digest continues afterwards */
    close(more?: boolean): ArrayBuffer;
  }
  /** All bytes must be written in one call. */
  export class GHASH extends Digest {
    constructor(key: ArrayBuffer, additional: ArrayBuffer);
  }
  export class BlockCipher {
    constructor(cipher: 'AES', key: ArrayBuffer);
    encrypt(block: ArrayBuffer): ArrayBuffer;
  }
  export class Mode {
    constructor(mode: 'CTR', cipher: BlockCipher);
    /** Sets the counter of the next block. */
    setIV(counter: ArrayBuffer): void;
    /** The same as encryption in CTR mode. */
    decrypt(bytes: Uint8Array, into: Uint8Array): void;
  }
}

declare module 'modular' {
  export default class Modular {
    constructor(modulus: bigint);
    exp(base: bigint, exponent: bigint): bigint;
    mulinv(value: bigint): bigint;
  }
}

declare module 'ecp' {
  export default class ECPoint {
    constructor(x: bigint, y: bigint);
    readonly X: bigint;
    readonly Y: bigint;
    isZero(): boolean;
  }
}

declare module 'curve' {
  import type ECPoint from 'ecp';
  /** y² = x³ + ax + b, modulo m. */
  export interface Equation {
    readonly a: bigint;
    readonly b: bigint;
    readonly m: bigint;
    mul(point: ECPoint, times: bigint): ECPoint;
    mul2(first: ECPoint, times: bigint, second: ECPoint, timesSecond: bigint): ECPoint;
  }
  export default class Curve {
    constructor(name: 'secp256r1' | 'secp384r1');
    readonly G: ECPoint;
    readonly n: bigint;
    readonly ec: Equation;
  }
}

declare module 'rsa' {
  export default class RSA {
    constructor(d: bigint, n: bigint, p: bigint, q: bigint, dp: bigint, dq: bigint, inverse: bigint);
    process(message: bigint): bigint;
  }
}

interface BigIntConstructor {
  /** Reads all of the buffer, big-endian. An extension of XS. */
  fromArrayBuffer(bytes: ArrayBufferLike): bigint;
}

interface ArrayBufferConstructor {
  /** Big-endian, padded with leading zeros to `bytes`. An extension of XS. */
  fromBigInt(value: bigint, bytes?: number): ArrayBuffer;
  /** UTF-8. An extension of XS. */
  fromString(text: string): ArrayBuffer;
}
