// SPDX-License-Identifier: Apache-2.0

import type TCP from 'embedded:io/socket/tcp';
import { checkRange } from '../../common/checks.ts';
import type { ByteStream, NetworkErrorKind, StreamHandler, Target, Timer } from '../../hal.ts';
import type { Views } from '../views.ts';
import type { AddressUser } from './resolver.ts';

/** The services of the network that a stream uses. */
export interface StreamOwner {
  readonly views: Views;
  /** Finds all addresses of `host` and gives them to `user`. */
  resolve(host: string, user: AddressUser): void;
  /** Drops `user`, which is not called any more. */
  forget(user: AddressUser): void;
  /** A connection to `address` has come up. */
  worked(host: string, address: string): void;
  /** A connection to `address` has failed. */
  failed(host: string, address: string): void;
  /** @throws Error when there is no socket, or no way to `address` */
  openSocket(stream: Esp32Stream, address: string, port: number): TCP<Esp32Stream>;
  createTimer(onTimeout: () => void): Timer;
  /** Calls `act` in an event of its own. */
  soon(act: () => void): void;
  /** Called with errors of the stream's own code, not of a handler. */
  onThrown(error: unknown): void;
  release(stream: Esp32Stream): void;
}

/** Numbers, because a text as an argument can cost memory. */
export const SocketEvent = { Readable: 0, Writable: 1, Lost: 2 } as const;
export type SocketEvent = (typeof SocketEvent)[keyof typeof SocketEvent];

/** Most bytes that are kept for a handler that does not read; further bytes wait in the socket. */
const HELD_MAX_BYTES = 4096;

const NO_ADDRESSES: readonly string[] = [];

/**
 * Time for an address to answer while there is another one: enough for the second try of TCP, 3 s after the first. With
 * a silent DNS (10 s) and a handshake, a second address still fits into the 30 s that the agent waits.
 */
const SHARE_MS = 5000;

/**
 * The common part of plain and secure connections: how they open and end, and the announcements to the handler. Each
 * callback of the socket passes through `guard`, because an error thrown out of it would end the machine.
 *
 * The addresses of the host are tried in turn until TCP is up (RFC 8305 §5, but one at a time: sockets are few). A
 * failure of TLS after that is reported at once: trying another address would hide a server that is misconfigured or
 * not ours. The next connection begins with another address, so that one broken address locks nobody out.
 */
export abstract class Esp32Stream implements ByteStream, AddressUser {
  protected readonly owner: StreamOwner;
  protected readonly target: Target;
  protected socket: TCP<Esp32Stream> | undefined;
  /** Undefined once the handler must not be called any more. */
  #handler: StreamHandler | undefined;
  /** Addresses not tried yet. */
  #addresses = NO_ADDRESSES;
  /** The address of the socket, until the connection comes up or fails. */
  #address: string | undefined;
  /** Limits the time for `#address` while there is another address. */
  #share: Timer | undefined;
  #connected = false;
  #closed = false;
  /** Bytes taken from the socket and not read yet; the handler reads them before those in the socket. */
  #held: Uint8Array | undefined;
  #heldAt = 0;

  constructor(owner: StreamOwner, target: Target, handler: StreamHandler) {
    this.owner = owner;
    this.target = target;
    this.#handler = handler;
  }

  /** Bytes in the socket that the handler may read directly; 0 when bytes need processing first, as in TLS. */
  protected abstract get directBytes(): number;
  protected abstract takeDirect(into: Uint8Array, from: number, to: number): void;
  /**
   * The socket has room for `count` bytes. The first call means that it is connected; `socketReadable` may come before.
   */
  protected abstract socketWritable(count: number): void;
  /** `count` bytes wait in the socket, in total. */
  protected abstract socketReadable(count: number): void;
  /** The socket was connected and has lost its connection. */
  protected abstract socketLost(): void;
  /** The handler has read. */
  protected abstract drained(): void;
  /** The socket was released; may be called more than once. */
  protected released(): void {}
  abstract write(bytes: Uint8Array, from: number, to: number): number;

  /** True until the end, a failure or `close()`. */
  protected get live(): boolean {
    return this.#handler !== undefined;
  }

  /** Bytes that the handler may read, in total. */
  protected get waitingBytes(): number {
    return this.directBytes + this.heldBytes;
  }

  protected get heldBytes(): number {
    return this.#held === undefined ? 0 : this.#held.length - this.#heldAt;
  }

  /** Whether more bytes may be kept. */
  protected get mayHold(): boolean {
    return this.heldBytes < HELD_MAX_BYTES;
  }

  /** Starts to connect; results come later. */
  open(): void {
    this.owner.resolve(this.target.host, this);
  }

  addressed(addresses: readonly string[], trouble: string): void {
    if (!this.live) return;
    this.#addresses = addresses;
    if (addresses.length === 0) this.fail('dns', trouble);
    else this.#connect();
  }

  /** Ends the stream with an error: it cannot open, or its link is down. */
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

  /** Keeps bytes for the handler. */
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

  /** Reports a lost connection, in an event of its own: the socket may never report it. */
  protected lostSoon(): void {
    const { socket } = this;
    if (socket !== undefined) this.owner.soon(() => this.guard(socket, SocketEvent.Lost, 0));
  }

  /** Handles an event of a socket. Catches all errors. */
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
      this.fail('closed', 'closed after an error in the program');
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

  /** Opens a socket to the next address. */
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
      // The address is not at fault.
      this.#address = undefined;
      this.fail('no-memory', `${address}: ${message}`);
    }
  }

  /** Gives up this address and tries the next one; fails when there is none. */
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

  /** Releases socket, query and stream. Safe to call more than once. */
  #release(): void {
    this.#drop();
    this.owner.forget(this);
    this.owner.release(this);
    this.released();
  }
}
