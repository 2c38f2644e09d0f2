// SPDX-License-Identifier: Apache-2.0

import { checkRange } from '../common/checks.ts';
import type { ByteStream, StreamHandler } from '../hal.ts';
import { ERROR_KINDS, Op } from './protocol.ts';

export interface StreamOwner {
  release(stream: XsStream): void;
}

/** One connection of the parent. Received bytes wait outside the heap, as in the buffers of lwIP. */
export class XsStream implements ByteStream {
  readonly id: number;
  readonly #handler: StreamHandler;
  readonly #network: StreamOwner;
  #writableBytes = 0;
  #closed = false;

  constructor(id: number, handler: StreamHandler, network: StreamOwner) {
    this.id = id;
    this.#handler = handler;
    this.#network = network;
  }

  read(into: Uint8Array, from: number, to: number): number {
    checkRange(into, from, to);
    return this.#closed ? 0 : xsHost.read(this.id, into, from, to);
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    checkRange(bytes, from, to);
    const count = Math.min(to - from, this.#writableBytes);
    if (count === 0) return 0;
    this.#writableBytes -= count;
    xsHost.send(Op.StreamWrite, this.id, 0, 0, undefined, bytes, from, from + count);
    return count;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#writableBytes = 0;
    xsHost.close(this.id);
    xsHost.send(Op.StreamClose, this.id, 0);
    this.#network.release(this);
  }

  /** One event of this stream. */
  event(op: number, arg: number): void {
    switch (op) {
      case Op.StreamData:
        this.#handler.onReadable(arg);
        break;
      case Op.StreamWritable:
        this.#writableBytes = arg;
        this.#handler.onWritable(arg);
        break;
      case Op.StreamOpened:
        this.#handler.onOpen();
        break;
      case Op.StreamEnded:
        this.#handler.onEnd();
        break;
      default:
        this.#writableBytes = 0;
        this.#handler.onError(ERROR_KINDS[arg] ?? 'closed', xsHost.text());
    }
  }
}
