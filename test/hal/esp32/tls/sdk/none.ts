// SPDX-License-Identifier: Apache-2.0
/** Stands in for all of the SDK where arithmetic costs nothing: every hash is zero, and every signature of RSA right. */
import './extensions.ts';
import { encode } from '../../../../../hal/esp32/tls/signature.ts';

const HASH_BYTES = 32;
const KEY_BYTES = 256;

export const counts = { signatures: 0 };

export class Digest {
  process(): ArrayBuffer {
    return new ArrayBuffer(HASH_BYTES);
  }
  write(): void {}
  close(): ArrayBuffer {
    return new ArrayBuffer(HASH_BYTES);
  }
}

export class GHASH extends Digest {}

export class BlockCipher {
  encrypt(): ArrayBuffer {
    return new ArrayBuffer(16);
  }
}

export class Mode {
  setIV(): void {}
  decrypt(): void {}
}

/** In place of whatever class a module has. */
export default class None {
  readonly X = 1n;
  readonly Y = 1n;
  readonly n = 7n;
  readonly G = undefined;
  readonly ec = { a: 0n, b: 0n, m: 1n << 256n, mul: () => new None() };

  static exists(): boolean {
    return false;
  }

  exp(): bigint {
    counts.signatures += 1;
    return BigInt.fromArrayBuffer(encode('SHA256', new Uint8Array(HASH_BYTES), KEY_BYTES).slice().buffer);
  }
}
