// SPDX-License-Identifier: Apache-2.0

import type { Target } from '../../hal/hal.ts';
import { Connection, Is, NO_DETAIL } from './connection.ts';
import { DEADLINES, type Exchange } from './exchange.ts';
import { Failure } from './failure.ts';
import type { Identity } from './request.ts';
import { type ResponseHead, ResponseParser, ResponseState } from './response.ts';
import type { Transport } from './transport.ts';
import type { Turn } from './turn.ts';

export interface ChannelOptions {
  readonly transport: Transport;
  readonly target: Target;
  readonly identity: Identity;
}

/**
 * One keep-alive connection to one target, one exchange at a time. It connects when there is something to send, and
 * lets the server close it while it is idle. A request that is lost with a connection that was used before is repeated
 * once on a new connection, if that can do no harm (RFC 9112 §9.3.1). All handlers of an exchange except `write` are
 * called from events of the HAL, never from within `send`.
 */
export class Channel extends Connection {
  /** The identity for the next request. */
  identity: Identity;
  /** Ticks at which the last request was written. */
  startMs = 0;
  readonly #parser = new ResponseParser();
  /**
   * Bytes of an event that the parser has not consumed, the beginning of a line. They go before the bytes of the next
   * one.
   */
  #rest: Uint8Array | undefined;
  #exchange: Exchange | undefined;
  /** Ticks at which bytes were last sent or received. */
  #activeMs = 0;

  constructor({ transport, target, identity }: ChannelOptions) {
    super(transport, target);
    this.identity = identity;
  }

  /** Head of the last response. */
  get head(): ResponseHead {
    return this.#parser.head;
  }

  /** Whether the current request has been written. */
  get written(): boolean {
    return (this.flags & Is.Prepared) !== 0;
  }

  get busy(): boolean {
    return this.#exchange !== undefined;
  }

