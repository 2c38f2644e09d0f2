// SPDX-License-Identifier: Apache-2.0

import { Alert, TlsFailure } from './options.ts';

/** The socket, as TLS uses it. */
export interface Carrier {
  /** Bytes that wait. */
  readonly readable: number;
  /** Fills `[from, to)`; at least that many bytes must wait. */
  read(into: Uint8Array, from: number, to: number): void;
  /** Keeps `bytes` until they can be sent. */
  write(bytes: Uint8Array): void;
}

export const RecordType = { ChangeCipherSpec: 20, Alert: 21, Handshake: 22, ApplicationData: 23 } as const;

/** Bytes that encryption adds: explicit nonce and tag (RFC 5288 §3). */
export const NONCE_BYTES = 8;
export const TAG_BYTES = 16;
const SEALED_BYTES = NONCE_BYTES + TAG_BYTES;
/** RFC 5246 §6.2.1. */
export const LONGEST_CONTENT_BYTES = 2 ** 14;
export const HEADER_BYTES = 5;

/** The least and most bytes of a record, by type from ChangeCipherSpec on; undefined: the type is not allowed now. */
export type Limits = readonly (readonly [least: number, most: number] | undefined)[];

const PLAIN: Limits = [[1, 1], [2, 2], [1, LONGEST_CONTENT_BYTES], undefined];
/** Limits while the server encrypts and its Finished (RFC 5246 §7.4.9) is due. */
export const FINISHING: Limits = [
  undefined,
  [2 + SEALED_BYTES, 2 + SEALED_BYTES],
  [16 + SEALED_BYTES, 16 + SEALED_BYTES],
];
/**
 * Limits after the handshake. A server may ask for another one, which is ignored: it would be a second decision about
 * trust.
 */
export const OPEN: Limits = [
  undefined,
  [2 + SEALED_BYTES, 2 + SEALED_BYTES],
  [4 + SEALED_BYTES, 4 + SEALED_BYTES],
  [SEALED_BYTES, LONGEST_CONTENT_BYTES + SEALED_BYTES],
];

/**
 * Reads records in pieces, as they arrive. The header of a record is checked before memory for its content is
 * allocated.
 */
export class RecordReader {
  limits = PLAIN;
  /** The agreed version; before the agreement, any 3.x is accepted (RFC 5246 §E.1). */
  version: number | undefined;
  /** Number of records so far. */
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

  /** Unread bytes of the current record. */
  get left(): number {
    return this.#left;
  }

  /** Reads the header of the next record, if needed; true when it is complete. */
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

  /** Reads into `into` from `at`, as far as the record and the socket allow; returns the end of the bytes read. */
  readInto(into: Uint8Array, at: number): number {
    const end = this.#read(into, at, Math.min(into.length, at + this.#left));
    this.#left -= end - at;
    if (this.#left === 0) this.#headerBytes = 0;
    return end;
  }

  /** The whole content of the record; undefined until it is complete. */
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

  /** Checks the header. @returns the length of the content */
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
