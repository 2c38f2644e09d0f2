// SPDX-License-Identifier: Apache-2.0

import type { Installation, ModuleSlot } from '../../hal.ts';
import type { PartitionIo } from '../platform.ts';
import { ARCHIVE, type Digest, HEAD_BYTES, IDENTITY_BYTES, isSame, isWhole } from './archive.ts';

/*
 * At a start, XS maps an archive from the beginning of the partition and executes it in place, so it must not change
 * while it runs. An installed archive therefore waits as a copy in the second half, after eight bytes whose first four
 * tell whether it is new. The next start copies it into the first half. The copy stays, because XS itself writes into
 * the archive in the first half, and a power cut during that may damage it.
 */
const COPY_AT = 8;
const NEW = 0xffff_ffff;
const SETTLED = Uint8Array.of(0, 0, 0, 0);
/** In place of a copy: the archive is to be removed. */
const REMOVAL = Uint8Array.of(0, 0, 0, 8, 0x58, 0x53, 0x5f, 0x30); // XS_0
const REMOVAL_TYPE = 0x58535f30;
const ERASED = 0xffff_ffff;
/** Bytes that are copied at a time. */
const PIECE_BYTES = 512;
/** Bytes at the end of a block, which XS writes last. */
const TAIL_BYTES = 16;

/**
 * Moves an installed archive into its place; call it at a start, before any import from an archive. True: done, and a
 * restart is needed; false: the flash refuses, and nothing may be imported; undefined: there was nothing to do. After a
 * power cut, the next start repeats all of it.
 */
export function settleModules(partition: PartitionIo | undefined): boolean | undefined {
  if (partition === undefined) return undefined;
  try {
    return new Halves(partition).settle();
  } catch {
    return false;
  }
}

export interface ModulesOptions {
  readonly partition: PartitionIo;
  /** The digest of archives: MD5. */
  createMd5(): Digest;
}

/**
 * The slot for an archive. The head is written last: without it there is no archive. A damaged archive is refused. The
 * caller must check author and version before: XS checks only the version, and nothing checks the author.
 */
export class Esp32Modules implements ModuleSlot {
  readonly capacityBytes: number;
  runs?: string;
  readonly #halves: Halves;
  readonly #createMd5: () => Digest;
  #busy = false;

  /** @throws Error when the partition cannot be read */
  constructor({ partition, createMd5 }: ModulesOptions) {
    this.#halves = new Halves(partition);
    this.#createMd5 = createMd5;
    this.capacityBytes = this.#halves.capacityBytes;
  }

