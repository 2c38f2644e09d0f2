// SPDX-License-Identifier: Apache-2.0

import type { ByteStream, NetworkErrorKind, StreamHandler } from '../hal.ts';
import { checkRange } from './checks.ts';

/** Carries the bytes of a {@link WindowedStream}. None of these methods calls back before it has returned. */
export interface Carrier {
  /** Sends `bytes`, which it owns from now on, and calls `sent()` when they have left. */
  transmit(bytes: Uint8Array): void;
  /** There is room in the read window again. */
  resume(): void;
  /** Gives the connection up at once. */
  release(): void;
}

/**
 * The rules of a `ByteStream` in one place: windows in both directions, one end, nothing after it. The carrier reports
 * what has happened, always from an event of its own and never from inside a call of the agent.
 */
export class WindowedStream implements ByteStream {
  readonly #carrier: Carrier;
  readonly #windowBytes: number;
  readonly #ring: Uint8Array;
  /** Undefined once nothing may be reported any more. */
  #handler: StreamHandler | undefined;
  #closed = false;
  #readAt = 0;
  #waiting = 0;
  #credit = 0;
  #unsent = 0;

  constructor(carrier: Carrier, handler: StreamHandler, windowBytes: number) {
    this.#carrier = carrier;
    this.#handler = handler;
    this.#windowBytes = windowBytes;
    this.#ring = new Uint8Array(windowBytes);
  }

  /** True until the end, a failure or `close()`. */
  get live(): boolean {
    return this.#handler !== undefined;
  }

  /** Most bytes that `received` takes. */
  get roomBytes(): number {
    return this.#windowBytes - this.#waiting;
  }

  opened(): void {
    this.#handler?.onOpen();
    this.#announceWritable();
  }

  /** Bytes from the other side, no more than `roomBytes`. */
  received(bytes: Uint8Array): void {
    if (!this.#handler) return;
    const at = (this.#readAt + this.#waiting) % this.#windowBytes;
    const first = Math.min(bytes.length, this.#windowBytes - at);
    this.#ring.set(bytes.subarray(0, first), at);
    this.#ring.set(bytes.subarray(first), 0);
    this.#waiting += bytes.length;
    this.#handler.onReadable(this.#waiting);
  }

  /** `count` of the bytes given to `transmit` have left. */
  sent(count: number): void {
    this.#unsent -= count;
    if (this.#unsent === 0 && this.#credit === 0) this.#announceWritable();
  }

  ended(): void {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.onEnd();
  }

  failed(kind: NetworkErrorKind, detail: string): void {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.onError(kind, detail);
  }

  read(into: Uint8Array, from: number, to: number): number {
    checkRange(into, from, to);
    if (this.#closed) return 0;
    const count = Math.min(this.#waiting, to - from);
    if (count === 0) return 0;
    const first = Math.min(count, this.#windowBytes - this.#readAt);
    into.set(this.#ring.subarray(this.#readAt, this.#readAt + first), from);
    into.set(this.#ring.subarray(0, count - first), from + first);
    this.#readAt = (this.#readAt + count) % this.#windowBytes;
    this.#waiting -= count;
    if (this.#handler) this.#carrier.resume();
    return count;
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    checkRange(bytes, from, to);
    if (!this.#handler) return 0;
    const count = Math.min(this.#credit, to - from);
    if (count === 0) return 0;
    this.#credit -= count;
    this.#unsent += count;
    // Not `slice`, which does not copy a Node Buffer.
    this.#carrier.transmit(new Uint8Array(bytes.subarray(from, from + count)));
    return count;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handler = undefined;
    this.#carrier.release();
  }

  #announceWritable(): void {
    if (!this.#handler) return;
    this.#credit = this.#windowBytes;
    this.#handler.onWritable(this.#credit);
  }
}
