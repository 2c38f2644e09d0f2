// SPDX-License-Identifier: Apache-2.0

import { targetOf } from '../agent/uplink/target.ts';
import { ANSWERED } from '../base/request-line.ts';
import { ascii } from '../bytes/text.ts';
import { CloseCode } from '../http/frames.ts';
import { WebSocketClient, type WebSocketOwner } from '../http/websocket.ts';
import type { Deadline, DeadlineOwner } from '../timers/timers.ts';
import type { SocketBase, Transfer } from '../transfers/transfer.ts';
import { Plug, type PlugOwner } from './plug.ts';

export interface TunnelOptions {
  /** The host to dial, in plain TCP. */
  readonly host: string;
  readonly port: number;
  /** Path to the platform's end, on the tenant's own host. */
  readonly path: string;
  /** Time without a byte in either direction after which it ends. */
  readonly idleMs: number;
  /** Time after which it ends in any case. */
  readonly longestMs: number;
  readonly fillRandom: (into: Uint8Array) => void;
  /** Both ends are connected. */
  onUp(): void;
  /** Called once and last, not within `start` and never after `stop`. @param reason for a person */
  onEnd(reason: string): void;
}

const Phase = { Ready: 0, Dialling: 1, Calling: 2, Up: 3, Lingering: 4, Over: 5 } as const;
type Phase = (typeof Phase)[keyof typeof Phase];

/** Pause between checks whether the tunnel is still used. */
const SUPERVISE_MS = 30_000;
/** Most checks at which the platform's end has been silent, although it was asked. */
const MOST_SILENT_LOOKS = 3;
/** Time for the last bytes to leave, if it is unknown whether they have left. */
const LINGER_MS = 1000;

/**
 * Carries bytes between a host that this device reaches and the platform, in both directions, unchanged. Bytes that one
 * end does not take wait at the other, and slow down their sender. When one end closes, both are closed.
 */
export class Tunnel implements Transfer, DeadlineOwner, PlugOwner, WebSocketOwner {
  /** Bytes from the host, and to it. */
  fromHostBytes = 0;
  toHostBytes = 0;
  readonly #base: SocketBase;
  readonly #options: TunnelOptions;
  readonly #deadline: Deadline;
  readonly #plug: Plug;
  readonly #socket: WebSocketClient;
  #phase: Phase = Phase.Ready;
  /** The reason of its end. */
  #reason = '';
  #upTicks = 0;
  /** Ticks at which a byte was last carried. */
  #busyTicks = 0;
  #heardBytes = 0;
  #silentLooks = 0;

  constructor(base: SocketBase, options: TunnelOptions) {
    const { uplink, timers, config } = base;
    const { host, port, path, fillRandom } = options;
    this.#base = base;
    this.#options = options;
    this.#deadline = timers.create(this);
    const { transport } = uplink;
    this.#plug = new Plug(transport, { host, port }, this);
    const { identity } = uplink.requests;
    const target = targetOf(config.endpoint, { ca: config.ca });
    this.#socket = new WebSocketClient({ transport, target, identity, path: ascii(path), fillRandom, owner: this });
  }

  /** Dials the host first: a host that does not answer costs no connection to the platform. */
  start(): void {
    this.#phase = Phase.Dialling;
    try {
      this.#base.uplink.transfers.enter(this);
      this.#plug.start();
    } catch (error) {
      // The long poll may have made room for a tunnel that does not begin.
      this.#base.panic(error);
    }
  }

  stop(): void {
    if (this.#phase === Phase.Over) return;
    this.#phase = Phase.Over;
    this.#deadline.stop();
    this.#plug.stop();
    this.#socket.stop();
    this.#base.uplink.transfers.leave(this);
  }

  onDeadline(): void {
    if (this.#phase === Phase.Lingering) this.#end();
    else this.#supervise();
  }

  // PlugOwner

  onPlugged(): void {
    this.#phase = Phase.Calling;
    this.#socket.start();
  }

  onWaiting(): void {
    if (this.#phase === Phase.Up) this.#forward();
  }

  onRoom(): void {
    if (this.#phase === Phase.Lingering) this.#end();
    else this.#socket.take();
  }

  onUnplugged(reason: string): void {
    const { host, port } = this.#options;
    this.#reason ||= `${host}:${port}: ${reason}`;
    if (this.#phase === Phase.Up) this.#forward();
    else this.#end();
  }

  // WebSocketOwner

  get roomBytes(): number {
    return this.#plug.isOver ? Number.POSITIVE_INFINITY : this.#plug.roomBytes;
  }

  onUp(): void {
    this.#phase = Phase.Up;
    this.#upTicks = this.#busyTicks = this.#base.timers.ticks();
    this.#deadline.start(SUPERVISE_MS);
    this.#options.onUp();
    // Bytes that the host has sent first, as SSH servers do, have waited until now.
    if (this.#phase === Phase.Up) this.#forward();
  }

  onFree(): void {
    this.#forward();
  }

  onData(bytes: Uint8Array, from: number, to: number): void {
    this.toHostBytes += to - from;
    this.#busyTicks = this.#base.timers.ticks();
    if (!this.#plug.isOver) this.#plug.write(bytes, from, to);
  }

  onOver(reason: string): void {
    this.#reason ||= reason;
    if (this.#phase !== Phase.Up || this.#plug.isOver || !this.#plug.isUnsent) {
      this.#end();
      return;
    }
    this.#phase = Phase.Lingering;
    this.#deadline.start(LINGER_MS);
  }

  #forward(): void {
    const plug = this.#plug;
    const socket = this.#socket;
    while (plug.waitingBytes > 0 && socket.isFree) {
      const count = socket.sendFrom(plug);
      if (count <= 0) break;
      this.fromHostBytes += count;
      this.#busyTicks = this.#base.timers.ticks();
    }
    if (plug.isOver && plug.waitingBytes <= 0 && socket.isFree) socket.close(CloseCode.Normal);
  }

  #supervise(): void {
    const nowTicks = this.#base.timers.ticks();
    const { idleMs, longestMs } = this.#options;
    const socket = this.#socket;
    const isHeard = socket.heardBytes > this.#heardBytes;
    if (isHeard) this.#base.uplink.onTrouble(ANSWERED);
    this.#heardBytes = socket.heardBytes;
    // The silence of the platform counts only if it was read and asked: bytes that wait for room are not read, and a
    // busy socket sends no ping.
    const isAsked = socket.isFree && socket.waitingBytes === 0;
    this.#silentLooks = isHeard || !isAsked ? 0 : this.#silentLooks + 1;
    if (nowTicks - this.#upTicks >= longestMs) this.#close(`it has lasted for ${longestMs / 1000} s`);
    else if (nowTicks - this.#busyTicks >= idleMs) this.#close(`no byte for ${idleMs / 1000} s`);
    else if (this.#silentLooks > MOST_SILENT_LOOKS) this.onOver('the platform is silent');
    else {
      socket.ping();
      this.#deadline.start(SUPERVISE_MS);
    }
  }

  #close(reason: string): void {
    this.#reason = reason;
    this.#plug.stop();
    // A close cannot be sent in the middle of a message.
    if (this.#socket.isFree) this.#socket.close(CloseCode.GoingAway);
    else this.#end();
  }

  #end(): void {
    if (this.#phase === Phase.Over) return;
    this.stop();
    this.#options.onEnd(this.#reason);
  }
}
