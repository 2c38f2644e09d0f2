// SPDX-License-Identifier: Apache-2.0
/** The frames of RFC 6455 §5, as a client writes and reads them. */

import { decodeUtf8, equals, utf8 } from '../bytes/text.ts';

export const Opcode = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const;

/** RFC 6455 §7.4.1 */
export const CloseCode = {
  Normal: 1000,
  GoingAway: 1001,
  Protocol: 1002,
  Unsupported: 1003,
  /** The close frame had no code. */
  None: 1005,
  BadText: 1007,
  TooBig: 1009,
} as const;

/** Bytes before the content of a frame: two, two more for a longer length, four for the mask. */
export const FRAME_HEAD_BYTES = 8;

const FINAL = 0x80;
const RESERVED = 0x70;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH = 0x7f;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const CONTROL_MAX_BYTES = 125;
/** The largest frame. Content is not kept, but a frame without end would leave no room for a ping. */
const FRAME_MAX_BYTES = 0xff_ffff;

/** Receives what the server sends. */
export interface FrameHandler {
  /** Part of the content of a message: `[from, to)` of the buffer, until this returns. */
  onData(bytes: Uint8Array, from: number, to: number): void;
  onPing(content: Uint8Array): void;
  /** The server has closed the WebSocket; called last. */
  onClose(code: number): void;
}

/**
 * Makes the content in `out[FRAME_HEAD_BYTES, end)` a whole frame, masked (RFC 6455 §5.3); returns where the frame
 * begins.
 * @param fillRandom fills with bytes that nobody can guess (§10.3)
 */
export function sealFrame(
  out: Uint8Array,
  end: number,
  opcode: number,
  fillRandom: (into: Uint8Array) => void,
): number {
  const length = end - FRAME_HEAD_BYTES;
  const from = length < LENGTH_16 ? 2 : 0;
  out[from] = FINAL | opcode;
  out[from + 1] = MASKED | (length < LENGTH_16 ? length : LENGTH_16);
  if (from === 0) {
    out[2] = length >> 8;
    out[3] = length & 0xff;
  }
  const mask = out.subarray(4, FRAME_HEAD_BYTES);
  fillRandom(mask);
  for (let i = 0; i < length; i++)
    out[FRAME_HEAD_BYTES + i] = (out[FRAME_HEAD_BYTES + i] as number) ^ (mask[i & 3] as number);
  return from;
}

/**
 * Reads the frames of a server from its bytes, in pieces of any size. Keeps only the head of a frame and the content of
 * a control frame. A violation ends it: `error` says which and names the clause, `code` is the close code for the
 * server.
 */
