// SPDX-License-Identifier: Apache-2.0

import { checkRange } from '../../common/checks.ts';
import { Esp32Stream } from './stream.ts';

/**
 * A connection over plain TCP. Received bytes stay in the socket until they are read, so that nothing is copied twice.
 */
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
    // The socket gives no reason: an orderly end looks the same as a broken connection.
    this.fail('closed', 'the connection is gone; plain TCP gives no reason');
  }

  /** Reports the connection as open, once. The socket may announce bytes before it announces room to write. */
  #open(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.opened();
  }

  /** Keeps the remaining bytes for the handler: the socket reports its end only when all bytes were read. */
  #holdRest(): void {
    if (!this.live || this.directBytes === 0 || !this.mayHold) return;
    const rest = new Uint8Array(this.#readable);
    this.takeDirect(rest, 0, rest.length);
    this.hold(rest);
  }
}
