import type TCP from 'embedded:io/socket/tcp';
import type { Carrier } from 'ssl/session';
import type { Views } from '../views.ts';

/** A socket as the SDK's session wants it: it writes whenever it likes, also more than there is room for. */
export class SocketCarrier implements Carrier {
  /** Bytes that wait in the socket; the session counts them down. */
  readable = 0;
  /** The session writes here, and does not mean anything by it. */
  writable = 0;
  readonly #socket: TCP;
  readonly #views: Views;
  /** What the socket takes, all told. */
  room = 0;
  #queue: Uint8Array | undefined;

  constructor(socket: TCP, views: Views) {
    this.#socket = socket;
    this.#views = views;
  }

  /** What may be written without waiting. */
  get freeBytes(): number {
    return this.#queue === undefined ? this.room : 0;
  }

  read(into: Uint8Array): void {
    this.#views.read(this.#socket, into, 0, into.length);
  }

  /** Keeps it until `flush`. */
  write(packet: Uint8Array | ArrayBuffer): number {
    const bytes = packet instanceof Uint8Array ? packet : new Uint8Array(packet);
    const queue = this.#queue;
    if (queue === undefined) {
      this.#queue = bytes;
    } else {
      this.#queue = new Uint8Array(queue.length + bytes.length);
      this.#queue.set(queue);
      this.#queue.set(bytes, queue.length);
    }
    return this.room;
  }

  /** Sends what there is room for. */
  flush(): void {
    const queue = this.#queue;
    if (queue === undefined) return;
    const count = Math.min(queue.length, this.room);
    this.room -= count;
    this.#views.write(this.#socket, queue, 0, count);
    this.#queue = count === queue.length ? undefined : queue.subarray(count);
  }
}