export class FrameReader {
  /** Empty while there is no error. */
  error = '';
  code: number = CloseCode.Normal;
  readonly #handler: FrameHandler;
  readonly #head = new Uint8Array(10);
  #headEnd = 0;
  #headBytes = 2;
  /** Bytes left of the content of the current frame. */
  #left = 0;
  readonly #control = new Uint8Array(CONTROL_MAX_BYTES);
  #controlEnd = 0;
  /** The message continues in another frame. */
  #isFragmented = false;
  #isOver = false;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  feed(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to && !this.#isOver) {
      if (this.#headEnd < this.#headBytes) {
        this.#head[this.#headEnd++] = bytes[at++] as number;
        if (this.#headEnd === this.#headBytes) this.begin();
      } else {
        const end = Math.min(to, at + this.#left);
        this.#left -= end - at;
        this.take(bytes, at, end);
        at = end;
        if (this.#left === 0) this.finish();
      }
    }
  }

  private get opcode(): number {
    return this.byte(0) & OPCODE;
  }

  /** RFC 6455 §5.5: the opcodes with the highest bit. */
  private get isControl(): boolean {
    return this.opcode >= Opcode.Close;
  }

  private byte(at: number): number {
    return this.#head[at] as number;
  }

  /** The head has as many bytes as are known to be needed. */
  private begin(): void {
    if (this.#headBytes === 2) {
      const length = this.byte(1) & LENGTH;
      if (this.isWrong(length)) return;
      if (length === LENGTH_16) this.#headBytes = 4;
      else if (length === LENGTH_64) this.#headBytes = 10;
      else this.expect(length);
    } else if (this.#headBytes === 4) {
      const length = this.byte(2) * 256 + this.byte(3);
      if (length < LENGTH_16) this.fail(CloseCode.Protocol, 'a padded length (RFC 6455 §5.2)');
      else this.expect(length);
    } else {
      let length = 0;
      for (let i = 2; i < 10; i++) length = length * 256 + this.byte(i);
      if (length < 65_536) this.fail(CloseCode.Protocol, 'a padded length (RFC 6455 §5.2)');
      else if (length > FRAME_MAX_BYTES) this.fail(CloseCode.TooBig, `a frame of more than ${FRAME_MAX_BYTES} bytes`);
      else this.expect(length);
    }
  }

  private isWrong(length: number): boolean {
    const isFinal = (this.byte(0) & FINAL) !== 0;
    const { opcode } = this;
    const isKnown = opcode <= Opcode.Binary || (opcode >= Opcode.Close && opcode <= Opcode.Pong);
    if ((this.byte(0) & RESERVED) !== 0) this.fail(CloseCode.Protocol, 'a reserved bit (RFC 6455 §5.2)');
    else if ((this.byte(1) & MASKED) !== 0) this.fail(CloseCode.Protocol, 'a masked frame of a server (RFC 6455 §5.1)');
    else if (!isKnown) this.fail(CloseCode.Protocol, `the reserved opcode ${opcode} (RFC 6455 §5.2)`);
    else if (this.isControl && (!isFinal || length > CONTROL_MAX_BYTES))
      this.fail(CloseCode.Protocol, 'a control frame in parts, or of more than 125 bytes (RFC 6455 §5.5)');
    else if (opcode === Opcode.Text) this.fail(CloseCode.Unsupported, 'a text message instead of bytes');
    else if (!this.isControl && (opcode === Opcode.Continuation) !== this.#isFragmented)
      this.fail(CloseCode.Protocol, 'a part of no message, or a message within another (RFC 6455 §5.4)');
    return this.#isOver;
  }

  private expect(length: number): void {
    this.#left = length;
    this.#controlEnd = 0;
    if (length === 0) this.finish();
  }

  private take(bytes: Uint8Array, from: number, to: number): void {
    if (!this.isControl) this.#handler.onData(bytes, from, to);
    else for (let i = from; i < to; i++) this.#control[this.#controlEnd++] = bytes[i] as number;
  }

  private finish(): void {
    const { opcode } = this;
    if (!this.isControl) this.#isFragmented = (this.byte(0) & FINAL) === 0;
    this.#headEnd = 0;
    this.#headBytes = 2;
    if (opcode === Opcode.Ping) this.#handler.onPing(this.#control.slice(0, this.#controlEnd));
    else if (opcode === Opcode.Close) this.close();
  }

  /** RFC 6455 §5.5.1, §7.4 */
  private close(): void {
    const control = this.#control;
    const end = this.#controlEnd;
    const code = end === 0 ? CloseCode.None : (control[0] as number) * 256 + (control[1] as number);
    if (end === 1 || (end > 0 && !isCode(code))) {
      this.fail(CloseCode.Protocol, 'a close with an invalid status code (RFC 6455 §7.4)');
    } else if (end > 2 && !equals(control, 2, end, utf8(decodeUtf8(control, 2, end)))) {
      this.fail(CloseCode.BadText, 'a reason that is not UTF-8 (RFC 6455 §5.5.1)');
    } else {
      this.#isOver = true;
      this.#handler.onClose(code);
    }
  }

  private fail(code: number, error: string): void {
    this.#isOver = true;
    this.code = code;
    this.error = error;
  }
}

/** RFC 6455 §7.4.1, §7.4.2: the codes that may be sent. */
function isCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}
