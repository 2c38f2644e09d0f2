// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../../hal/hal.ts';
import { ByteWriter } from '../../bytes/writer.ts';
import type { Channel } from '../../http/channel.ts';
import type { CookieJar } from '../../http/cookies.ts';
import type { Exchange } from '../../http/exchange.ts';
import { Failure, failureText } from '../../http/failure.ts';
import type { Identity, RequestWriter } from '../../http/request.ts';
import type { ResponseHead } from '../../http/response.ts';
import type { Alarm, AlarmOwner, Timers } from '../../http/timers.ts';
import type { Turner } from '../../http/turnstile.ts';
import { skipSpace } from '../../json/scan.ts';
import type { Client } from '../machine.ts';
import { Outcome } from '../table.ts';
import { isPlatformError, outcomeOf } from './answer.ts';
import { ClientLine } from './client-line.ts';
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
  onSuccess(requests: Requests, isProof: boolean, dateMs: number): void;
  /** A request has failed. @param failure out of `Failure`, or `ANSWERED` */
  onTrouble(failure: number): void;
  /** 401. True: new credentials are on their way and `release` will follow. */
  onDenied(requests: Requests): boolean;
}

/** What has failed before keeps others waiting no longer than this without an answer. */
export const LEASH_MS = 8000;
const BODY_BYTES = 64;
const BODY_MAX_BYTES = 4096;
/** Of an error only its name matters. */
const ERROR_MAX_BYTES = 512;
const NO_BODY = new ByteWriter(0, 0);

/** What is true of a line of requests; bits, for as many fields would take 16 bytes each. */
const Is = {
  /** Nothing is sent for now. */
  Held: 1,
  /** The request under way was refused with 401, and is repeated with other credentials. */
  Renewed: 2,
  /** Its answer has a body. */
  Received: 4,
  /** Its body was one of lists or messages. */
  Listed: 8,
  /** Nothing is sent for now: there is no memory for its connection. */
  Parked: 16,
} as const;

/**
 * The line in front of one connection. Activities take turns in the order in which they come, one request at a
 * time; one that has failed lets the others go first until its own pause is over. All that can happen to any request is
 * dealt with here, once: no link, lost connections, deadlines, 401, 408/425/429/5xx with Retry-After, redirects, answers
 * of somebody who is not the platform. What is left reaches the activity as one `Outcome`.
 */
export class Requests implements Exchange, AlarmOwner, Turner, TroubleOwner {
  readonly #name: string;
  readonly #channel: Channel;
  readonly #contact: Contact;
  /** Made when somebody has to wait. */
  #resume: Alarm | undefined = undefined;
  /** There while a body is collected. */
  #body: ByteWriter | undefined = undefined;
  readonly #line = new ClientLine();
  #current: Client | undefined = undefined;
  /** There while no connection comes up. */
  #trouble: Trouble | undefined = undefined;
  /** Bits out of `Is`. */
  #flags: number = Is.Held;
  /** As whom the request under way was sent; when it is somebody else by now, it may be refused without harm. */
  #spokenAs: Identity;

  constructor(name: string, channel: Channel, contact: Contact) {
    this.#name = name;
    this.#channel = channel;
    this.#contact = contact;
    this.#spokenAs = channel.identity;
    contact.timers.turnstile.add(this);
  }

