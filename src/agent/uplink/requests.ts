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
import { type Client, Outcome } from '../machine.ts';
import { backoffMs } from './backoff.ts';

/** The body of an answer as far as it was kept: `bytes[0, end)`; `overflowed` when there was more. */
export type Body = ByteWriter;

/** In the place of a `Failure`: something was answered, so that everything up to the platform works. */
export const ANSWERED = 0;

/** What every answer of the platform means beyond the request that it answers. */
export interface Contact {
  readonly hal: Hal;
  readonly timers: Timers;
  /** A 2xx of the configured host has begun. */
  onSuccess(head: ResponseHead, requests: Requests): void;
  /** A request has failed. @param failure out of `Failure`, or `ANSWERED` */
  onTrouble(failure: number): void;
  /** 401. True: new credentials are on their way and `release` will follow. */
  onDenied(requests: Requests): boolean;
}

const FIRST_RETRY_MS = 1000;
const MOST_RETRY_MS = 60_000;
const MOST_RETRY_AFTER_MS = 3_600_000;
const LONG_HELD_MS = 10_000;
const BODY_BYTES = 64;
const BODY_MAX_BYTES = 4096;
const NO_BODY = new ByteWriter(0, 0);

/** What is true of a line of requests; bits, for as many fields would take 16 bytes each. */
const Is = {
  /** Nothing is sent for now. */
  Held: 1,
  /** The request under way was refused with 401, and is repeated with other credentials. */
  Renewed: 2,
  /** Its answer has a body. */
  Received: 4,
} as const;

/**
 * The line in front of one connection. Activities take turns in the order in which they come, one request at a
 * time. All that can happen to any request is dealt with here, once: no link, lost connections, deadlines, 401,
 * 408/425/429/5xx with Retry-After, redirects, answers of somebody who is not the platform, and the pause that grows
 * with each failure. What is left reaches the activity as one `Outcome`.
 */