  /** Starts an exchange. @throws Error when another one is under way, which is a mistake in the program */
  send(exchange: Exchange): void {
    if (this.#exchange !== undefined) throw new Error('channel: an exchange is under way');
    this.#exchange = exchange;
    this.detail = NO_DETAIL;
    this.flags &= ~(Is.Sent | Is.Answered | Is.Repeated);
    if ((this.flags & Is.Connected) === 0) {
      this.connect();
    } else if (!this.begin(exchange)) {
      this.refuse();
    }
  }

  /** Closes the connection and gives up the current exchange: none of its handlers is called again. */
  close(): void {
    this.release();
    this.drop();
  }

  /** Connects or writes, whichever turn has come. */
  override onTurn(turn: Turn): void {
    const exchange = this.#exchange;
    if (turn === this.transport.handshakes) this.open();
    else if (exchange !== undefined && !this.begin(exchange)) this.refuse();
  }

  /** The stream takes bytes: continues the request, if there is one. */
  protected override advance(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    if ((this.flags & Is.Prepared) !== 0) this.pump();
    else if (!this.begin(exchange)) this.fail(Failure.Overflow, false);
  }

  protected override receive(count: number): void {
    const stream = this.stream;
    if (stream === undefined) return;
    if ((this.flags & Is.Prepared) === 0) {
      // No request was sent, so there can be no answer (RFC 9112 §9.2).
      this.detail = 'bytes before any request';
      this.fail(Failure.Malformed, true);
      return;
    }
    this.#activeMs = this.transport.timers.ticks();
    this.flags |= Is.Answered;
    const buffer = this.transport.receive;
    let held = this.restore(buffer);
    let left = count;
    while (left > 0) {
      const read = stream.read(buffer, held, buffer.length);
      if (read <= 0) break;
      left -= read;
      const end = held + read;
      const used = this.#parser.feed(buffer, 0, end);
      // A handler may have closed the connection, and even opened the next one.
      if (this.stream !== stream) return;
      if (used > 0 && used < end) buffer.copyWithin(0, used, end);
      held = end - used;
      const state = this.#parser.state;
      if (state === ResponseState.Done) {
        this.done(left > 0 || held > 0);
        return;
      }
      if (state === ResponseState.Failed) {
        const { coding } = this.head;
        this.transport.request.asksForIdentity ||= coding !== undefined;
        this.detail = coding ?? this.#parser.error;
        this.fail(coding === undefined ? Failure.Malformed : Failure.Encoded, false);
        return;
      }
    }
    if (held > 0) this.#rest = buffer.slice(0, held);
  }

  protected override ended(): void {
    if (this.isAnswered && (this.flags & Is.Prepared) !== 0) {
      this.#parser.finish();
      if (this.#parser.state === ResponseState.Done) {
        this.done(true);
        return;
      }
      this.detail = this.#parser.error;
    }
    this.fail(Failure.Closed, true);
  }

  /** Moves the rest of the last event to the front of the buffer; returns its length. */
  private restore(buffer: Uint8Array): number {
    const rest = this.#rest;
    if (rest === undefined) return 0;
    this.#rest = undefined;
    buffer.set(rest);
    return rest.length;
  }

  /** Writes and sends the request, now or when the request buffer is free. False: it cannot be sent. */
  private begin(exchange: Exchange): boolean {
    const { request, requests, timers } = this.transport;
    if (!requests.enter(this)) {
      this.deadline.start(DEADLINES.connectMs);
      return true;
    }
    this.transport.taken = 0;
    this.flags &= ~(Is.Written | Is.Complete | Is.Answered);
    request.identify(this.identity);
    if (!exchange.write(request)) return false;
    this.flags |= Is.Prepared;
    this.#parser.begin(request.method, exchange, exchange.cookies, !exchange.idempotent);
    this.startMs = this.#activeMs = timers.ticks();
    this.deadline.startAt(this.dueMs(exchange));
    this.pump();
    return true;
  }

  /** Lets the deadline report that the request cannot be sent, because `send` must not call `onFail`. */
  private refuse(): void {
    this.flags |= Is.Refused;
    this.deadline.start(0);
  }

  /** Gives the stream as much of the request as it takes. When the buffer is empty, others may write their requests. */
  private pump(): void {
    const { transport, stream } = this;
    if (stream === undefined || (this.flags & Is.Complete) !== 0) return;
    if ((this.flags & Is.Written) === 0) {
      const { request } = transport;
      const taken = stream.write(request.bytes, transport.taken, request.end);
      if (taken <= 0) return;
      transport.taken += taken;
      this.flags |= Is.Sent;
      if (transport.taken < request.end) {
        this.#activeMs = transport.timers.ticks();
        return;
      }
      this.flags |= Is.Written;
      this.leaveRequests();
    }
    this.#activeMs = transport.timers.ticks();
    // `pour` may close the channel.
    if (this.#exchange?.pour?.(stream) !== false && this.stream === stream) this.flags |= Is.Complete;
  }

  /** Passes the request buffer on to the next channel that waits for it. */
  private leaveRequests(): void {
    const { request, requests } = this.transport;
    if (requests.isHeldBy(this)) request.clear().shrink();
    requests.leave(this);
  }

  /** The response is complete. Bytes after it belong to no request: such a connection is not used again. */
  private done(surplus: boolean): void {
    const exchange = this.#exchange;
    const head = this.#parser.head;
    const reusable = head.keepAlive && !surplus && (this.flags & Is.Complete) !== 0;
    this.release();
    this.flags = (this.flags & ~Is.Prepared) | Is.Used;
    if (!reusable) this.drop();
    if (head.status >= 300 && head.status < 400) {
      this.detail = `HTTP ${head.status} to ${head.redirect ?? 'nowhere'}`;
      exchange?.onFail(Failure.Redirected, true);
    } else {
      exchange?.onDone(head);
    }
  }

  /** `lost`: the connection failed during the request, which may be worth repeating. */
  protected override fail(failure: Failure, lost: boolean): void {
    const exchange = this.#exchange;
    const state = this.flags & (Is.Connected | Is.Used | Is.Answered | Is.Repeated);
    const again = lost && state === (Is.Connected | Is.Used);
    const sent = (this.flags & Is.Sent) !== 0;
    this.drop();
    if (exchange === undefined) return;
    if (again && (exchange.idempotent || !sent)) {
      this.flags |= Is.Repeated;
      this.connect();
      return;
    }
    this.release();
    exchange.onFail(failure, sent);
  }

  /** Ends the current exchange. */
  private release(): void {
    this.#exchange = undefined;
    this.deadline.stop();
    this.leaveRequests();
  }

  /** Closes the connection and drops everything under way on it. */
  private drop(): void {
    this.flags &= ~(Is.Prepared | Is.Refused);
    this.#rest = undefined;
    this.#parser.abandon();
    this.disconnect();
    this.leaveRequests();
  }

  private dueMs(exchange: Exchange): number {
    const silenceMs = exchange.silenceMs;
    if (silenceMs > 0) return this.#activeMs + silenceMs;
    const awaited = (this.flags & (Is.Complete | Is.Answered)) === Is.Complete;
    const dueMs = this.#activeMs + (awaited ? DEADLINES.responseMs : DEADLINES.idleMs);
    const endMs = this.endMs(exchange);
    return dueMs < endMs ? dueMs : endMs;
  }

  private get isAnswered(): boolean {
    return (this.flags & Is.Answered) !== 0;
  }

  /** Ticks at which the exchange must end. A long poll has no end except silence. */
  private endMs(exchange: Exchange): number {
    return exchange.silenceMs > 0 ? Number.POSITIVE_INFINITY : this.startMs + DEADLINES.totalMs;
  }

  /** Compares with the current due time: bytes since the start of the deadline have moved it without a restart. */
  override onDeadline(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    if ((this.flags & Is.Refused) !== 0) {
      this.fail(Failure.Overflow, false);
    } else if ((this.flags & Is.Prepared) === 0) {
      this.fail(Failure.Timeout, false);
    } else {
      const now = this.transport.timers.ticks();
      const dueMs = this.dueMs(exchange);
      if (now < dueMs) this.deadline.startAt(dueMs);
      else if (!this.isAnswered) this.fail(Failure.NoAnswer, false);
      else this.fail(dueMs < this.endMs(exchange) ? Failure.Stalled : Failure.TooLong, false);
    }
  }
}
