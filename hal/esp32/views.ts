// SPDX-License-Identifier: Apache-2.0

import type TCP from 'embedded:io/socket/tcp';

/** Power of the longest view. */
const LONGEST = 9;

/**
 * One buffer, seen through views of 512, 256, … and 1 byte: the socket of a board throws when a view is longer than
 * what waits, and writes all of a view. With these any number of bytes goes through without a new view being made.
 */
export class Views {
  /** By power of 2. */
  readonly #views: Uint8Array[] = [];

  constructor() {
    const { buffer } = new Uint8Array(1 << LONGEST);
    for (let power = 0; power <= LONGEST; power++) this.#views.push(new Uint8Array(buffer, 0, 1 << power));
  }

  /** Fills `[from, to)`; as many bytes must wait. */
  read(socket: TCP, into: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; ) {
      const view = this.#fitting(to - at);
      socket.read(view);
      into.set(view, at);
      at += view.length;
    }
  }

  /**
   * Sends `[from, to)`; there must be room for it.
   * @throws Error when the connection is gone
   */
  write(socket: TCP, bytes: Uint8Array, from: number, to: number): void {
    if (from === 0 && to === bytes.length) {
      if (to > 0) send(socket, bytes);
      return;
    }
    for (let at = from; at < to; ) {
      const view = this.#fitting(to - at);
      for (let i = 0; i < view.length; i++) view[i] = bytes[at + i] as number;
      send(socket, view);
      at += view.length;
    }
  }

  /** The longest of at most `count` bytes. */
  #fitting(count: number): Uint8Array {
    return this.#views[Math.min(LONGEST, 31 - Math.clz32(count))] as Uint8Array;
  }
}

/** On Linux, a socket that cannot write returns nothing and, inside a callback, forgets to tell its end. */
function send(socket: TCP, bytes: Uint8Array): void {
  if (socket.write(bytes) === undefined) throw new Error('the connection is gone');
}
