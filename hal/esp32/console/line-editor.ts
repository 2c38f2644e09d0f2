// SPDX-License-Identifier: Apache-2.0

import { decodeUtf8 } from '../../../src/bytes/text.ts';

/** Room for the longest value with its key. */
const MAX_BYTES = 1100;
const BACKSPACE = 0x08;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const CTRL_C = 0x03;
const CTRL_U = 0x15;
const ESCAPE = 0x1b;
const SPACE = 0x20;
const DELETE = 0x7f;

const Escape = { None: 0, Begun: 1, Sequence: 2 } as const;

export interface LineEditorOptions {
  /** Writes to the terminal, unchanged. */
  write(text: string): void;
  onLine(line: string): void;
  /** Whether the text after `begun` must be hidden. */
  hides(begun: string): boolean;
}

/**
 * Reads lines from the bytes of a terminal: any line end, backspace, Ctrl-C and Ctrl-U to start over. Input is echoed,
 * secrets as stars; a line that is too long is refused as a whole.
 */
export class LineEditor {
  readonly #options: LineEditorOptions;
  #bytes = new Uint8Array(80);
  #end = 0;
  #tooLong = false;
  #wasCr = false;
  #escape: number = Escape.None;
  /** Index from which on input is hidden; -1: nothing is hidden. */
  #hiddenFrom = -1;

  constructor(options: LineEditorOptions) {
    this.#options = options;
  }

  take(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) this.#takeByte(bytes[i] as number);
  }

  #takeByte(byte: number): void {
    const afterCr = this.#wasCr;
    this.#wasCr = byte === CR;
    if (this.#escape !== Escape.None) {
      this.#skip(byte);
    } else if (byte === LF && afterCr) {
      // The second byte of a line end.
    } else if (byte === CR || byte === LF) {
      this.#finish();
    } else if (byte === CTRL_C || byte === CTRL_U) {
      this.#begin();
      this.#options.write('\r\n');
    } else if (byte === BACKSPACE || byte === DELETE) {
      this.#erase();
    } else if (byte === ESCAPE) {
      this.#escape = Escape.Begun;
    } else if (byte >= SPACE || byte === TAB) {
      this.#add(byte === TAB ? SPACE : byte);
    }
  }

  /** Skips escape sequences of keys: ESC [ … up to a letter (ECMA-48 §5.4). */
  #skip(byte: number): void {
    if (this.#escape === Escape.Begun) this.#escape = byte === 0x5b || byte === 0x4f ? Escape.Sequence : Escape.None;
    else if (byte >= 0x40 && byte <= 0x7e) this.#escape = Escape.None;
  }

  #add(byte: number): void {
    if (this.#end === MAX_BYTES) {
      this.#tooLong = true;
      return;
    }
    if (this.#end === this.#bytes.length) this.#grow();
    this.#bytes[this.#end] = byte;
    this.#end += 1;
    // The bytes of a UTF-8 character are echoed together, once the last has come.
    if (this.#hiddenFrom >= 0) this.#options.write('*');
    else if (byte < 0x80) this.#options.write(String.fromCharCode(byte));
    else this.#options.write(this.#isWhole() ? this.#lastCharacter() : '');
    if (this.#hiddenFrom < 0 && (byte === SPACE || byte === 0x3d) && this.#options.hides(this.#text())) {
      this.#hiddenFrom = this.#end;
    }
  }

  #erase(): void {
    if (this.#end === 0) return;
    do this.#end -= 1;
    while (this.#end > 0 && isContinuation(this.#bytes[this.#end] as number));
    if (this.#end < this.#hiddenFrom) this.#hiddenFrom = -1;
    this.#options.write('\b \b');
  }

  #finish(): void {
    const text = this.#text();
    const tooLong = this.#tooLong;
    this.#begin();
    this.#options.write('\r\n');
    if (tooLong) this.#options.write(`a line has at most ${MAX_BYTES} bytes\r\n`);
    this.#options.onLine(tooLong ? '' : text);
  }

  #begin(): void {
    // The line may have held a secret.
    this.#bytes.fill(0);
    this.#end = 0;
    this.#tooLong = false;
    this.#hiddenFrom = -1;
  }

  #grow(): void {
    const larger = new Uint8Array(Math.min(MAX_BYTES, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes.fill(0);
    this.#bytes = larger;
  }

  #text(): string {
    return decodeUtf8(this.#bytes, 0, this.#end);
  }

  #isWhole(): boolean {
    const from = this.#lastStart();
    const first = this.#bytes[from] as number;
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    return this.#end - from === length;
  }

  #lastCharacter(): string {
    return decodeUtf8(this.#bytes, this.#lastStart(), this.#end);
  }

  #lastStart(): number {
    let from = this.#end - 1;
    while (from > 0 && isContinuation(this.#bytes[from] as number)) from -= 1;
    return from;
  }
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
