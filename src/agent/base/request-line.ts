// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../../hal/hal.ts';
import type { Channel } from '../../http/channel.ts';
import type { Identity } from '../../http/request.ts';
import type { EventFollower } from '../../timers/event-scope.ts';
import type { Deadline, DeadlineOwner, Timers } from '../../timers/timers.ts';
import type { Client } from './client.ts';
import { ClientLine } from './client-line.ts';
import { Outcome } from './outcome.ts';
import type { Trouble, TroubleOwner, Troubles } from './trouble.ts';

/** In the place of a `Failure`: something was answered, so that everything up to the platform works. */
export const ANSWERED = 0;

/** What every answer of the platform means beyond the request that it answers. */
export interface Contact {
  readonly hal: Hal;
  readonly timers: Timers;
  readonly troubles: Troubles;
  /**
   * A request has succeeded.
   * @param isProof the answer is recognisably the platform's own
   * @param dateMs what it says the time is; NaN: nothing that could be believed
   */
  onSuccess(line: RequestLine, isProof: boolean, dateMs: number): void;
  /** A request has failed. @param failure out of `Failure`, or `ANSWERED` */
  onTrouble(failure: number): void;
  /** 401. True: new credentials are on their way and `release` will follow. */
  onDenied(line: RequestLine): boolean;
}

/** What has failed before keeps others waiting no longer than this without an answer. */
export const LEASH_MS = 8000;

/** What is true of a line of requests; bits, for as many fields would take 16 bytes each. */
export const Is = {
  /** Nothing is sent for now. */
  Held: 1,
  /** Nothing is sent for now: there is no memory for its connection. */
  Parked: 2,
  // requests.ts
  /** The request under way was refused with 401, and is repeated with other credentials. */
  Renewed: 4,
  /** Its answer has a body. */
  Received: 8,
  /** Its body was one of lists or messages. */
  Listed: 16,
} as const;

/**
 * The line in front of one connection. Activities take turns in the order in which they come, one request at a
 * time; one that has failed lets the others go first until its own pause is over.
 */
export abstract class RequestLine implements DeadlineOwner, EventFollower, TroubleOwner {
  protected readonly channel: Channel;
  protected readonly contact: Contact;
  /** Whose request is under way. */
  protected current: Client | undefined = undefined;
  /** There while no connection comes up. */
  protected trouble: Trouble | undefined = undefined;
  /** Bits out of `Is`. */
  protected flags: number = Is.Held;
  /** As whom the request under way was sent; when it is somebody else by now, it may be refused without harm. */
  protected spokenAs: Identity;
  readonly #line = new ClientLine();
  /** Made when somebody has to wait. */
  #resume: Deadline | undefined = undefined;

  constructor(channel: Channel, contact: Contact) {
    this.channel = channel;
    this.contact = contact;
    this.spokenAs = channel.identity;
    contact.timers.scope.add(this);
  }

  /** Sends the request of `current`. */
  protected abstract send(): void;

  /** The request of `current` has kept others waiting for as long as it may. */
  protected abstract onOverdue(client: Client): void;

  /** Puts a client in line, before those who are patient; one that waits already keeps its place. */
  submit(client: Client): void {
    if (client === this.current) return;
    this.#line.put(client);
    this.turn();
  }

  /** Takes a client out of the line; its request under way is given up together with the connection. */
  withdraw(client: Client): void {
    if (client === this.current) {
      this.current = undefined;
      this.channel.close();
      this.turn();
    }
    this.#line.remove(client);
  }

  onDeadline(): void {
    const client = this.current;
    if (client !== undefined && this.leashTicks(client) <= this.contact.timers.ticks()) {
      this.channel.close();
      this.onOverdue(client);
    }
    this.turn();
  }

  /** Nothing is sent until `release`: there are no credentials. */
  hold(): void {
    this.flags |= Is.Held;
  }

  release(): void {
    this.flags &= ~Is.Held;
    this.turn();
  }

  /** Gives its connection up and opens none until told otherwise; who waits, waits. */
  park(isParked: boolean): void {
    if (isParked === this.isParked) return;
    this.flags ^= Is.Parked;
    if (isParked) this.reconnect();
    else this.turn();
  }

  get isParked(): boolean {
    return this.is(Is.Parked);
  }

  /** Closes the connection while nothing is under way; the next request opens it again. */
  rest(): void {
    if (this.current === undefined) this.channel.close();
  }

  /** Makes a new connection, whatever the present one is at, and tries at once. */
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

  /** Who speaks on this connection from now on. */
  identify(identity: Identity): void {
    this.channel.identity = identity;
  }

  /** The link is back: try at once. */
  retry(): void {
    this.endTrouble(false);
    this.turn();
  }

  /** Whether the request under way was sent as whoever speaks now. */
  get isCurrent(): boolean {
    return this.spokenAs === this.channel.identity;
  }

  /** Since the request under way was written: so old what its answer says may be. */
  get ageMs(): number {
    return this.contact.timers.ticks() - this.channel.startMs;
  }

  /** Somebody here fails: there is no connection, or the request under way has failed before. */
  get isTroubled(): boolean {
    return this.trouble !== undefined || this.current?.isRetry === true || this.#line.isTroubled;
  }

  /** For good. */
  close(): void {
    this.contact.timers.scope.remove(this);
    this.flags |= Is.Held;
    this.current = undefined;
    this.#resume?.stop();
    this.endTrouble(false);
    this.channel.close();
  }

  afterEvent(): void {
    this.turn();
  }

  protected is(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** Sends the next request if nothing speaks against it. */
  private turn(): void {
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
    // What was lost on a connection that the server had closed without a word goes out on a fresh one (RFC 9112 §9.5);
    // a poll has none that it shares, and a session that ends with it.
    if (client.isRetry && client.patientTicks === undefined) this.channel.close();
    this.send();
    if (this.#line.first !== undefined) this.leash(client);
  }

  /** Somebody waits: a request that has failed before may not take as long as it likes. */
  private leash(client: Client): void {
    const ticks = this.leashTicks(client);
    if (ticks < Infinity) this.resumeAt(ticks);
  }

  /** Until when the request under way may keep others waiting: for ever, unless it has failed before. */
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
