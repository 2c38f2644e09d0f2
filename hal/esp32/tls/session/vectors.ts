// SPDX-License-Identifier: Apache-2.0

import { Alert, TlsFailure } from './options.ts';

/**
 * Reads a TLS message (RFC 5246 §4). As strict as DerReader: everything must lie within its container, and no bytes may
 * be left over.
 */
export class VectorReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, from = 0) {
    this.#bytes = bytes;
    this.#at = from;
  }

  get more(): boolean {
    return this.#at < this.#bytes.length;
  }

  number(byteLength: number): number {
    this.skip(byteLength);
    let value = 0;
    for (let at = this.#at - byteLength; at < this.#at; at++) value = value * 256 + (this.#bytes[at] as number);
    return value;
  }

  /** The next bytes, not copied. */
  bytes(byteLength: number): Uint8Array {
    this.skip(byteLength);
    return this.#bytes.subarray(this.#at - byteLength, this.#at);
  }

  /** The bytes after a length of `lengthBytes` bytes. */
  vector(lengthBytes: number): Uint8Array {
    return this.bytes(this.number(lengthBytes));
  }

  skip(byteLength: number): void {
    if (byteLength > this.#bytes.length - this.#at) throw malformed('cut off');
    this.#at += byteLength;
  }

  end(): void {
    if (this.more) throw malformed('too long');
  }
}

export function malformed(how: string): TlsFailure {
  return new TlsFailure('tls-alert', `a message of the server is ${how}`, Alert.DecodeError);
}

/** Concatenates parts, with their total length before them. */
export function vector(lengthBytes: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(lengthBytes + length);
  for (let at = 0; at < lengthBytes; at++) all[at] = length >>> (8 * (lengthBytes - 1 - at));
  let at = lengthBytes;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
