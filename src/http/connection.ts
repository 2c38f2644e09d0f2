// SPDX-License-Identifier: Apache-2.0

import type { ByteStream, NetworkErrorKind, StreamHandler, Target } from '../../hal/hal.ts';
import type { Deadline, DeadlineOwner } from '../timers/timers.ts';
import { DEADLINES } from './exchange.ts';
import { type Failure, failureOf } from './failure.ts';
import type { Transport } from './transport.ts';
import type { Turn, TurnWaiter } from './turn.ts';

/** What is true of a channel; bits, for as many fields would take 16 bytes each, twice. */
export const Is = {
  /** The connection is up. */
  Connected: 1,
  /** It has carried a response. */
  Used: 2,
  /** It has carried an answer that is surely the server's. */
  Trusted: 4,
  // channel.ts
  /** The request is written out and goes, or has gone, to the stream. */
  Prepared: 8,
  /** The stream has taken all of it. */
  Complete: 16,
  /** The stream has taken bytes of this exchange's request, now or at its first try. */
  Sent: 32,
  Answered: 64,
  Repeated: 128,
  /** The deadline is to report that the request cannot be sent. */
  Refused: 256,
  /** The stream has taken what is written out; what is left of the request is poured. */
  Written: 512,
} as const;

export const NO_DETAIL = '';

/**
 * One connection to one target: how it comes up, with a deadline and only while no other one of the transport does, and
 * how it goes down. What its events mean is for `Channel` to say; the event scope is told when each begins and ends.
 */
export abstract class Connection implements StreamHandler, TurnWaiter, DeadlineOwner {
  /** More about how the exchange failed, for a person; empty when there is no more to say. */
  detail = NO_DETAIL;
  protected readonly transport: Transport;
  /** For every deadline, of which there is one at a time. */
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

  /** The present answer is surely that of the server that was meant, and so is whatever else this connection carries. */
  trust(): void {
    this.flags |= Is.Trusted;
  }

  get trusted(): boolean {
    return (this.flags & Is.Trusted) !== 0;
  }

  /** When it is the turn of its handshake it is time to `open`. */
  abstract onTurn(turn: Turn): void;

  abstract onDeadline(): void;

  /** It takes bytes. */
  protected abstract advance(): void;

  /** It has `count` bytes to read. */
  protected abstract receive(count: number): void;

  /** The other side has closed it in order. */
  protected abstract ended(): void;

  /** `lost`: it failed under the request, which may be worth another one. */
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

  /** Comes up now, or when its turn comes; until then there is no deadline but those of the others before it. */
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
