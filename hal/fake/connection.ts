// SPDX-License-Identifier: Apache-2.0

import { type Carrier, WindowedStream } from '../common/stream.ts';
import type { NetworkErrorKind, StreamHandler, Target } from '../hal.ts';
import type { VirtualTime } from './time.ts';

export interface FakeConnectionOptions {
  time: VirtualTime;
  /** Latency, window and splitting are read when they are needed. */
  network: { readonly latencyMs: number; readonly windowBytes: number; readonly split: (length: number) => number };
  target: Target;
  handler: StreamHandler;
  onRelease(): void;
}

/** The other side of a connection, for a test or a server core. */
export interface FakePeer {
  /** The target of the device: host, port, TLS resources. */
  readonly target: Target;
  /** False once either side has ended it, or the device is gone. */
  readonly connected: boolean;
  /** Called with bytes of the device, each exactly once and in order. Set it before time passes. */
  onData: (bytes: Uint8Array) => void;
  /**
   * Called when the device has closed, or the link is gone. Not called after `reset()`, nor for a device without power.
   */
  onClose: () => void;
  /** Queues bytes; they arrive in pieces of the network's `split`. */
  send(bytes: Uint8Array): void;
  /** Closes in order, after the bytes that were sent. */
  end(): void;
  /** Breaks the connection off; bytes that have not arrived are lost. */
  reset(): void;
  /** Takes no more bytes until `resume()`: the device fills its window and waits. */
  pause(): void;
  resume(): void;
  /** From now on nothing arrives on either side and no callback is called: a dead link. */
  vanish(): void;
}

/** Both ends of a connection in virtual time. */
export class FakeConnection implements Carrier {
  readonly stream: WindowedStream;
  readonly peer: FakePeer;
  readonly #options: FakeConnectionOptions;
  #state: 'opening' | 'open' | 'gone' = 'opening';
  /** State of the other side: `ended` after `end()`, `broken` after `reset()`. */
  #peerState: 'open' | 'ended' | 'broken' = 'open';
  /** Bytes on their way to the device. */
  readonly #toDevice: Uint8Array[] = [];
  #delivering = false;
  /** Bytes that the peer has not taken yet. */
  readonly #toPeer: Uint8Array[] = [];
  #paused = false;

  constructor(options: FakeConnectionOptions) {
    this.#options = options;
    this.stream = new WindowedStream(this, options.handler, options.network.windowBytes);
    this.peer = this.#createPeer();
  }

  /** Opens the connection; false when the device has closed it meanwhile. */
  open(): boolean {
    if (this.#state !== 'opening') return false;
    this.#state = 'open';
    // In an event of its own, so that the server has set its handlers.
    this.#later(0, () => this.stream.opened());
    return true;
  }

  fail(kind: NetworkErrorKind, detail: string): void {
    if (this.#state === 'gone') return;
    const { time, network } = this.#options;
    if (this.#state === 'open') time.schedule(network.latencyMs, () => this.#tellPeer());
    this.#state = 'gone';
    this.stream.failed(kind, detail);
  }

  failAfter(delayMs: number, kind: NetworkErrorKind, detail: string): void {
    this.#options.time.schedule(delayMs, () => this.fail(kind, detail));
  }

  vanish(): void {
    this.#state = 'gone';
  }

  transmit(bytes: Uint8Array): void {
    this.#later(this.#options.network.latencyMs, () => {
      this.#toPeer.push(bytes);
      if (!this.#paused) this.#giveToPeer();
    });
  }

  resume(): void {
    this.#deliverAfter(0);
  }

  release(): void {
    this.#options.onRelease();
    if (this.#state === 'opening') this.#state = 'gone';
    // Bytes written before the close still arrive: they were sent earlier, with the same latency.
    this.#later(this.#options.network.latencyMs, () => {
      this.#state = 'gone';
      this.#tellPeer();
    });
  }

  #createPeer(): FakePeer {
    const connected = () => this.#state === 'open' && this.#peerState === 'open';
    return {
      target: this.#options.target,
      get connected() {
        return connected();
      },
      onData: () => {},
      onClose: () => {},
      send: (bytes) => this.#send(bytes),
      end: () => this.#end(),
      reset: () => this.#reset(),
      pause: () => {
        this.#paused = true;
      },
      resume: () => {
        this.#paused = false;
        this.#giveToPeer();
      },
      vanish: () => this.vanish(),
    };
  }

  /** Runs `act` after `delayMs` unless the connection is gone by then. */
  #later(delayMs: number, act: () => void): void {
    this.#options.time.schedule(delayMs, () => {
      if (this.#state === 'open') act();
    });
  }

  #giveToPeer(): void {
    for (let bytes = this.#toPeer.shift(); bytes; bytes = this.#toPeer.shift()) {
      const { length } = bytes;
      this.#later(this.#options.network.latencyMs, () => this.stream.sent(length));
      this.peer.onData(bytes);
      if (this.#paused) return;
    }
  }

  #send(bytes: Uint8Array): void {
    if (!this.peer.connected) return;
    const copy = new Uint8Array(bytes);
    for (let at = 0; at < copy.length; ) {
      const size = Math.max(1, this.#options.network.split(copy.length - at));
      this.#toDevice.push(copy.subarray(at, at + size));
      at += size;
    }
    this.#deliverAfter(this.#options.network.latencyMs);
  }

  #end(): void {
    if (!this.peer.connected) return;
    this.#peerState = 'ended';
    this.#deliverAfter(this.#options.network.latencyMs);
  }

  #reset(): void {
    this.#peerState = 'broken';
    this.#toDevice.length = 0;
    this.#later(this.#options.network.latencyMs, () => this.fail('reset', 'the other side broke the connection off'));
  }

  #tellPeer(): void {
    if (this.#peerState !== 'broken') this.peer.onClose();
  }

  #deliverAfter(delayMs: number): void {
    if (this.#delivering || !this.#canDeliver()) return;
    this.#delivering = true;
    this.#later(delayMs, () => {
      this.#delivering = false;
      this.#deliver();
      this.#deliverAfter(0);
    });
  }

  /** False also while the window is full: `resume` tries again. */
  #canDeliver(): boolean {
    if (!this.stream.live) return false;
    return this.#toDevice.length > 0 ? this.stream.roomBytes > 0 : this.#peerState === 'ended';
  }

  /** One event: a piece as far as the window has room, or the end. */
  #deliver(): void {
    const piece = this.#toDevice.shift();
    if (piece) {
      const room = Math.min(this.stream.roomBytes, piece.length);
      if (room < piece.length) this.#toDevice.unshift(piece.subarray(room));
      this.stream.received(piece.subarray(0, room));
    } else if (this.#peerState === 'ended') this.stream.ended();
  }
}