export class Requests implements Exchange, AlarmOwner, Turner {
  readonly #name: string;
  readonly #channel: Channel;
  readonly #contact: Contact;
  /** Made with the first failure. */
  #resume: Alarm | undefined = undefined;
  /** There while a body is collected. */
  #body: ByteWriter | undefined = undefined;
  #first: Client | undefined = undefined;
  #current: Client | undefined = undefined;
  #failures = 0;
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
    let before: Client | undefined;
    let at = this.#first;
    for (; at !== undefined && (client.patient || !at.patient); at = at.following) {
      if (at === client) return;
      before = at;
    }
    client.following = at;
    if (before === undefined) this.#first = client;
    else before.following = client;
    this.turn();
  }

  /** Takes a client out of the line; its request under way is given up together with the connection. */
  withdraw(client: Client): void {
    if (client === this.#current) {
      this.#current = undefined;
      this.#channel.close();
      this.turn();
    }
    let before: Client | undefined;
    let at = this.#first;
    for (; at !== undefined && at !== client; at = at.following) before = at;
    if (at === undefined) return;
    if (before === undefined) this.#first = client.following;
    else before.following = client.following;
    client.following = undefined;
  }

  onAlarm(): void {
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
    this.wake();
  }

  /** Who speaks on this connection from now on. */
  identify(identity: Identity): void {
    this.#channel.identity = identity;
  }

  /** The link is back: try at once. */
  wake(): void {
    this.#failures = 0;
    this.#resume?.stop();
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

  /** Failures in a row; 0 while all is well. */
  get failures(): number {
    return this.#failures;
  }

  /** For good. */
  close(): void {
    this.#contact.timers.turnstile.remove(this);
    this.#flags |= Is.Held;
    this.#current = undefined;
    this.#resume?.stop();
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
    if (
      this.#contact.timers.turnstile.inside ||
      this.is(Is.Held) ||
      this.#current !== undefined ||
      this.#first === undefined ||
      this.#resume?.active === true
    )
      return;
    if (!this.#contact.hal.network.up) return;
    const client = this.#first;
    this.#first = client.following;
    client.following = undefined;
    this.#current = client;
    this.#channel.send(this);
  }

  // Exchange: the channel's side.

  get cookies(): CookieJar | undefined {
    return this.#current?.cookies;
  }

  get silenceMs(): number {
    return this.#current?.silenceMs ?? 0;
  }

  /** A request that may be sent again after a connection was lost: all but those that say `once`. */
  get idempotent(): boolean {
    return this.#current?.once !== true;
  }

  write(request: RequestWriter): boolean {
    const client = this.#current;
    if (client === undefined) return false;
    this.#body = undefined;
    this.#flags &= ~Is.Received;
    this.#spokenAs = this.#channel.identity;
    client.rewind();
    client.write(request);
    return request.finish();
  }

  onHead(head: ResponseHead): void {
    if (head.status >= 200 && head.status < 300) this.#contact.onSuccess(head, this);
  }

  onBody(bytes: Uint8Array, from: number, to: number): void {
    // Blanks in front keep a poll alive and say nothing: nobody has to be made for them.
    const start = this.is(Is.Received) ? from : skipSpace(bytes, from, to);
    if (start === to) return;
    this.#flags |= Is.Received;
    const client = this.#current;
    if (client === undefined) return;
    const status = this.#channel.head.status;
    if (status < 200 || status >= 300) return;
    const sink = client.sink;
    if (sink !== undefined) {
      sink.feed(bytes, start, to);
    } else {
      this.#body ??= new ByteWriter(BODY_BYTES, BODY_MAX_BYTES);
      this.#body.putRange(bytes, start, to);
    }
  }

  onFail(failure: number, sent: boolean): void {
    const client = this.#current;
    if (failure === Failure.Overflow && client?.wants(Outcome.Invalid) === true) {
      // No use in repeating it: as if the platform had refused it.
      this.#contact.hal.log('warn', `${this.#name}: ${client.stateName}: ${failureText(failure)}`);
      this.#current = undefined;
      client.conclude(Outcome.Invalid);
      return;
    }
    const detail = this.#channel.detail;
    const reason = failureText(failure);
    this.#contact.onTrouble(failure);
    if (client !== undefined) this.failed(client, detail === '' ? reason : `${reason} (${detail})`, sent, NaN);
  }

  onDone(head: ResponseHead): void {
    const client = this.#current;
    if (client === undefined) return;
    const status = head.status;
    if (status < 200 || status >= 300) this.#contact.onTrouble(ANSWERED);
    // From a portal or a balancer: for that nothing is created and nothing given up, and nobody knows what was done.
    // The platform explains a 404, on which a device is created; an empty one is somebody else's, too.
    const foreign = !head.hasJson && (this.is(Is.Received) || status === 404);
    if (status >= 200 && status < 300) {
      if (foreign) this.failed(client, 'the answer is not JSON: not the platform', true, NaN);
      else if (!client.understand(this.#body ?? NO_BODY, head))
        this.failed(client, 'the answer cannot be understood', true, NaN);
      else this.settle(client, Outcome.Ok);
      return;
    }
    if (status === 401 && !(foreign && client.once)) {
      this.denied(client);
      return;
    }
    const outcome = outcomeOf(status);
    // How large a request may be is for a balancer to say as well.
    if (outcome !== undefined && client.wants(outcome) && (!foreign || status === 413)) {
      this.settle(client, outcome);
      return;
    }
    const maybeDone = foreign || status < 400 || status >= 500;
    const whose = foreign ? ' that is not JSON: not the platform' : '';
    this.failed(client, `HTTP ${status}${whose}`, maybeDone, head.retryAfterMs);
  }

  private settle(client: Client, outcome: Outcome): void {
    if (this.#failures > 0) this.#contact.hal.log('info', `${this.#name}: the platform answers again`);
    this.#failures = 0;
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
    const { hal, timers } = this.#contact;
    // A poll that was held for long and then broken is no sign that the platform cannot be reached.
    const heldMs = hal.clock.ticks() - this.#channel.startMs;
    if (maybeDone && client.silenceMs > 0 && heldMs > LONG_HELD_MS) this.#failures = 0;
    this.#failures++;
    let delayMs = backoffMs(this.#failures, hal.random(), FIRST_RETRY_MS, MOST_RETRY_MS);
    // Retry-After is the least to wait (RFC 9110 §10.2.3); the jitter stays on top, so that a fleet does not return as one.
    if (retryAfterMs >= 0) delayMs += Math.min(retryAfterMs, MOST_RETRY_AFTER_MS);
    hal.log('warn', `${this.#name}: ${client.stateName}: ${reason}; next try in ${Math.ceil(delayMs / 1000)} s`);
    this.#current = undefined;
    this.#flags &= ~Is.Renewed;
    this.#resume ??= timers.create(this);
    this.#resume.start(delayMs);
    if (maybeDone && client.once && client.wants(Outcome.Unknown)) client.conclude(Outcome.Unknown);
    else this.submit(client);
  }
}

/** Undefined: nothing the activity should hear of; wait and repeat. */
function outcomeOf(status: number): Outcome | undefined {
  switch (status) {
    case 403:
      return Outcome.Forbidden;
    case 404:
    case 410:
      return Outcome.NotFound;
    case 409:
      return Outcome.Conflict;
    case 408:
    case 425:
    case 429:
      return undefined;
    default:
      return status >= 400 && status < 500 ? Outcome.Invalid : undefined;
  }
}
