// SPDX-License-Identifier: Apache-2.0

import { checkRange } from '../../common/checks.ts';
import { Esp32Stream } from './stream.ts';

/** A connection over TCP alone. What has come in stays in the socket until it is read: nothing is copied twice. */
export class PlainStream extends Esp32Stream {
  #opened = false;
  #readable = 0;
  #writable = 0;

  protected override get directBytes(): number {
    return this.socket === undefined ? 0 : this.#readable;
  }

  protected override takeDirect(into: Uint8Array, from: number, to: number): void {
    const { socket } = this;
    if (socket === undefined) return;
    this.#readable -= to - from;
    this.owner.views.read(socket, into, from, to);
  }

  protected override drained(): void {}

  override write(bytes: Uint8Array, from: number, to: number): number {
    checkRange(bytes, from, to);
    const { socket } = this;
    const count = Math.min(this.#writable, to - from);
    if (socket === undefined || count === 0) return 0;
    this.#writable -= count;
    try {
      this.owner.views.write(socket, bytes, from, from + count);
    } catch {
      this.#writable = 0;
      this.lostSoon();
      return 0;
    }
    return count;
  }

  protected override socketWritable(count: number): void {
    this.#open();
    if (!this.live || this.#writable > 0 || count <= 0) return;
    this.#writable = count;
    this.announceWritable(count);
  }

  protected override socketReadable(count: number): void {
    this.#open();
    if (!this.live || count <= this.#readable) return;
    this.#readable = count;
    this.announceReadable();
    this.#holdRest();
  }

  protected override socketLost(): void {
    this.#writable = 0;
    // The socket does not say why: an end in order looks the same as a connection that was broken off.
    this.fail('closed', 'the connection is gone; in plain TCP, a board cannot tell why');
  }

  /** Bytes may come before the word that there is a connection. */
  #open(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.opened();
  }

  /** The socket tells its end only when all of it was read. */
  #holdRest(): void {
    if (!this.live || this.directBytes === 0 || !this.mayHold) return;
    const rest = new Uint8Array(this.#readable);
    this.takeDirect(rest, 0, rest.length);
    this.hold(rest);
  }
}
