// SPDX-License-Identifier: Apache-2.0

import type { ByteStream, Network, NetworkErrorKind, StreamHandler, Target } from '../../hal/hal.ts';
import { ERROR_KINDS, LINK_DOWN, Op } from '../../hal/xs/protocol.ts';
import type { EventSink, Request } from './request.ts';

/** The connections of one boot, by the ids that XS has given. */
export class StreamServer {
  readonly #network: Network;
  readonly #event: EventSink;
  readonly #streams = new Map<number, ServedStream>();

  constructor(network: Network, event: EventSink) {
    this.#network = network;
    this.#event = event;
  }

  handle({ op, id, arg, payload }: Request): void {
    // An unknown stream was closed or refused.
    const stream = this.#streams.get(id);
    switch (op) {
      case Op.StreamConnect:
        this.#connect(id, arg, JSON.parse(payload.toString()));
        break;
      case Op.StreamWrite:
        stream?.write(payload);
        break;
      case Op.StreamCredit:
        stream?.credit(arg);
        break;
      case Op.StreamClose:
        this.#streams.delete(id);
        stream?.close();
        break;
      default:
        throw new RangeError(`xs: unknown operation ${op}`);
    }
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }

  #connect(id: number, windowBytes: number, target: Target): void {
    if (windowBytes === LINK_DOWN) {
      this.#refuse(id, 'unreachable', 'the link is down');
      return;
    }
    if (windowBytes === 0) {
      this.#refuse(id, 'no-memory', 'the board has no room for another connection');
      return;
    }
    const stream = new ServedStream(windowBytes, (op, arg, payload) => this.#event(op, id, arg, payload));
    this.#streams.set(id, stream);
    stream.connect(this.#network, target);
  }

  #refuse(id: number, kind: NetworkErrorKind, detail: string): void {
    this.#event(Op.StreamFailed, id, ERROR_KINDS.indexOf(kind), Buffer.from(detail));
  }
}

/**
 * One connection. It reads only as many bytes as XS has room for; the rest stays in TCP, which slows the sender. An
 * orderly end is reported after the last byte.
 */
class ServedStream implements StreamHandler {
  readonly #event: (op: number, arg: number, payload?: Uint8Array) => void;
  #stream: ByteStream | undefined;
  #creditBytes: number;
  #waitingBytes = 0;
  #ended = false;

  constructor(windowBytes: number, event: (op: number, arg: number, payload?: Uint8Array) => void) {
    this.#creditBytes = windowBytes;
    this.#event = event;
  }

  connect(network: Network, target: Target): void {
    this.#stream = network.connect(target, this);
  }

  close(): void {
    this.#stream?.close();
  }

  write(bytes: Uint8Array): void {
    // XS never writes more than was announced, so all of it is taken.
    this.#stream?.write(bytes, 0, bytes.length);
  }

  credit(bytes: number): void {
    this.#creditBytes += bytes;
    this.#pump();
  }

  onOpen(): void {
    this.#event(Op.StreamOpened, 0);
  }

  onReadable(count: number): void {
    this.#waitingBytes = count;
    this.#pump();
  }

  onWritable(count: number): void {
    this.#event(Op.StreamWritable, count);
  }

  onEnd(): void {
    this.#ended = true;
    this.#pump();
  }

  onError(kind: NetworkErrorKind, detail: string): void {
    this.#event(Op.StreamFailed, ERROR_KINDS.indexOf(kind), Buffer.from(detail));
  }

  #pump(): void {
    const room = Math.min(this.#creditBytes, this.#waitingBytes);
    if (room > 0) {
      const bytes = new Uint8Array(room);
      const count = this.#stream?.read(bytes, 0, room) ?? 0;
      this.#creditBytes -= count;
      this.#waitingBytes -= count;
      if (count > 0) this.#event(Op.StreamData, 0, bytes.subarray(0, count));
    }
    if (this.#ended && this.#waitingBytes === 0) {
      this.#ended = false;
      this.#event(Op.StreamEnded, 0);
    }
  }
}