  /** Puts a client in line, before those who are patient; one that waits already keeps its place. */
  submit(client: Client): void {
    if (client === this.#current) return;
    this.#line.put(client, this.#contact.timers.ticks());
    this.turn();
  }

  /** Takes a client out of the line; its request under way is given up together with the connection. */
  withdraw(client: Client): void {
    if (client === this.#current) {
      this.#current = undefined;
      this.#channel.close();
      this.turn();
    }
    this.#line.remove(client);
  }

  onAlarm(): void {
    const client = this.#current;
    if (client !== undefined && this.leashTicks(client) <= this.#contact.timers.ticks()) {
      this.#channel.close();
      this.failed(client, failureText(Failure.NoAnswer), true, NaN);
    }
    this.turn();
  }

  /** Nothing is sent until `release`: there are no credentials. */
  hold(): void {
    this.#flags |= Is.Held;
  }

  release(): void {
    this.#flags &= ~Is.Held;
    this.turn();
  }

  /** Gives its connection up and opens none until told otherwise; who waits, waits. */
  park(isParked: boolean): void {
    if (isParked === this.isParked) return;
    this.#flags ^= Is.Parked;
    if (isParked) this.reconnect();
    else this.turn();
  }

  get isParked(): boolean {
    return this.is(Is.Parked);
  }

  /** Closes the connection while nothing is under way; the next request opens it again. */
  rest(): void {
    if (this.#current === undefined) this.#channel.close();
  }

  /** Makes a new connection, whatever the present one is at, and tries at once. */
  reconnect(): void {
    const client = this.#current;
    this.#current = undefined;
    this.#channel.close();
    if (client?.once === true && client.wants(Outcome.Unknown)) client.conclude(Outcome.Unknown);
    else if (client !== undefined) this.submit(client);
  }

  get identity(): Identity {
    return this.#channel.identity;
  }

  /** Who speaks on this connection from now on. */
  identify(identity: Identity): void {
    this.#channel.identity = identity;
  }

  /** The link is back: try at once. */
  retry(): void {
    this.endTrouble(false);
    this.turn();
  }

  /** Whether the request under way was sent as whoever speaks now. */
  get isCurrent(): boolean {
    return this.#spokenAs === this.#channel.identity;
  }

  /** Since the request under way was written: so old what its answer says may be. */
  get ageMs(): number {
    return this.#contact.timers.ticks() - this.#channel.startMs;
  }

  /** Somebody here fails: there is no connection, or the request under way has failed before. */
  get isTroubled(): boolean {
    return this.#trouble !== undefined || this.#current?.isRetry === true || this.#line.isTroubled;
  }

  /** For good. */
  close(): void {
    this.#contact.timers.turnstile.remove(this);
    this.#flags |= Is.Held;
    this.#current = undefined;
    this.#resume?.stop();
    this.endTrouble(false);
    this.#channel.close();
  }

  afterEvent(): void {
    this.turn();
  }

  private is(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }

  /** Sends the next request if nothing speaks against it. */
  private turn(): void {
    if (this.#line.first === undefined) return;
    const { hal, timers } = this.#contact;
    if (timers.turnstile.inside || this.is(Is.Held | Is.Parked)) return;
    const current = this.#current;
    if (current !== undefined) {
      this.leash(current);
      return;
    }
    if (!hal.network.up) return;
    const ticks = timers.ticks();
    const lineTicks = this.#trouble?.dueTicks ?? 0;
    const client = lineTicks > ticks ? undefined : this.#line.take(ticks);
    if (client === undefined) {
      this.resumeAt(Math.max(lineTicks, this.#line.dueTicks));
      return;
    }
    this.#current = client;
    // What was lost on a connection that the server had closed without a word goes out on a fresh one (RFC 9112 §9.5);
    // a poll has none that it shares, and a session that ends with it.
    if (client.isRetry && !client.patient) this.#channel.close();
    this.#channel.send(this);
    if (this.#line.first !== undefined) this.leash(client);
  }

  /** Somebody waits: a request that has failed before may not take as long as it likes. */
  private leash(client: Client): void {
    const ticks = this.leashTicks(client);
    if (ticks < Infinity) this.resumeAt(ticks);
  }

  /** Until when the request under way may keep others waiting: for ever, unless it has failed before. */
  private leashTicks(client: Client): number {
    if (!client.isRetry || !this.#channel.written) return Infinity;
    return Math.max(this.#channel.startMs + LEASH_MS, this.#line.dueTicks);
  }

  private resumeAt(ticks: number): void {
    this.#resume ??= this.#contact.timers.create(this);
    if (!this.#resume.active || this.#resume.dueMs !== ticks) this.#resume.startAt(ticks);
  }

  // Exchange: the channel's side.

  get cookies(): CookieJar | undefined {
    return this.#current?.cookies;
  }

  get silenceMs(): number {
    return this.#current?.silenceMs ?? 0;
  }

  /** A request that may be sent again at once after a connection was lost: none that says `once` or has failed before. */
  get idempotent(): boolean {
    return this.#current?.once !== true && this.#current?.isRetry !== true;
  }

  write(request: RequestWriter): boolean {
    const client = this.#current;
    if (client === undefined) return false;
    this.#body = undefined;
    this.#flags &= ~(Is.Received | Is.Listed);
    this.#spokenAs = this.#channel.identity;
    client.rewind();
    client.write(request);
    return request.finish();
  }

  onHead(head: ResponseHead): void {
    if (this.#trouble !== undefined) this.endTrouble(true);
    // A poll may be held for long after its head: it is no outage that it has not ended.
    if (head.status === 200 && head.hasJson && this.silenceMs > 0) this.#contact.onSuccess(this, false, NaN);
  }

  onBody(bytes: Uint8Array, from: number, to: number): void {
    // Blanks in front keep a poll alive and say nothing: nobody has to be made for them.
    const start = this.is(Is.Received) ? from : skipSpace(bytes, from, to);
    if (start === to) return;
    this.#flags |= Is.Received;
    const client = this.#current;
    if (client === undefined) return;
    const { isSuccess } = this.#channel.head;
    const sink = isSuccess ? client.sink : undefined;
    if (sink !== undefined) {
      this.#flags |= Is.Listed;
      sink.feed(bytes, start, to);
    } else {
      this.#body ??= new ByteWriter(BODY_BYTES, isSuccess ? BODY_MAX_BYTES : ERROR_MAX_BYTES);
      this.#body.putRange(bytes, start, to);
    }
  }

  onFail(failure: number, sent: boolean): void {
    const client = this.#current;
    const detail = this.#channel.detail;
    const reason = detail === '' ? failureText(failure) : `${failureText(failure)} (${detail})`;
    if (failure === Failure.Overflow) {
      if (client === undefined) return;
      // No use in repeating it: as if the platform had refused it.
      if (client.wants(Outcome.Invalid)) {
        this.#contact.hal.log('warn', `${this.#name}: ${client.stateName}: ${reason}`);
        this.settle(client, Outcome.Invalid);
      } else this.failed(client, reason, false, NaN);
      return;
    }
    this.#contact.onTrouble(failure);
    if (client === undefined) return;
    if (sent) {
      this.failed(client, reason, true, NaN);
      return;
    }
    // No connection came up: that is nobody's failure, and everybody waits.
    this.#current = undefined;
    this.#trouble = this.#contact.troubles.fail(this.#trouble, this, `${this.#name}: ${client.stateName}`, reason);
    this.submit(client);
  }

  onDone(head: ResponseHead): void {
    const client = this.#current;
    if (client === undefined) return;
    if (head.isSuccess) this.succeeded(client, head);
    else this.refused(client, head);
  }

  private succeeded(client: Client, head: ResponseHead): void {
    const isEmpty = !this.is(Is.Received);
    if (!isEmpty && !head.hasJson) {
      this.failed(client, 'the answer is not JSON: not the platform', true, NaN);
    } else if (!client.understand(this.#body ?? NO_BODY, head)) {
      this.failed(client, 'the answer cannot be understood', true, NaN);
    } else {
      // Only the platform has its media types, lists and sessions, and only it creates; an empty 200 says nothing by
      // itself, but does on a connection that has carried its answers.
      const isProof = head.isCumulocity || head.status === 201 || this.is(Is.Listed);
      if (isProof) this.#channel.trust();
      // The head of a poll may be as old as the poll is long.
      this.#contact.onSuccess(
        this,
        this.#channel.trusted,
        head.status === 200 && this.silenceMs > 0 ? NaN : head.dateMs,
      );
      this.settle(client, Outcome.Ok);
    }
  }

  private refused(client: Client, head: ResponseHead): void {
    this.#contact.onTrouble(ANSWERED);
    const { status } = head;
    const isOwn = isPlatformError(head, this.#body ?? NO_BODY);
    if (isOwn) this.#channel.trust();
    if (status === 401 && isOwn) {
      this.denied(client);
      return;
    }
    const outcome = outcomeOf(status);
    // How large a request may be is for a balancer to say as well.
    if (outcome !== undefined && client.wants(outcome) && (isOwn || status === 413)) {
      this.settle(client, outcome);
      return;
    }
    const maybeDone = !isOwn || status < 400 || status >= 500;
    const whose = isOwn || status >= 500 || status === 429 ? '' : " that is not the platform's";
    this.failed(client, `HTTP ${status}${whose}`, maybeDone, head.retryAfterMs);
  }

  private settle(client: Client, outcome: Outcome): void {
    this.#flags &= ~Is.Renewed;
    this.#current = undefined;
    this.#body = undefined;
    client.conclude(outcome);
  }

  private denied(client: Client): void {
    if (client.wants(Outcome.Denied)) {
      this.settle(client, Outcome.Denied);
      return;
    }
    // Refused for credentials that have been replaced meanwhile: nobody needs others than those that there are now.
    const outdated = this.#spokenAs !== this.#channel.identity;
    if (!this.is(Is.Renewed) && (outdated || this.#contact.onDenied(this))) {
      this.#flags |= Is.Renewed;
      this.#current = undefined;
      if (!outdated) this.#flags |= Is.Held;
      this.submit(client);
      return;
    }
    this.failed(client, 'HTTP 401: the credentials are refused', false, NaN);
  }

  private failed(client: Client, reason: string, maybeDone: boolean, retryAfterMs: number): void {
    this.#current = undefined;
    this.#body = undefined;
    this.#flags &= ~Is.Renewed;
    client.fail(`${this.#name}: ${client.stateName}`, reason, retryAfterMs);
    if (maybeDone && client.once && client.wants(Outcome.Unknown)) client.conclude(Outcome.Unknown);
    else if (client.wants(Outcome.Failed)) client.conclude(Outcome.Failed);
    else this.submit(client);
  }

  private endTrouble(isHealed: boolean): void {
    if (this.#trouble === undefined) return;
    this.#contact.troubles.end(this.#trouble, isHealed);
    this.#trouble = undefined;
  }
}
