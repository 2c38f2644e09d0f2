import TCP from 'embedded:io/socket/tcp';
import { checkRange } from '../common/checks.ts';
import type { ByteStream, NetworkErrorKind, StreamHandler, Target } from '../hal.ts';
import type { Views } from './views.ts';

/** What a stream needs of its network. */
export interface StreamOwner {
  readonly views: Views;
  resolve(host: string, onResolved: (address: string | undefined) => void): void;
  /** Calls `act` in an event of its own. */
  soon(act: () => void): void;
  /** Told what a handler has thrown. */
  onThrown(error: unknown): void;
  release(stream: Esp32Stream): void;
}

/** Numbers, because a text in a call can cost memory. */
const SocketEvent = { Readable: 0, Writable: 1, Lost: 2 } as const;
type SocketEvent = (typeof SocketEvent)[keyof typeof SocketEvent];

/** What is kept of bytes that nobody reads; the rest waits in the socket. */
const HELD_MAX_BYTES = 4096;

/**
 * What plain and secure connections have in common: how they come up and end, and what has been announced to the
 * handler. Each callback of the socket comes in through a guard, because what is thrown out of one ends the machine.
 */
export abstract class Esp32Stream implements ByteStream {
  protected readonly owner: StreamOwner;
  protected readonly target: Target;
  protected socket: TCP<Esp32Stream> | undefined;
  /** undefined once nothing may be told any more. */
  #handler: StreamHandler | undefined;
  #closed = false;
  /** Bytes that have left the socket and that nobody has read; they come before those in the socket. */
  #held: Uint8Array | undefined;
  #heldAt = 0;

  constructor(owner: StreamOwner, target: Target, handler: StreamHandler) {
    this.owner = owner;
    this.target = target;
    this.#handler = handler;
  }

  /** Bytes of the socket that may be read, or undefined when they do not go to the reader as they are. */
  protected abstract get directBytes(): number;
  protected abstract takeDirect(into: Uint8Array, from: number, to: number): void;
  /** The socket has room for `count` bytes; the first time, it is connected. */
  protected abstract socketWritable(count: number): void;
  /** `count` bytes wait in the socket, all told. */
  protected abstract socketReadable(count: number): void;
  protected abstract socketLost(): void;
  /** The handler has read. */
  protected abstract drained(): void;
  /** The socket was given up; this may be said more than once. */
  protected released(): void {}
  abstract write(bytes: Uint8Array, from: number, to: number): number;

  /** True until the end, a failure or `close()`. */
  protected get live(): boolean {
    return this.#handler !== undefined;
  }

  /** Bytes that the handler may read, all told. */
  protected get waitingBytes(): number {
    return this.directBytes + this.heldBytes;
  }

  protected get heldBytes(): number {
    return this.#held === undefined ? 0 : this.#held.length - this.#heldAt;
  }

  /** There is room for what comes next. */
  protected get mayHold(): boolean {
    return this.heldBytes < HELD_MAX_BYTES;
  }

  /** Begins; all that becomes of it is told later. */
  open(): void {
    const { host } = this.target;
    if (isAddress(host)) this.owner.soon(() => this.#connect(host));
    else this.owner.resolve(host, (address) => this.#connect(address));
  }

  /** From the network: it cannot come up, or has gone with its link. */
  fail(kind: NetworkErrorKind, detail: string): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#release();
    if (handler === undefined) return;
    try {
      handler.onError(kind, detail);
    } catch (error) {
      this.owner.onThrown(error);
    }
  }

  read(into: Uint8Array, from: number, to: number): number {
    checkRange(into, from, to);
    if (this.#closed) return 0;
    let at = this.#takeHeld(into, from, to);
    const count = Math.min(to - at, this.directBytes);
    if (count > 0) {
      this.takeDirect(into, at, at + count);
      at += count;
    }
    if (at > from) this.drained();
    return at - from;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handler = undefined;
    this.#held = undefined;
    this.#release();
  }

  protected opened(): void {
    this.#handler?.onOpen();
  }

  protected announceWritable(count: number): void {
    this.#handler?.onWritable(count);
  }

  protected announceReadable(): void {
    this.#handler?.onReadable(this.waitingBytes);
  }

  protected ended(): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#release();
    handler?.onEnd();
  }

  /** Keeps bytes for the reader. */
  protected hold(bytes: Uint8Array): void {
    const before = this.heldBytes;
    if (before === 0) {
      this.#held = bytes;
    } else {
      const all = new Uint8Array(before + bytes.length);
      this.#takeHeld(all, 0, before);
      all.set(bytes, before);
      this.#held = all;
    }
    this.#heldAt = 0;
  }

  /** The connection is gone, which the socket has not said yet, and may never say. */
  protected lostSoon(): void {
    this.owner.soon(() => this.guard(SocketEvent.Lost, 0));
  }

  /** Enters an event of the socket, whatever it does. */
  guard(event: SocketEvent, count: number): void {
    // On Linux, the socket calls once more after it was closed in a callback.
    if (!this.live) return;
    try {
      if (event === SocketEvent.Readable) this.socketReadable(count);
      else if (event === SocketEvent.Writable) this.socketWritable(count);
      else this.socketLost();
    } catch (error) {
      this.owner.onThrown(error);
      this.fail('closed', 'the connection was given up after a mistake in the program');
    }
  }

  #takeHeld(into: Uint8Array, from: number, to: number): number {
    const held = this.#held;
    if (held === undefined) return from;
    const count = Math.min(to - from, held.length - this.#heldAt);
    into.set(held.subarray(this.#heldAt, this.#heldAt + count), from);
    this.#heldAt += count;
    if (this.#heldAt === held.length) this.#held = undefined;
    return from + count;
  }

  #connect(address: string | undefined): void {
    if (!this.live) return;
    if (address === undefined) {
      this.fail('dns', `there is no address of ${this.target.host}`);
      return;
    }
    try {
      this.socket = new TCP<Esp32Stream>({
        address,
        port: this.target.port,
        nodelay: true,
        target: this,
        onReadable,
        onWritable,
        onError,
      });
    } catch (error) {
      const { message } = error as Error;
      const kind = message === 'no memory' || message === 'no socket' ? 'no-memory' : 'unreachable';
      this.fail(kind, `${address}: ${message}`);
    }
  }

  /** The socket is closed once; its own `close` does not mind more. */
  #release(): void {
    this.socket?.close();
    this.socket = undefined;
    this.owner.release(this);
    this.released();
  }
}

// Not closures: these lie in flash, for all sockets.

function onReadable(this: TCP<Esp32Stream>, count: number): void {
  this.target.guard(SocketEvent.Readable, count);
}

function onWritable(this: TCP<Esp32Stream>, count: number): void {
  this.target.guard(SocketEvent.Writable, count);
}

function onError(this: TCP<Esp32Stream>): void {
  this.target.guard(SocketEvent.Lost, 0);
}

function isAddress(host: string): boolean {
  return /^[0-9.]+$/.test(host) || host.includes(':');
}
