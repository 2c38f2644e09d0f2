// SPDX-License-Identifier: Apache-2.0
/** Stands in for the SDK's module on Node. */
import { createCipheriv, createHash } from 'node:crypto';
import './extensions.ts';

const BLOCK_BYTES = 16;

export function buffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

export class Digest {
  readonly #algorithm: string;
  #hash;

  constructor(algorithm: string) {
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
  }

  process(...parts: readonly Uint8Array[]): ArrayBuffer {
    this.#hash = createHash(this.#algorithm);
    for (const part of parts) this.#hash.update(part);
    return buffer(this.#hash.digest());
  }

  write(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  close(more = false): ArrayBuffer {
    return buffer((more ? this.#hash.copy() : this.#hash).digest());
  }
}

/** NIST SP 800-38D §6.4. */
export class GHASH {
  readonly #key: bigint;
  readonly #additionalBytes: number;
  #sum = 0n;
  #bytes = 0;

  constructor(key: ArrayBuffer, additional: ArrayBuffer) {
    this.#key = BigInt.fromArrayBuffer(key);
    this.#additionalBytes = additional.byteLength;
    this.#add(new Uint8Array(additional));
  }

  write(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    this.#add(bytes);
  }

  close(): ArrayBuffer {
    const lengths = new DataView(new ArrayBuffer(BLOCK_BYTES));
    lengths.setUint32(4, this.#additionalBytes * 8);
    lengths.setUint32(12, this.#bytes * 8);
    this.#add(new Uint8Array(lengths.buffer));
    return ArrayBuffer.fromBigInt(this.#sum, BLOCK_BYTES);
  }

  #add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
      const block = new Uint8Array(BLOCK_BYTES);
      block.set(bytes.subarray(at, at + BLOCK_BYTES));
      this.#sum = multiply(this.#sum ^ BigInt.fromArrayBuffer(block.buffer), this.#key);
    }
  }
}

function multiply(x: bigint, y: bigint): bigint {
  let product = 0n;
  let rest = y;
  for (let bit = 127n; bit >= 0n; bit--) {
    if ((x >> bit) & 1n) product ^= rest;
    rest = rest & 1n ? (rest >> 1n) ^ (0xe1n << 120n) : rest >> 1n;
  }
  return product;
}

export class BlockCipher {
  readonly key: Uint8Array;

  constructor(_cipher: string, key: ArrayBuffer) {
    this.key = new Uint8Array(key);
  }

  encrypt(block: ArrayBuffer): ArrayBuffer {
    return buffer(createCipheriv('aes-128-ecb', this.key, null).setAutoPadding(false).update(new Uint8Array(block)));
  }
}

export class Mode {
  readonly #key: Uint8Array;
  #counter = new Uint8Array(BLOCK_BYTES);

  constructor(_mode: string, { key }: BlockCipher) {
    this.#key = key;
  }

  setIV(counter: ArrayBuffer): void {
    this.#counter = new Uint8Array(counter.slice(0));
  }

  decrypt(bytes: Uint8Array, into: Uint8Array): void {
    into.set(createCipheriv('aes-128-ctr', this.#key, this.#counter).update(bytes));
  }
}
