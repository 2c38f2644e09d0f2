// SPDX-License-Identifier: Apache-2.0

import { Alert, TlsFailure } from './options.ts';

/** A socket as TLS sees it. */
export interface Carrier {
  /** Bytes that wait. */
  readonly readable: number;
  /** Fills `[from, to)`; as many bytes must wait. */
  read(into: Uint8Array, from: number, to: number): void;
  /** Keeps it until it can be sent. */
  write(bytes: Uint8Array): void;
}

export const RecordType = { ChangeCipherSpec: 20, Alert: 21, Handshake: 22, ApplicationData: 23 } as const;

/** What encryption adds: explicit nonce and tag (RFC 5288 §3). */
export const NONCE_BYTES = 8;
export const TAG_BYTES = 16;
const SEALED_BYTES = NONCE_BYTES + TAG_BYTES;
/** RFC 5246 §6.2.1. */
export const LONGEST_CONTENT_BYTES = 2 ** 14;
export const HEADER_BYTES = 5;

/** What may come, by type from ChangeCipherSpec on: at least and at most how many bytes. */
export type Limits = readonly (readonly [least: number, most: number] | undefined)[];

const PLAIN: Limits = [[1, 1], [2, 2], [1, LONGEST_CONTENT_BYTES], undefined];
/** The server encrypts, and its Finished (RFC 5246 §7.4.9) is due. */
export const FINISHING: Limits = [
  undefined,
  [2 + SEALED_BYTES, 2 + SEALED_BYTES],
  [16 + SEALED_BYTES, 16 + SEALED_BYTES],
];
/** No other handshake: to renegotiate is to trust twice. */
export const OPEN: Limits = [
  undefined,
  [2 + SEALED_BYTES, 2 + SEALED_BYTES],
  undefined,
  [SEALED_BYTES, LONGEST_CONTENT_BYTES + SEALED_BYTES],
];

/**
 * Records as they come in, piece by piece. Each is judged by its header, before there is room made for what follows.
 */
export class RecordReader {
  limits = PLAIN;
  /** Once it is agreed; before, any of 3.x (RFC 5246 §E.1). */
  version: number | undefined;
  /** How many there were. */
  count = 0;
  readonly #carrier: Carrier;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  #left = 0;
  #content: Uint8Array | undefined;
  #contentBytes = 0;

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
  }

  get type(): number {
    return this.#header[0] as number;
  }

  /** Bytes of the record that nobody has read. */
  get left(): number {
    return this.#left;
  }

  /** True when there is a record, of which something may be left. */
  begin(): boolean {
    const header = this.#header;
    if (this.#headerBytes < HEADER_BYTES) {
      this.#headerBytes = this.#read(header, this.#headerBytes, HEADER_BYTES);
      if (this.#headerBytes < HEADER_BYTES) return false;
      this.#left = this.#judge();
      this.count += 1;
    }
    return true;
  }

  /** Reads on into `into`, from `at`, as far as record and socket go; returns where it has come to. */
  readInto(into: Uint8Array, at: number): number {
    const end = this.#read(into, at, Math.min(into.length, at + this.#left));
    this.#left -= end - at;
    if (this.#left === 0) this.#headerBytes = 0;
    return end;
  }

  /** All of the record, or undefined while it is not. */
  whole(): Uint8Array | undefined {
    this.#content ??= new Uint8Array(this.#left);
    const content = this.#content;
    this.#contentBytes = this.readInto(content, this.#contentBytes);
    if (this.#contentBytes < content.length) return undefined;
    this.#content = undefined;
    this.#contentBytes = 0;
    return content;
  }

  #read(into: Uint8Array, from: number, to: number): number {
    const end = Math.min(to, from + this.#carrier.readable);
    if (end > from) this.#carrier.read(into, from, end);
    return end;
  }

  /** @returns its length */
  #judge(): number {
    const [type, major, minor, high, low] = this.#header as unknown as [number, number, number, number, number];
    if (type < RecordType.ChangeCipherSpec || type > RecordType.ApplicationData || major !== 3) {
      throw new TlsFailure('tls-alert', 'the server does not speak TLS', Alert.UnexpectedMessage);
    }
    if (this.version !== undefined && this.version !== 0x300 + minor) {
      throw new TlsFailure('tls-alert', `a record of version 3.${minor}`, Alert.ProtocolVersion);
    }
    const limit = this.limits[type - RecordType.ChangeCipherSpec];
    if (limit === undefined) throw new TlsFailure('tls-alert', `a record of type ${type} now`, Alert.UnexpectedMessage);
    const length = high * 256 + low;
    const [least, most] = limit;
    if (length >= least && length <= most) return length;
    const alert = length > most ? Alert.RecordOverflow : Alert.DecodeError;
    throw new TlsFailure('tls-alert', `a record of type ${type} with ${length} bytes`, alert);
  }
}
