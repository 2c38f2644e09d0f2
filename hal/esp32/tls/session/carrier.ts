// SPDX-License-Identifier: Apache-2.0

import type TCP from 'embedded:io/socket/tcp';
import type { Views } from '../../views.ts';
import type { Carrier } from './records.ts';
import { vector } from './vectors.ts';

/** A socket for TLS. It takes any number of bytes at any time, and queues those for which the socket has no room. */
export class SocketCarrier implements Carrier {
  readable = 0;
  readonly #socket: TCP;
  readonly #views: Views;
  /** Bytes that the socket takes, in total. */
  room = 0;
  #queue: Uint8Array | undefined;

  constructor(socket: TCP, views: Views) {
    this.#socket = socket;
    this.#views = views;
  }

  /** Bytes that can be written without queuing. */
  get freeBytes(): number {
    return this.#queue === undefined ? this.room : 0;
  }

  read(into: Uint8Array, from: number, to: number): void {
    this.#views.read(this.#socket, into, from, to);
    this.readable -= to - from;
  }

  write(bytes: Uint8Array): void {
    const queue = this.#queue;
    this.#queue = queue === undefined ? bytes : vector(0, queue, bytes);
  }

  /** Sends as many queued bytes as the socket has room for. */
  flush(): void {
    const queue = this.#queue;
    if (queue === undefined) return;
    const count = Math.min(queue.length, this.room);
    this.room -= count;
    this.#views.write(this.#socket, queue, 0, count);
    this.#queue = count === queue.length ? undefined : queue.subarray(count);
  }
}
