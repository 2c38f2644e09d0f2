/* What hal/esp32 uses of the SDK's TLS (modules/crypt). */

declare module 'crypt' {
  const Crypt: {
    readonly Digest: new (
      algorithm: 'MD5' | 'SHA256' | 'SHA384' | 'SHA512',
    ) => {
      process(bytes: Uint8Array): ArrayBuffer;
      write(bytes: Uint8Array): void;
      close(): ArrayBuffer;
    };
  };
  export default Crypt;
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
  export default class Curve {
    constructor(name: 'secp256r1' | 'secp384r1');
    readonly G: ECPoint;
    readonly n: bigint;
    /** y² = x³ + ax + b, modulo m. */
    readonly ec: {
      readonly a: bigint;
      readonly b: bigint;
      readonly m: bigint;
      mul2(first: ECPoint, times: bigint, second: ECPoint, timesSecond: bigint): ECPoint;
    };
  }
}

declare module 'rsa' {
  export default class RSA {
    constructor(d: bigint, n: bigint, p: bigint, q: bigint, dp: bigint, dq: bigint, inverse: bigint);
    process(message: bigint): bigint;
  }
}

declare module 'ssl/constants' {
  export const AES: number;
  export const ECDHE_RSA: number;
  export const GCM: number;
  export const SHA256: number;
}

declare module 'ssl/session' {
  /** A socket as the session sees it. */
  export interface Carrier {
    readable: number;
    writable: number;
    read(into: Uint8Array): void;
    /** Returns what may be written after it. */
    write(packet: Uint8Array | ArrayBuffer): number;
  }
  export interface SessionCache {
    getByHost(host: string | undefined): { id: ArrayBuffer; secret: ArrayBuffer } | undefined;
    getByID(id: ArrayBuffer): undefined;
    saveSession(host: string, id: ArrayBuffer, secret: ArrayBuffer): void;
    deleteSessionID(id: ArrayBuffer): void;
  }
  /** The SDK's TLS 1.2, without a socket of its own. Whatever goes wrong is thrown. */
  export default class Session {
    constructor(options: { serverName?: string; protocolVersion: number; trust: unknown });
    initiateHandshake(): void;
    /** One step. True: it is over, or ended by an alert. */
    handshake(carrier: Carrier): boolean;
    /** Bytes of the application; undefined: more is needed; null: the server has closed. */
    read(carrier: Carrier): Uint8Array | undefined | null;
    write(carrier: Carrier, bytes: Uint8Array): number;
    /** A whole record, or undefined while it is not. */
    readPacket(carrier: Carrier): ArrayBuffer | undefined;
    /** The message that came last; it may be on us. */
    readonly handshakeProcess: number;
    readonly alert: { level: number; description: number } | undefined;
    /** Of a record that is not whole yet; `offset` bytes of it are there. */
    readonly packetBuffer: (Uint8Array & { readonly offset: number }) | null | undefined;
    readonly serverCipher: object | null;
    readonly masterSecret: ArrayBuffer | undefined;
    clientSessionID: ArrayBuffer | undefined;
    cacheManager: SessionCache | undefined;
  }
}

interface BigIntConstructor {
  /** The bytes are big-endian, and all of the buffer. An extension of XS. */
  fromArrayBuffer(bytes: ArrayBufferLike): bigint;
}

interface ArrayBufferConstructor {
  /** Big-endian, with zeros in front up to `bytes`. An extension of XS. */
  fromBigInt(value: bigint, bytes?: number): ArrayBuffer;
}
