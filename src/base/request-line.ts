// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../hal/hal.ts';
import type { Channel } from '../http/channel.ts';
import type { Identity } from '../http/request.ts';
import type { EventFollower } from '../timers/event-scope.ts';
import type { Deadline, DeadlineOwner, Timers } from '../timers/timers.ts';
import type { Client } from './client.ts';
import { ClientLine } from './client-line.ts';
import { Outcome } from './outcome.ts';
import type { Trouble, TroubleOwner, Troubles } from './trouble.ts';

/** Takes the place of a `Failure` when a server has answered with an error: the link works. */
export const ANSWERED = 0;

/** Receives the results of each exchange that concern more than its own request. */
export interface Contact {
  readonly hal: Hal;
  readonly timers: Timers;
  readonly troubles: Troubles;
  /**
   * A request has succeeded.
   * @param isProof the answer certainly comes from the platform
   * @param dateMs the time in its Date header, epoch ms; NaN: no usable time
   */
  onSuccess(line: RequestLine, isProof: boolean, dateMs: number): void;
  /** A request has failed. @param failure one of `Failure`, or `ANSWERED` */
  onTrouble(failure: number): void;
  /** A request was answered with 401. True: new credentials are being fetched, and `release` will follow. */
  onDenied(line: RequestLine): boolean;
}

/** A request that has failed before keeps others waiting for its answer no longer than this. */
export const LEASH_MS = 8000;

/** Flags of a line of requests. They are bits, because a field for each would take 16 bytes. */
export const Is = {
  /** Nothing is sent until `release`. */
  Held: 1,
  /** Nothing is sent: another connection needs the memory. */
  Parked: 2,
  // requests.ts
  /** The current request was refused with 401, and is repeated with other credentials. */
  Renewed: 4,
  /** Its answer has a body. */
  Received: 8,
  /** Its body went to a sink: a list, or messages of the long poll. */
  Listed: 16,
  /** The current request is so long that somebody on the way may refuse it for its length. */
  Long: 32,
} as const;

/**
 * The line in front of one connection. Activities send in order of arrival, one request at a time; one that has
 * failed lets the others go first until its own pause is over.
 */
export abstract class RequestLine implements DeadlineOwner, EventFollower, TroubleOwner {
  protected readonly channel: Channel;
  protected readonly contact: Contact;
  /** The client whose request is under way. */
  protected current: Client | undefined;
  /** Set while no connection can be made. */
  protected trouble: Trouble | undefined;
  /** Bits of `Is`. */
  protected flags: number = Is.Held;
  /** The identity that the current request was sent with. If it is outdated, a refusal of it does no harm. */
  protected spokenAs: Identity;
  readonly #line = new ClientLine();
  /** Created when a client has to wait. */
  #resume: Deadline | undefined;

  constructor(channel: Channel, contact: Contact) {
    this.channel = channel;
    this.contact = contact;
    this.spokenAs = channel.identity;
    contact.timers.scope.add(this);
  }

  /** Sends the request of `current`. */
  protected abstract send(): void;

  /** The request of `client` has kept others waiting for the longest time allowed. */
  protected abstract onOverdue(client: Client): void;

  /** Adds a client to the line, in front of the patient ones. A client that waits already keeps its place. */
  submit(client: Client): void {
    if (client === this.current) return;
    this.#line.put(client);
    this.advance();
  }

  /** Removes a client from the line. If its request is under way, the connection is closed. */
  withdraw(client: Client): void {
    if (client === this.current) {
      this.current = undefined;
      this.channel.close();
      this.advance();
    }
    this.#line.remove(client);
  }

  onDeadline(): void {
    const client = this.current;
    if (client !== undefined && this.leashTicks(client) <= this.contact.timers.ticks()) {
      this.channel.close();
      this.onOverdue(client);
    }
    this.advance();
  }

  /** Sends nothing until `release`: there are no credentials, or the agent stops. */
  hold(): void {
    this.flags |= Is.Held;
  }

  release(): void {
    this.flags &= ~Is.Held;
    this.advance();
  }

