// SPDX-License-Identifier: Apache-2.0

import type { Hal, Installation } from '../../../hal/hal.ts';
import { Sha256 } from '../../bytes/sha256.ts';
import { decodeUtf8 } from '../../bytes/text.ts';
import { type DownloadSink, NOT_MEANT } from '../../transfers/download.ts';

/**
 * First line of a firmware file. The lines of `ImageHead` follow in its order, perhaps others, an empty line, and the
 * image.
 */
export const IMAGE_MAGIC = 'fractus firmware 1';
/** Longest head, including its empty line. */
export const IMAGE_HEAD_MAX_BYTES = 1024;

/** The head of a firmware file, which describes its image. */
export interface ImageHead {
  readonly name: string;
  readonly version: string;
  /** Model of the board that the image is for, as in `hal.board.model`. */
  readonly model: string;
  readonly bytes: number;
  /** SHA-256 of the image, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

const LF = 0x0a;

/**
 * Undefined: the text is not a head. Unknown lines are reserved for later; of two with the same name the first one
 * counts.
 */
export function parseImageHead(text: string): ImageHead | undefined {
  const name = lineOf(text, '\nname ');
  const version = lineOf(text, '\nversion ');
  const model = lineOf(text, '\nmodel ');
  const bytes = Number(lineOf(text, '\nbytes ')) | 0;
  const sha256 = lineOf(text, '\nsha256 ');
  const isSound = text.startsWith(`${IMAGE_MAGIC}\n`) && bytes > 0 && sha256.length === 64;
  return isSound && name !== '' && version !== '' && model !== '' ? { name, version, model, bytes, sha256 } : undefined;
}

/** The rest of the line that begins with `start`; empty without such a line. */
function lineOf(text: string, start: string): string {
  const at = text.indexOf(start);
  return at < 0 ? '' : text.slice(at + start.length, text.indexOf('\n', at + 1));
}

/** A further check of the head of a firmware file, given as text: returns the error; undefined: none. */
export type HeadCheck = (head: string, hal: Hal) => string | undefined;

export interface ImageSinkOptions {
  readonly hal: Hal;
  /** Name and version in the operation. */
  readonly name: string;
  readonly version: string;
  readonly headCheck: HeadCheck | undefined;
  /** The reason why the file is not wanted any more; undefined while it is. */
  readonly unwanted: () => string | undefined;
}

/** Takes a firmware file piece by piece: its head is checked before a byte of flash is erased. */
export class ImageSink implements DownloadSink {
  readonly #options: ImageSinkOptions;
  /** Bytes of the file taken so far. */
  #taken = 0;
  readonly #headText = new Uint8Array(IMAGE_HEAD_MAX_BYTES);
  #headBytes = 0;
  #head: ImageHead | undefined;
  #installation: Installation | undefined;
  #digest = new Sha256();
  #left = 0;

  constructor(options: ImageSinkOptions) {
    this.#options = options;
  }

  begin(offset: number): string | undefined {
    if (offset === 0) this.restart();
    return offset === this.#taken ? this.#options.unwanted() : 'the download resumes at a wrong place';
  }

  write(bytes: Uint8Array, from: number, to: number): string | undefined {
    let at = from;
    this.#taken += to - from;
    while (this.#head === undefined && at < to) {
      const error = this.takeHead(bytes[at++] as number);
      if (error !== undefined) return error;
    }
    if (at === to) return this.#options.unwanted();
    this.#left -= to - at;
    if (this.#left < 0) return 'the file is longer than it says';
    this.#digest.update(bytes, at, to);
    if (this.#installation?.write(bytes, at, to) !== true) return 'the flash refuses the image';
    return this.#options.unwanted();
  }

  /** Checks the complete file. Undefined: it is as its head says; `install` may follow. */
  check(): string | undefined {
    if (this.#head === undefined) return 'the file is not a firmware: its head is incomplete';
    if (this.#left > 0) return `the file is cut short: ${this.#left} bytes are missing`;
    return this.#digest.hex() === this.#head.sha256 ? undefined : 'the image is damaged: its SHA-256 differs';
  }

  /** Makes the next start run the image on trial. False: the board refuses it. */
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
    this.#headBytes = 0;
    this.#head = undefined;
    this.#digest = new Sha256();
    this.#left = 0;
  }

  /** Takes one byte of the head; the last one begins the installation. */
  private takeHead(byte: number): string | undefined {
    const text = this.#headText;
    const end = this.#headBytes;
    if (end < IMAGE_MAGIC.length && byte !== IMAGE_MAGIC.charCodeAt(end)) return NOT_MEANT;
    if (end === text.length) return `the head of the file has more than ${IMAGE_HEAD_MAX_BYTES} bytes`;
    text[end] = byte;
    this.#headBytes = end + 1;
    if (byte !== LF || text[end - 1] !== LF) return undefined;
    const { hal, headCheck } = this.#options;
    const whole = decodeUtf8(text, 0, end);
    const head = parseImageHead(whole);
    if (head === undefined) return 'the head of the file is damaged';
    return headCheck?.(whole, hal) ?? this.accept(head);
  }

  private accept(head: ImageHead): string | undefined {
    const { hal, name, version } = this.#options;
    const { board, firmware } = hal;
    const own = board.firmware.name;
    if (head.name !== own) return `the firmware is for the product ${head.name}, not for ${own}`;
    if (head.model !== board.model) return `the firmware is for ${head.model}, not for ${board.model}`;
    if (name !== head.name || version !== head.version) return `the file holds ${head.name} ${head.version}`;
    const capacity = firmware?.capacityBytes ?? 0;
    if (head.bytes > capacity) return `the image has ${head.bytes} bytes, and the board has room for ${capacity}`;
    this.#installation = firmware?.install(head.bytes);
    if (this.#installation === undefined) return 'the flash refuses an installation';
    this.#left = head.bytes;
    this.#head = head;
    return undefined;
  }
}
