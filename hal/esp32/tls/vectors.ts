// SPDX-License-Identifier: Apache-2.0

import { Alert, TlsFailure } from './options.ts';

/**
 * Reads a message of TLS (RFC 5246 §4). As strict as DerReader: everything lies inside of what holds it, nothing is left
 * over.
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

  /** Without copying them. */
  bytes(byteLength: number): Uint8Array {
    this.skip(byteLength);
    return this.#bytes.subarray(this.#at - byteLength, this.#at);
  }

  /** What follows its own length. */
  vector(lengthBytes: number): Uint8Array {
    return this.bytes(this.number(lengthBytes));
  }

  skip(byteLength: number): void {
    if (byteLength > this.#bytes.length - this.#at) throw malformed('cut off');
    this.#at += byteLength;
  }

  end(): void {
    if (this.more) throw malformed('longer than it should be');
  }
}

export function malformed(how: string): TlsFailure {
  return new TlsFailure('tls-alert', `a message of the server is ${how}`, Alert.DecodeError);
}

/** Parts one behind the other, and their length before them. */
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
