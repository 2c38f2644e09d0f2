// SPDX-License-Identifier: Apache-2.0

import type { Installation, ModuleSlot } from '../../../hal/hal.ts';
import { Sha256 } from '../../bytes/sha256.ts';
import { type DownloadSink, NOT_MEANT } from '../../transfers/download.ts';

/** Bytes at the beginning of an archive: its length, `XS_A`, and at the end the id of the archive. */
const HEAD_BYTES = 32;
const MAGIC = 'XS_A';
const MAGIC_AT = 4;
const ID_AT = 28;

/** Takes an archive of modules piece by piece: its head is checked before anything is erased. */
export class ModuleSink implements DownloadSink {
  readonly #slot: ModuleSlot;
  readonly #sha256: string;
  readonly #head = new Uint8Array(HEAD_BYTES);
  #taken = 0;
  #totalBytes = -1;
  #left = 0;
  #installation: Installation | undefined;
  #digest = new Sha256();

  /** @param sha256 expected digest, 64 lower-case hexadecimal digits; empty: not checked */
  constructor(slot: ModuleSlot, sha256: string) {
    this.#slot = slot;
    this.#sha256 = sha256;
  }

  /** As in `ModuleSlot.runs`. */
  get id(): string {
    return new DataView(this.#head.buffer).getUint32(ID_AT).toString(16);
  }

  begin(offset: number, totalBytes: number): string | undefined {
    if (offset === 0) this.restart();
    this.#totalBytes = totalBytes;
    return offset === this.#taken ? undefined : 'the download resumes at a wrong place';
  }

  write(bytes: Uint8Array, from: number, to: number): string | undefined {
    let at = from;
    while (this.#taken < HEAD_BYTES && at < to) {
      const error = this.takeHead(bytes[at++] as number);
      if (error !== undefined) return error;
    }
    return at === to ? undefined : this.pass(bytes, at, to);
  }

  /** Checks the complete archive. Undefined: it has the announced length and digest; `install` may follow. */
  check(): string | undefined {
    if (this.#taken < HEAD_BYTES || this.#left > 0) return 'the archive is cut short';
    const isRight = this.#sha256 === '' || this.#digest.hex() === this.#sha256;
    return isRight ? undefined : 'the archive is damaged: its SHA-256 differs';
  }

  /** Makes the archive ready for the next start. False: the board finds it damaged, or the flash refuses. */
  install(): boolean {
    return this.#installation?.complete() === true;
  }

  abort(): void {
    this.#installation?.abort();
    this.#installation = undefined;
  }

  private restart(): void {
    this.abort();
    this.#taken = 0;
    this.#digest = new Sha256();
  }

  private takeHead(byte: number): string | undefined {
    const at = this.#taken++ - MAGIC_AT;
    // No archive has 16 MB, so its first byte is 0. A text is refused at once, however short.
    if (at === -MAGIC_AT && byte !== 0) return NOT_MEANT;
    if (at >= 0 && at < MAGIC.length && byte !== MAGIC.charCodeAt(at)) return NOT_MEANT;
    this.#head[at + MAGIC_AT] = byte;
    return this.#taken === HEAD_BYTES ? this.accept() : undefined;
  }

  private accept(): string | undefined {
    const { capacityBytes } = this.#slot;
    const byteLength = new DataView(this.#head.buffer).getUint32(0);
    const total = this.#totalBytes;
    if (total >= 0 && total !== byteLength) return `the file has ${total} bytes, and its archive says ${byteLength}`;
    if (byteLength > capacityBytes)
      return `the archive has ${byteLength} bytes, and the board has room for ${capacityBytes}`;
    this.#installation = this.#slot.install(byteLength);
    if (this.#installation === undefined) return 'the flash refuses an installation';
    this.#left = byteLength;
    return this.pass(this.#head, 0, HEAD_BYTES);
  }

  private pass(bytes: Uint8Array, from: number, to: number): string | undefined {
    if (bytes !== this.#head) this.#taken += to - from;
    this.#left -= to - from;
    if (this.#left < 0) return 'the file is longer than it says';
    this.#digest.update(bytes, from, to);
    return this.#installation?.write(bytes, from, to) === true ? undefined : 'the flash refuses the archive';
  }
}