  get installed(): boolean {
    return attempt(() => this.#halves.isInstalled());
  }

  install(byteLength: number): Installation | undefined {
    if (this.#busy || !(byteLength > HEAD_BYTES && byteLength <= this.capacityBytes)) return undefined;
    if (!attempt(() => this.#halves.makeRoom(byteLength))) return undefined;
    this.#busy = true;
    return this.#installation(byteLength);
  }

  remove(): boolean {
    return !this.#busy && attempt(() => this.#halves.makeRoom(0) && this.#halves.write(REMOVAL, 0));
  }

  #installation(byteLength: number): Installation {
    const halves = this.#halves;
    const head = new Uint8Array(HEAD_BYTES);
    let at = 0;
    let good = true;
    const end = () => {
      if (good) this.#busy = false;
      good = false;
    };
    const read = (count: number, position: number) => {
      const bytes = halves.read(count, position);
      // The head is not in flash yet.
      if (position < HEAD_BYTES) new Uint8Array(bytes).set(head.subarray(position, position + count));
      return bytes;
    };
    return {
      abort: end,
      write: (bytes, from, to) => {
        if (!good || at + to - from > byteLength) return false;
        let next = from;
        while (next < to && at < HEAD_BYTES) head[at++] = bytes[next++] as number;
        const count = to - next;
        if (count > 0 && !attempt(() => halves.write(bytes.subarray(next, to), at))) return false;
        at += count;
        return true;
      },
      complete: () => {
        const whole = good && at === byteLength && isWhole(read, byteLength, this.#createMd5());
        const written = whole && attempt(() => halves.write(head, 0));
        end();
        return written;
      },
    };
  }
}

/** The two halves of the partition. All calls throw when the flash refuses. */
class Halves {
  readonly capacityBytes: number;
  readonly #partition: PartitionIo;
  readonly #blockBytes: number;
  /** A multiple of the block size. */
  readonly #halfBytes: number;

  constructor(partition: PartitionIo) {
    const { size, blockLength } = partition.status();
    this.#partition = partition;
    this.#blockBytes = blockLength;
    this.#halfBytes = Math.floor(size / blockLength / 2) * blockLength;
    this.capacityBytes = this.#halfBytes - COPY_AT;
  }

  settle(): boolean | undefined {
    const partition = this.#partition;
    const { type, length, isNew } = this.#readCopy();
    const isArchive = type === ARCHIVE && length > HEAD_BYTES && length <= this.capacityBytes;
    const isWanted = isNew || (isArchive && (this.#readPlace().type === ERASED || this.#isTorn(length)));
    if (!isWanted || (!isArchive && type !== REMOVAL_TYPE)) return undefined;
    partition.eraseBlock(0, isArchive ? Math.ceil(length / this.#blockBytes) : 1);
    if (!isArchive) {
      partition.eraseBlock(this.#halfBytes / this.#blockBytes);
      return true;
    }
    for (let at = HEAD_BYTES; at < length; at += PIECE_BYTES) this.#settlePiece(at, Math.min(PIECE_BYTES, length - at));
    this.#settlePiece(0, HEAD_BYTES);
    partition.write(SETTLED, this.#halfBytes);
    // Reads back, because a flash that stores nothing would otherwise cause endless restarts.
    return this.#readPlace().type === ARCHIVE && !this.#readCopy().isNew && !this.#isTorn(length);
  }

  isInstalled(): boolean {
    const copy = this.#readCopy();
    const { type } = this.#readPlace();
    if (copy.isNew && copy.type === REMOVAL_TYPE) return false;
    return type === ARCHIVE || (copy.type === ARCHIVE && (copy.isNew || type === ERASED));
  }

  /** Erases the copy, the first block first. False: an archive that was flashed by cable needs more than its half. */
  makeRoom(byteLength: number): boolean {
    const place = this.#readPlace();
    if (place.type === ARCHIVE && place.length > this.#halfBytes) return false;
    const first = this.#halfBytes / this.#blockBytes;
    this.#partition.eraseBlock(first, first + Math.ceil((COPY_AT + byteLength) / this.#blockBytes));
    return true;
  }

  /** Reads from the copy. */
  read(byteLength: number, position: number): ArrayBuffer {
    return this.#partition.read(byteLength, this.#halfBytes + COPY_AT + position);
  }

  write(bytes: Uint8Array, position: number): true {
    this.#partition.write(bytes, this.#halfBytes + COPY_AT + position);
    return true;
  }

  /** Whether the archive of this copy has a block without its end: the power was cut while XS wrote the block. */
  #isTorn(length: number): boolean {
    const partition = this.#partition;
    if (!isSame(partition.read(IDENTITY_BYTES, 0), this.read(IDENTITY_BYTES, 0))) return false;
    for (let from = 0; from < length; from += this.#blockBytes) {
      const at = Math.max(0, Math.min(from + this.#blockBytes, length) - TAIL_BYTES);
      if (isErased(partition.read(TAIL_BYTES, at)) && !isErased(this.read(TAIL_BYTES, at))) return true;
    }
    return false;
  }

  #settlePiece(at: number, byteLength: number): void {
    this.#partition.write(new Uint8Array(this.read(byteLength, at)), at);
  }

  #readPlace() {
    const head = new DataView(this.#partition.read(HEAD_BYTES, 0));
    return { length: head.getUint32(0), type: head.getUint32(4) };
  }

  #readCopy() {
    const head = new DataView(this.#partition.read(COPY_AT + HEAD_BYTES, this.#halfBytes));
    const isNew = head.getUint32(0) === NEW;
    return { isNew, length: head.getUint32(COPY_AT), type: head.getUint32(COPY_AT + 4) };
  }
}

function isErased(bytes: ArrayBuffer): boolean {
  return new Uint8Array(bytes).every((byte) => byte === 0xff);
}

function attempt(act: () => boolean): boolean {
  try {
    return act();
  } catch {
    return false;
  }
}
