// SPDX-License-Identifier: Apache-2.0

import type TCP from 'embedded:io/socket/tcp';
import { checkRange } from '../../common/checks.ts';
import type { ByteStream, NetworkErrorKind, StreamHandler, Target, Timer } from '../../hal.ts';
import type { Views } from '../views.ts';
import type { AddressUser } from './resolver.ts';

/** What a stream needs of its network. */
export interface StreamOwner {
  readonly views: Views;
  /** Tells `user` all addresses of `host`. */
  resolve(host: string, user: AddressUser): void;
  /** `user` does not want to know any more. */
  forget(user: AddressUser): void;
  /** A connection has come up there. */
  worked(host: string, address: string): void;
  /** None has. */
  failed(host: string, address: string): void;
  /** @throws Error when there is no socket, or no way to `address` */
  openSocket(stream: Esp32Stream, address: string, port: number): TCP<Esp32Stream>;
  createTimer(onTimeout: () => void): Timer;
  /** Calls `act` in an event of its own. */
  soon(act: () => void): void;
  /** Told what was thrown here, and not by a handler. */
  onThrown(error: unknown): void;
  release(stream: Esp32Stream): void;
}

/** Numbers, because a text in a call can cost memory. */
export const SocketEvent = { Readable: 0, Writable: 1, Lost: 2 } as const;
export type SocketEvent = (typeof SocketEvent)[keyof typeof SocketEvent];

/** What is kept of bytes that nobody reads; the rest waits in the socket. */
const HELD_MAX_BYTES = 4096;

const NO_ADDRESSES: readonly string[] = [];

/**
 * What an address gets to answer while there is another one: time for a second try of TCP, 3 s after the first. With a
 * DNS that is silent (10 s) and a handshake, a second address still fits into the 30 s that the agent waits.
 */
const SHARE_MS = 5000;

/**
 * What plain and secure connections have in common: how they come up and end, and what has been announced to the
 * handler. Each callback of the socket comes in through a guard, because what is thrown out of one ends the machine.
 *
 * The addresses of the host are tried in turn until TCP is up (RFC 8305 §5, but one at a time: sockets are few). What
 * TLS finds wrong after that is told at once: another address that may do would hide a server that is misconfigured or
 * none of ours. The next connection begins with another address, so that one that is ill keeps nobody out.
 */
export abstract class Esp32Stream implements ByteStream, AddressUser {
  protected readonly owner: StreamOwner;
  protected readonly target: Target;
  protected socket: TCP<Esp32Stream> | undefined;
  /** undefined once nothing may be told any more. */
  #handler: StreamHandler | undefined;
  /** Not tried yet. */
  #addresses = NO_ADDRESSES;
  /** Where the socket leads, as long as it is not known whether that is of use. */
  #address: string | undefined;
  /** Of `#address`, while there is another one. */
  #share: Timer | undefined;
  #connected = false;
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
  /** The socket has room for `count` bytes; the first time, it is connected. Bytes may come before. */
  protected abstract socketWritable(count: number): void;
  /** `count` bytes wait in the socket, all told. */
  protected abstract socketReadable(count: number): void;
  /** The socket was connected. */
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
    this.owner.resolve(this.target.host, this);
  }

  addressed(addresses: readonly string[], trouble: string): void {
    if (!this.live) return;
    this.#addresses = addresses;
    if (addresses.length === 0) this.fail('dns', trouble);
    else this.#connect();
  }

  /** From the network: it cannot come up, or has gone with its link. */
  fail(kind: NetworkErrorKind, detail: string): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#release();
    handler?.onError(kind, detail);
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
    if (this.#address !== undefined) this.owner.worked(this.target.host, this.#address);
    this.#address = undefined;
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
    const { socket } = this;
    if (socket !== undefined) this.owner.soon(() => this.guard(socket, SocketEvent.Lost, 0));
  }

  /** Enters an event of a socket, whatever it does. */
  guard(socket: TCP<Esp32Stream>, event: SocketEvent, count: number): void {
    // On Linux, the socket calls once more after it was closed in a callback.
    if (!this.live || socket !== this.socket) return;
    try {
      if (!this.#connected && event === SocketEvent.Lost) {
        this.#next('refused', `${this.target.host}:${this.target.port} takes no connection`);
        return;
      }
      if (!this.#connected) this.#settle();
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

  /** To the next address. */
  #connect(): void {
    const [address, ...others] = this.#addresses;
    if (address === undefined) return;
    this.#addresses = others;
    this.#address = address;
    if (others.length > 0) {
      this.#share ??= this.owner.createTimer(() => this.#next('timeout', ''));
      this.#share.start(SHARE_MS);
    }
    try {
      this.socket = this.owner.openSocket(this, address, this.target.port);
    } catch (error) {
      const { message } = error as Error;
      if (message !== 'no memory' && message !== 'no socket') {
        this.#next('unreachable', `${address}: ${message}`);
        return;
      }
      // Which is not the fault of the address.
      this.#address = undefined;
      this.fail('no-memory', `${address}: ${message}`);
    }
  }

  /** Nothing comes of this address. */
  #next(kind: NetworkErrorKind, detail: string): void {
    if (this.#addresses.length === 0) {
      this.fail(kind, detail);
      return;
    }
    this.#drop();
    this.#connect();
  }

  /** TCP is up. */
  #settle(): void {
    this.#connected = true;
    this.#addresses = NO_ADDRESSES;
    this.#share?.stop();
    this.#share = undefined;
  }

  #drop(): void {
    this.#share?.stop();
    this.socket?.close();
    this.socket = undefined;
    if (this.#address !== undefined) this.owner.failed(this.target.host, this.#address);
    this.#address = undefined;
  }

  /** The socket is closed once; its own `close` does not mind more. */
  #release(): void {
    this.#drop();
    this.owner.forget(this);
    this.owner.release(this);
    this.released();
  }
}
