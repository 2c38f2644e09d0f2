// SPDX-License-Identifier: Apache-2.0

import type TCP from 'embedded:io/socket/tcp';

/** Length of the longest view, as a power of 2. */
const LONGEST = 9;

/**
 * One buffer, seen through views of 512, 256, … and 1 byte. A board's socket throws when a view is longer than the
 * waiting bytes, and writes all of a view. With these views, any number of bytes passes without a new view.
 */
export class Views {
  /** The view of `1 << power` bytes at index `power`. */
  readonly #views: Uint8Array[] = [];

  constructor() {
    const { buffer } = new Uint8Array(1 << LONGEST);
    for (let power = 0; power <= LONGEST; power++) this.#views.push(new Uint8Array(buffer, 0, 1 << power));
  }

  /** Fills `[from, to)`; at least that many bytes must wait. */
  read(socket: TCP, into: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; ) {
      const view = this.#fitting(to - at);
      socket.read(view);
      into.set(view, at);
      at += view.length;
    }
  }

  /**
   * Sends `[from, to)`; the socket must have room for it.
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

  /** The longest view of at most `count` bytes. */
  #fitting(count: number): Uint8Array {
    return this.#views[Math.min(LONGEST, 31 - Math.clz32(count))] as Uint8Array;
  }
}

/** On Linux, `write` of a broken socket returns undefined, and inside a callback the socket does not report its end. */
function send(socket: TCP, bytes: Uint8Array): void {
  if (socket.write(bytes) === undefined) throw new Error('the connection is gone');
}