  /** `true` closes the connection and keeps it closed while clients wait; `false` allows connections again. */
  park(isParked: boolean): void {
    if (isParked === this.isParked) return;
    this.flags ^= Is.Parked;
    if (isParked) this.reconnect();
    else this.advance();
  }

  get isParked(): boolean {
    return this.is(Is.Parked);
  }

  /** Closes the connection while nothing is under way; the next request opens it again. */
  rest(): void {
    if (this.current === undefined) this.channel.close();
  }

  /** Closes the connection, even in the middle of a request, and repeats the request on a new one. */
  reconnect(): void {
    const client = this.current;
    this.current = undefined;
    this.channel.close();
    if (client?.once === true && client.wants(Outcome.Unknown)) client.conclude(Outcome.Unknown);
    else if (client !== undefined) this.submit(client);
  }

  get identity(): Identity {
    return this.channel.identity;
  }

  /** Sets the identity for all requests from now on. */
  identify(identity: Identity): void {
    this.channel.identity = identity;
  }

  /** Ends the pause before the next connection, for example because the link is back. */
  retry(): void {
    this.endTrouble(false);
    this.advance();
  }

  /** Whether the current request was sent with the present identity. */
  get isCurrent(): boolean {
    return this.spokenAs === this.channel.identity;
  }

  /** Time since the current request was written: the greatest possible age of the Date in its answer. */
  get ageMs(): number {
    return this.contact.timers.ticks() - this.channel.startMs;
  }

  /** Why no connection can be made; empty: it can. */
  get reason(): string {
    return this.trouble?.reason ?? '';
  }

  /** Whether no connection can be made, or a request of this line has failed before. */
  get isTroubled(): boolean {
    return this.trouble !== undefined || this.current?.isRetry === true || this.#line.isTroubled;
  }

  /** Closes the line for good. */
  close(): void {
    this.contact.timers.scope.remove(this);
    this.flags |= Is.Held;
    this.current = undefined;
    this.#resume?.stop();
    this.endTrouble(false);
    this.channel.close();
  }

  afterEvent(): void {
    this.advance();
  }

  protected is(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** Sends the next request if the line is free. */
  private advance(): void {
    if (this.#line.first === undefined) return;
    const { hal, timers } = this.contact;
    if (timers.scope.inside || this.is(Is.Held | Is.Parked)) return;
    const current = this.current;
    if (current !== undefined) {
      this.leash(current);
      return;
    }
    if (!hal.network.up) return;
    const ticks = timers.ticks();
    const lineTicks = this.trouble?.dueTicks ?? 0;
    const client = lineTicks > ticks ? undefined : this.#line.take(ticks);
    if (client === undefined) {
      this.resumeAt(Math.max(lineTicks, this.#line.dueTicks));
      return;
    }
    this.current = client;
    // The server may have closed the connection silently, so a repeated request gets a new one (RFC 9112 §9.5). Not a
    // poll: it shares its connection with no other request, and its session ends with the connection.
    if (client.isRetry && client.patientTicks === undefined) this.channel.close();
    this.send();
    if (this.#line.first !== undefined) this.leash(client);
  }

  /** Limits the time of the current request if it has failed before, because other clients wait. */
  private leash(client: Client): void {
    const ticks = this.leashTicks(client);
    if (ticks < Infinity) this.resumeAt(ticks);
  }

  /** Ticks until which the current request may keep others waiting; Infinity unless it has failed before. */
  private leashTicks(client: Client): number {
    if (!client.isRetry || !this.channel.written) return Infinity;
    return Math.max(this.channel.startMs + LEASH_MS, this.#line.dueTicks);
  }

  private resumeAt(ticks: number): void {
    this.#resume ??= this.contact.timers.create(this);
    if (!this.#resume.active || this.#resume.dueMs !== ticks) this.#resume.startAt(ticks);
  }

  protected endTrouble(isHealed: boolean): void {
    if (this.trouble === undefined) return;
    this.contact.troubles.end(this.trouble, isHealed);
    this.trouble = undefined;
  }
}
