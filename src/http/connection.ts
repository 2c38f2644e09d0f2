// SPDX-License-Identifier: Apache-2.0

import type { ByteStream, NetworkErrorKind, StreamHandler, Target } from '../../hal/hal.ts';
import type { Deadline, DeadlineOwner } from '../timers/timers.ts';
import { DEADLINES } from './exchange.ts';
import { type Failure, failureOf } from './failure.ts';
import type { Transport } from './transport.ts';
import type { Turn, TurnWaiter } from './turn.ts';

/** Flags of a connection. Bits, because as many fields would take 16 bytes each in both channels. */
export const Is = {
  /** The connection is up. */
  Connected: 1,
  /** The connection has carried a response. */
  Used: 2,
  /** The connection has carried an answer that is surely the server's. */
  Trusted: 4,
  // channel.ts
  /** The request is written and goes, or has gone, to the stream. */
  Prepared: 8,
  /** The stream has taken the whole request. */
  Complete: 16,
  /** The stream has taken bytes of this exchange's request, now or at the first try. */
  Sent: 32,
  Answered: 64,
  Repeated: 128,
  /** The deadline reports that the request cannot be sent. */
  Refused: 256,
  /** The stream has taken the written part of the request; the rest is poured. */
  Written: 512,
} as const;

export const NO_DETAIL = '';

/**
 * One connection to one target. It connects with a deadline, and only while no other connection of the transport does.
 * Its subclasses interpret its events; each event enters and leaves the event scope.
 */
export abstract class Connection implements StreamHandler, TurnWaiter, DeadlineOwner {
  /** Detail of the failure of the exchange, for a person; empty when there is none. */
  detail = NO_DETAIL;
  protected readonly transport: Transport;
  /** Used for every deadline; only one runs at a time. */
  protected readonly deadline: Deadline;
  protected stream: ByteStream | undefined;
  /** Bits out of `Is`. */
  protected flags = 0;
  readonly #target: Target;

  constructor(transport: Transport, target: Target) {
    this.transport = transport;
    this.#target = target;
    this.deadline = transport.timers.create(this);
  }

  /** Marks the current answer, and everything else on this connection, as surely from the intended server. */
  trust(): void {
    this.flags |= Is.Trusted;
  }

  get trusted(): boolean {
    return (this.flags & Is.Trusted) !== 0;
  }

  /** A turn has come. If it is the turn of the handshake, the connection calls `open`. */
  abstract onTurn(turn: Turn): void;

  abstract onDeadline(): void;

  /** The stream takes bytes. */
  protected abstract advance(): void;

  /** The stream has `count` bytes to read. */
  protected abstract receive(count: number): void;

  /** The other side has closed the connection in order. */
  protected abstract ended(): void;

  /** `lost`: the connection failed during the request, which may be worth repeating. */
  protected abstract fail(failure: Failure, lost: boolean): void;

  onOpen(): void {
    this.flags = (this.flags & ~(Is.Used | Is.Trusted)) | Is.Connected;
    this.transport.handshakes.leave(this);
  }

  onWritable(): void {
    const { scope } = this.transport.timers;
    scope.enter();
    this.advance();
    scope.leave();
  }

  onReadable(count: number): void {
    const { scope } = this.transport.timers;
    scope.enter();
    this.receive(count);
    scope.leave();
  }

  onEnd(): void {
    const { scope } = this.transport.timers;
    scope.enter();
    this.ended();
    scope.leave();
  }

  onError(kind: NetworkErrorKind, detail: string): void {
    const { scope } = this.transport.timers;
    scope.enter();
    this.detail = detail;
    this.fail(failureOf(kind), true);
    scope.leave();
  }

  /**
   * Opens the connection now, or when its turn comes. Until then only the deadlines of the connections before it run.
   */
  protected connect(): void {
    this.deadline.stop();
    if (this.transport.handshakes.enter(this)) this.open();
  }

  protected open(): void {
    this.deadline.start(DEADLINES.connectMs);
    this.stream = this.transport.network.connect(this.#target, this);
  }

  protected disconnect(): void {
    const stream = this.stream;
    this.stream = undefined;
    this.flags &= ~Is.Connected;
    stream?.close();
    this.transport.handshakes.leave(this);
  }
}
