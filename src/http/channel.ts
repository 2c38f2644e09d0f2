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
 * lets the server close it while it is idle. A request that was lost together with a connection that had been in use
 * before is repeated once on a fresh one, if that can do no harm (RFC 9112 §9.3.1). All handlers of an exchange but
 * `write` are called from events of the HAL, never from within `send`.
 */
export class Channel extends Connection {
  /** Who speaks in the next request. */
  identity: Identity;
  /** When the last request was written, by the clock's ticks. */
  startMs = 0;
  readonly #parser = new ResponseParser();
  /** What the parser has not consumed of an event: the beginning of a line. It goes before the bytes of the next one. */
  #rest: Uint8Array | undefined;
  #exchange: Exchange | undefined;
  /** When bytes last went or came. */
  #activeMs = 0;

  constructor({ transport, target, identity }: ChannelOptions) {
    super(transport, target);
    this.identity = identity;
  }

  /** Head of the last response. */
  get head(): ResponseHead {
    return this.#parser.head;
  }

  /** Whether the request under way has been written out. */
  get written(): boolean {
    return (this.flags & Is.Prepared) !== 0;
  }

  get busy(): boolean {
    return this.#exchange !== undefined;
  }

  /** Throws when an exchange is under way: that is a mistake in the program. */
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

  /** Closes the connection; an exchange under way is given up, and none of its handlers is called again. */
  close(): void {
    this.release();
    this.drop();
  }

  /** To connect, or to write. */
  override onTurn(turn: Turn): void {
    const exchange = this.#exchange;
    if (turn === this.transport.handshakes) this.open();
    else if (exchange !== undefined && !this.begin(exchange)) this.refuse();
  }

  /** The stream takes bytes, or it is this channel's turn to write: goes on with the request, if there is one. */
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
      // Nothing was asked, so nothing can be answered (RFC 9112 §9.2).
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
      // A handler may have closed the connection, and even opened the next.
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

  /** Puts the rest of the last event to the front of the buffer; returns how much that is. */
  private restore(buffer: Uint8Array): number {
    const rest = this.#rest;
    if (rest === undefined) return 0;
    this.#rest = undefined;
    buffer.set(rest);
    return rest.length;
  }

  /** Has the request written out and sent, now or when nobody else writes one. False: it cannot be sent. */
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

  /** Has the deadline tell that the request cannot be sent, since this must not be told from within `send`. */
  private refuse(): void {
    this.flags |= Is.Refused;
    this.deadline.start(0);
  }

  /** Gives the stream as much of the request as it takes; with the buffer empty others may write theirs. */
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
    // It may close the channel.
    if (this.#exchange?.pour?.(stream) !== false && this.stream === stream) this.flags |= Is.Complete;
  }

  /** Gives the request buffer to who waits for it. */
  private leaveRequests(): void {
    const { request, requests } = this.transport;
    if (requests.isHeldBy(this)) request.clear().shrink();
    requests.leave(this);
  }

  /** The response is complete. What came after it belongs to nothing: such a connection is not used again. */
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

  /** `lost`: the connection failed under the request, which may be worth another one. */
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

  /** No exchange is under way any more. */
  private release(): void {
    this.#exchange = undefined;
    this.deadline.stop();
    this.leaveRequests();
  }

  /** Closes the connection, and with it goes what was under way on it. */
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

  /** A long poll has no end but silence. */
  private endMs(exchange: Exchange): number {
    return exchange.silenceMs > 0 ? Number.POSITIVE_INFINITY : this.startMs + DEADLINES.totalMs;
  }

  /** The moment as it was when the deadline was started; bytes since then have moved it without starting the deadline anew. */
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
