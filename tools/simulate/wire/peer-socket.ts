// SPDX-License-Identifier: Apache-2.0
/** The server side of a WebSocket on a fake connection. It is as strict as a server may be (RFC 6455 §5). */

import type { FakePeer } from '../../../hal/fake/connection.ts';
import type { Socket, SocketListener } from '../../platform/model.ts';

export interface PeerSocketOptions {
  readonly peer: FakePeer;
  readonly accept: (socket: Socket) => SocketListener;
  /** Called with the error and its clause; nothing more is read. */
  onMalformed(what: string): void;
}

const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

export class PeerSocket implements Socket {
  readonly #options: PeerSocketOptions;
  readonly #listener: SocketListener;
  #waiting: Buffer = Buffer.alloc(0);
  /** A message is being delivered; further bytes wait. */
  #isHeld = false;
  #isClosing = false;
  #isOver = false;

  constructor(options: PeerSocketOptions) {
    this.#options = options;
    this.#listener = options.accept(this);
  }

  // Methods of Socket.

  send(bytes: Uint8Array, onSent: () => void): void {
    this.#write(BINARY, bytes);
    onSent();
  }

  close(code: number, reason: string): void {
    if (this.#isClosing || this.#isOver) return;
    this.#isClosing = true;
    this.#write(CLOSE, Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]));
  }

  // Called by the connection.

  feed(bytes: Uint8Array): void {
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    this.#read();
  }

  closed(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onClose();
  }

  #read(): void {
    while (!this.#isOver && !this.#isHeld && this.#take());
  }

  /** Reads one frame; false: none is complete. */
  #take(): boolean {
    const bytes = this.#waiting;
    if (bytes.length < 2) return false;
    const first = bytes.readUInt8(0);
    const second = bytes.readUInt8(1);
    const opcode = first & 0x0f;
    if ((first & 0xf0) !== 0x80 || (second & 0x80) === 0 || ![BINARY, CLOSE, PING, PONG].includes(opcode))
      return this.#fail(`a frame that begins with ${bytes.toString('hex', 0, 2)}`);
    const short = second & 0x7f;
    if (short === 127 || (opcode !== BINARY && short > 125)) return this.#fail('a frame that is too long');
    const maskAt = short === 126 ? 4 : 2;
    if (bytes.length < maskAt) return false;
    const length = short === 126 ? bytes.readUInt16BE(2) : short;
    const end = maskAt + 4 + length;
    if (bytes.length < end) return false;
    const content = Buffer.from(bytes.subarray(maskAt + 4, end));
    for (let i = 0; i < length; i++) content[i] = (content[i] as number) ^ (bytes[maskAt + (i & 3)] as number);
    this.#waiting = bytes.subarray(end);
    this.#taken(opcode, content);
    return true;
  }

  #taken(opcode: number, content: Buffer): void {
    if (opcode === BINARY) {
      const { peer } = this.#options;
      this.#isHeld = true;
      peer.pause();
      this.#listener.onMessage(content, () => {
        this.#isHeld = false;
        peer.resume();
        // The recursion is limited by the number of waiting messages.
        this.#read();
      });
    } else if (opcode === PING) {
      this.#write(PONG, content);
    } else if (opcode === CLOSE) {
      if (!this.#isClosing) this.#write(CLOSE, content);
      this.#options.peer.end();
      this.closed();
    }
  }

  #write(opcode: number, content: Uint8Array): void {
    if (this.#isOver) return;
    const { length } = content;
    const head = length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 0xff] : undefined;
    if (head === undefined) throw new RangeError(`a message of ${length} bytes`);
    this.#options.peer.send(Buffer.concat([Buffer.from([0x80 | opcode, ...head]), content]));
  }

  #fail(what: string): false {
    this.#options.onMalformed(what);
    this.#options.peer.end();
    this.closed();
    return false;
  }
}
