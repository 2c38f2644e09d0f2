import type { Installation, ModuleSlot } from '../hal.ts';

/** A partition, as the SDK's `embedded:storage/flash` has it. Everything throws when the flash refuses. */
export interface PartitionIo {
  status(): { readonly size: number; readonly blockLength: number };
  eraseBlock(from: number, to?: number): void;
  read(byteLength: number, position: number): ArrayBuffer;
  write(bytes: Uint8Array, position: number): void;
}

/** An archive of XS begins with its length, in bytes with the highest first, and this. */
const MAGIC = 0x58535f41;
const HEAD_BYTES = 8;

/**
 * The partition that XS maps its modules from at a start. The head of an archive is written last: without it there is
 * none, so that a power cut leaves no archive rather than half of one. Whether the code is to be trusted, and for this
 * engine, is to be known before: XS looks at its version only.
 */
export class Esp32Modules implements ModuleSlot {
  readonly capacityBytes: number;
  readonly #partition: PartitionIo;
  readonly #blockBytes: number;
  #busy = false;

  /** @throws Error when it cannot be read */
  constructor(partition: PartitionIo) {
    const { size, blockLength } = partition.status();
    this.#partition = partition;
    this.#blockBytes = blockLength;
    this.capacityBytes = size;
  }

  get installed(): boolean {
    try {
      const head = new DataView(this.#partition.read(HEAD_BYTES, 0));
      const length = head.getUint32(0);
      return head.getUint32(4) === MAGIC && length > HEAD_BYTES && length <= this.capacityBytes;
    } catch {
      return false;
    }
  }

  install(byteLength: number): Installation | undefined {
    if (this.#busy || !(byteLength > HEAD_BYTES && byteLength <= this.capacityBytes)) return undefined;
    if (!this.#erase(Math.ceil(byteLength / this.#blockBytes))) return undefined;
    this.#busy = true;
    return this.#installation(byteLength);
  }

  remove(): boolean {
    return !this.#busy && this.#erase(1);
  }

  #installation(byteLength: number): Installation {
    const head = new Uint8Array(HEAD_BYTES);
    let at = 0;
    let good = true;
    const end = () => {
      if (good) this.#busy = false;
      good = false;
    };
    return {
      abort: end,
      write: (bytes, from, to) => {
        if (!good || at + to - from > byteLength) return false;
        let next = from;
        while (next < to && at < HEAD_BYTES) head[at++] = bytes[next++] as number;
        const count = to - next;
        if (count > 0 && !this.#write(bytes.subarray(next, to), at)) return false;
        at += count;
        return true;
      },
      complete: () => {
        const view = new DataView(head.buffer);
        const whole = good && at === byteLength && view.getUint32(0) === byteLength && view.getUint32(4) === MAGIC;
        const written = whole && this.#write(head, 0);
        end();
        return written;
      },
    };
  }

  #write(bytes: Uint8Array, position: number): boolean {
    try {
      this.#partition.write(bytes, position);
      return true;
    } catch {
      return false;
    }
  }

  /** The first block first: from then on there is no archive. */
  #erase(blocks: number): boolean {
    try {
      this.#partition.eraseBlock(0, blocks);
      return true;
    } catch {
      return false;
    }
  }
}
