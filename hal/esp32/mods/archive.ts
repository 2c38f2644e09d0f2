// SPDX-License-Identifier: Apache-2.0

import type { PartitionIo } from '../platform.ts';

/** A digest of the SDK's `crypt`. */
export interface Digest {
  write(bytes: Uint8Array): void;
  close(): ArrayBuffer;
}

/** Reads bytes of an archive. */
export type ReadArchive = (byteLength: number, position: number) => ArrayBuffer;

/** Each part begins with its length (big-endian, these eight bytes included) and its type. */
export const HEAD_BYTES = 8;
export const ARCHIVE = 0x58535f41; // XS_A
/**
 * XS changes the type of an archive that it refuses to this one: an archive for another XS version, or a damaged one.
 */
const ERROR = 0x58535f45; // XS_E
const VERSION = 0x56455253; // VERS
const SIGNATURE = 0x5349474e; // SIGN
const NAME = 0x4e414d45; // NAME
const SYMBOLS = 0x53594d42; // SYMB
const IDENTIFIERS = 0x4944454e; // IDEN
const MAPS = 0x4d415053; // MAPS
const MODULES = 0x4d4f4453; // MODS
const RESOURCES = 0x52535243; // RSRC
const PATH = 0x50415448; // PATH
const CODE = 0x434f4445; // CODE
const DATA = 0x44415441; // DATA
/** Position and length of the digest. */
const DIGEST_AT = 28;
const DIGEST_BYTES = 16;
/** The first bytes of an archive, which differ between all archives and which XS does not change. */
export const IDENTITY_BYTES = DIGEST_AT + DIGEST_BYTES;
/** Bytes that are read at a time. */
const PIECE_BYTES = 512;

/** In place of an archive's id: XS has refused the archive. */
export const REFUSED = 'refused';

/** The id of the installed archive; undefined: there is none. */
export function readArchiveId(partition: PartitionIo | undefined): string | undefined {
  try {
    const head = partition?.read(DIGEST_AT + 4, 0);
    if (head === undefined) return undefined;
    const view = new DataView(head);
    const type = view.getUint32(4);
    if (type === ERROR) return REFUSED;
    return type === ARCHIVE ? view.getUint32(DIGEST_AT).toString(16) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether an archive of `mcrun` is whole: its parts fill it, and its digest is right. XS does not check the content.
 * @param md5 a new digest
 */
export function isWhole(read: ReadArchive, byteLength: number, md5: Digest): boolean {
  try {
    const walk = new Walk(read, byteLength, md5);
    if (walk.enter(ARCHIVE) !== byteLength) return false;
    walk.skip(VERSION);
    walk.skip(SIGNATURE);
    if (walk.at !== DIGEST_AT + DIGEST_BYTES) return false;
    walk.digest(NAME);
    walk.digest(SYMBOLS);
    walk.skip(IDENTIFIERS);
    walk.digest(MAPS);
    const modules = walk.enter(MODULES);
    while (walk.at < modules) {
      walk.digest(PATH);
      walk.digest(CODE);
    }
    if (walk.at !== modules || walk.enter(RESOURCES) !== byteLength) return false;
    while (walk.at < byteLength) {
      walk.digest(PATH, true);
      walk.digest(DATA);
    }
    return walk.at === byteLength && isSame(md5.close(), read(DIGEST_BYTES, DIGEST_AT));
  } catch {
    return false;
  }
}

/** Walks through the parts. Throws when a part has another type, or goes beyond the end. */
class Walk {
  at = 0;
  readonly #read: ReadArchive;
  readonly #byteLength: number;
  readonly #md5: Digest;

  constructor(read: ReadArchive, byteLength: number, md5: Digest) {
    this.#read = read;
    this.#byteLength = byteLength;
    this.#md5 = md5;
  }

  /** Enters a part; returns its end. */
  enter(type: number): number {
    const head = new DataView(this.#read(HEAD_BYTES, this.at));
    const end = this.at + head.getUint32(0);
    const fits = end >= this.at + HEAD_BYTES && end <= this.#byteLength;
    if (!fits || head.getUint32(4) !== type) throw new RangeError('archive');
    this.at += HEAD_BYTES;
    return end;
  }

  skip(type: number): void {
    this.at = this.enter(type);
  }

  /** Adds a part to the digest. @param isPadded bytes after a NUL do not count */
  digest(type: number, isPadded = false): void {
    const end = this.enter(type);
    while (this.at < end) {
      let bytes = new Uint8Array(this.#read(Math.min(PIECE_BYTES, end - this.at), this.at));
      const nul = isPadded ? bytes.indexOf(0) : -1;
      if (nul >= 0) bytes = bytes.subarray(0, nul + 1);
      this.#md5.write(bytes);
      this.at = nul >= 0 ? end : this.at + bytes.length;
    }
  }
}

export function isSame(one: ArrayBuffer, other: ArrayBuffer): boolean {
  const [a, b] = [new Uint8Array(one), new Uint8Array(other)];
  return a.every((byte, i) => byte === b[i]);
}
