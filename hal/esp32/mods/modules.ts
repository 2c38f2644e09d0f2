// SPDX-License-Identifier: Apache-2.0

import type { Installation, ModuleSlot } from '../../hal.ts';
import { ARCHIVE, type Digest, HEAD_BYTES, IDENTITY_BYTES, isSame, isWhole, type PartitionIo } from './archive.ts';

/*
 * XS maps an archive from the beginning of the partition at a start, and executes it where it lies: what is there must
 * not change while it runs. So what is installed waits in the second half, behind eight bytes of which the first tell
 * whether it is new, and a start puts it into its place. It stays as a copy, because XS itself writes into the one in
 * its place, and a power cut at that moment may cost it.
 */
const COPY_AT = 8;
const NEW = 0xffff_ffff;
const SETTLED = Uint8Array.of(0, 0, 0, 0);
/** In the place of a copy: what is there is to go. */
const REMOVAL = Uint8Array.of(0, 0, 0, 8, 0x58, 0x53, 0x5f, 0x30); // XS_0
const REMOVAL_TYPE = 0x58535f30;
const ERASED = 0xffff_ffff;
/** Copied at a time. */
const PIECE_BYTES = 512;
/** The end of a block, which XS writes last. */
const TAIL_BYTES = 16;

/**
 * To be called at a start, before anything of an archive is imported. True: what has been installed is in its place
 * after a restart; false: the flash refuses, and nothing may be imported; undefined: there was nothing to do. After a
 * power cut the next start does all of it again.
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
  /** MD5, which is what archives have. */
  createMd5(): Digest;
}

/**
 * The place for an archive. A head is written last: without it there is nothing. What is damaged is not taken; whether
 * it is to be trusted, and for this engine, is to be known before: XS looks at its version, and nobody at its author.
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
      // Which is not there yet.
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

/** Everything throws when the flash refuses. */
class Halves {
  readonly capacityBytes: number;
  readonly #partition: PartitionIo;
  readonly #blockBytes: number;
  /** In whole blocks. */
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
    // Flash that keeps nothing must not make it restart for ever.
    return this.#readPlace().type === ARCHIVE && !this.#readCopy().isNew && !this.#isTorn(length);
  }

  isInstalled(): boolean {
    const copy = this.#readCopy();
    const { type } = this.#readPlace();
    if (copy.isNew && copy.type === REMOVAL_TYPE) return false;
    return type === ARCHIVE || (copy.type === ARCHIVE && (copy.isNew || type === ERASED));
  }

  /** False: an archive that was flashed needs more than its half. From the first block on, there is no copy. */
  makeRoom(byteLength: number): boolean {
    const place = this.#readPlace();
    if (place.type === ARCHIVE && place.length > this.#halfBytes) return false;
    const first = this.#halfBytes / this.#blockBytes;
    this.#partition.eraseBlock(first, first + Math.ceil((COPY_AT + byteLength) / this.#blockBytes));
    return true;
  }

  /** Of the copy. */
  read(byteLength: number, position: number): ArrayBuffer {
    return this.#partition.read(byteLength, this.#halfBytes + COPY_AT + position);
  }

  write(bytes: Uint8Array, position: number): true {
    this.#partition.write(bytes, this.#halfBytes + COPY_AT + position);
    return true;
  }

  /** What the copy is of has a block without its end: the power went while XS wrote it. */
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
