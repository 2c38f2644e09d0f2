// SPDX-License-Identifier: Apache-2.0

import { isPlatformError, outcomeOf } from '../../base/answer.ts';
import type { Client } from '../../base/client.ts';
import { Outcome } from '../../base/outcome.ts';
import { ANSWERED, type Contact, Is, RequestLine } from '../../base/request-line.ts';
import { ByteWriter } from '../../bytes/writer.ts';
import type { Channel } from '../../http/channel.ts';
import type { CookieJar } from '../../http/cookies.ts';
import type { Exchange } from '../../http/exchange.ts';
import { Failure, failureText } from '../../http/failure.ts';
import type { RequestWriter } from '../../http/request.ts';
import type { ResponseHead } from '../../http/response.ts';
import { skipSpace } from '../../json/scan.ts';

const BODY_BYTES = 64;
const BODY_MAX_BYTES = 4096;
/** Only the name of an error is used, which is at its beginning. */
const ERROR_MAX_BYTES = 512;
/** A 413 that is not the platform's is believed of a longer request only. Nobody limits requests to less. */
const LONG_BYTES = 1024;
const NO_BODY = new ByteWriter(0, 0);

/** Makes a buffer for the whole body if its length is known, because each growth of a buffer costs memory. */
function bodyFor({ contentLength }: ResponseHead, maxBytes: number): ByteWriter {
  return new ByteWriter(Math.min(Math.max(contentLength, BODY_BYTES), maxBytes), maxBytes);
}

/**
 * The requests of one connection. Handles everything that can happen to any request: no link, lost connections,
 * deadlines, 401, 408/425/429/5xx with Retry-After, redirects, answers that do not come from the platform. The activity
 * gets the rest as one `Outcome`.
 */
export class Requests extends RequestLine implements Exchange {
  readonly #name: string;
  /** Set while a body is collected. */
  #body: ByteWriter | undefined;

  constructor(name: string, channel: Channel, contact: Contact) {
    super(channel, contact);
    this.#name = name;
  }

  protected override send(): void {
    this.channel.send(this);
  }

  protected override onOverdue(client: Client): void {
    this.failed(client, failureText(Failure.NoAnswer), true, NaN);
  }

  // Exchange: called by the channel.

  get cookies(): CookieJar | undefined {
    return this.current?.cookies;
  }

  get silenceMs(): number {
    return this.current?.silenceMs ?? 0;
  }

  /** Whether the request may be sent again at once after a lost connection: not with `once`, not after a failure. */
  get idempotent(): boolean {
    return this.current?.once !== true && this.current?.isRetry !== true;
  }

  write(request: RequestWriter): boolean {
    const client = this.current;
    if (client === undefined) return false;
    this.#body = undefined;
    this.flags &= ~(Is.Received | Is.Listed | Is.Long);
    this.spokenAs = this.channel.identity;
    client.rewind?.();
    client.write(request);
    // Every request has the token, so nobody means that.
    if (request.end - this.spokenAs.length > LONG_BYTES) this.flags |= Is.Long;
    return request.finish();
  }

  onHead(head: ResponseHead): void {
    if (this.trouble !== undefined) this.endTrouble(true);
    // The head of a poll is a success already, because the platform may hold its body back for long.
    if (head.status === 200 && head.hasJson && this.silenceMs > 0) this.contact.onSuccess(this, false, NaN);
  }

  onBody(bytes: Uint8Array, from: number, to: number): void {
    // Leading white space only keeps a poll alive: no sink or buffer is created for it.
    const start = this.is(Is.Received) ? from : skipSpace(bytes, from, to);
    if (start === to) return;
    this.flags |= Is.Received;
    const client = this.current;
    if (client === undefined) return;
    const { isSuccess } = this.channel.head;
    const sink = isSuccess ? client.sink : undefined;
    if (sink !== undefined) {
      this.flags |= Is.Listed;
      sink.feed(bytes, start, to);
    } else {
      this.#body ??= bodyFor(this.channel.head, isSuccess ? BODY_MAX_BYTES : ERROR_MAX_BYTES);
      this.#body.putRange(bytes, start, to);
    }
  }

  onFail(failure: number, sent: boolean): void {
    const client = this.current;
    const detail = this.channel.detail;
    const reason = detail === '' ? failureText(failure) : `${failureText(failure)} (${detail})`;
    if (failure === Failure.Overflow) {
      if (client === undefined) return;
      // The request cannot be sent as it is, so a repetition is useless: it counts as refused by the platform.
      if (client.wants(Outcome.Invalid)) {
        this.contact.hal.log('warn', `${this.#name}: ${client.stateName}: ${reason}`);
        this.settle(client, Outcome.Invalid);
      } else this.failed(client, reason, false, NaN);
      return;
    }
    this.contact.onTrouble(failure);
    if (client === undefined) return;
    if (sent) {
      this.failed(client, reason, true, NaN);
      return;
    }
    // No connection was made: not a failure of this client, so the whole line waits.
    this.current = undefined;
    this.trouble = this.contact.troubles.fail(this.trouble, this, `${this.#name}: ${client.stateName}`, reason);
    this.submit(client);
  }

  onDone(head: ResponseHead): void {
    const client = this.current;
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
      // Only the platform answers with its media types, with lists and messages, or with 201. An empty 200 proves
      // nothing, but its Date is used on a connection that has carried answers of the platform.
      const isProof = head.isCumulocity || head.status === 201 || this.is(Is.Listed);
      if (isProof) this.channel.trust();
      if (this.channel.trusted) {
        // The Date of a poll may be as old as the poll.
        const isDated = head.status !== 200 || this.silenceMs === 0;
        this.contact.onSuccess(this, isProof, isDated ? head.dateMs : NaN);
      }
      this.settle(client, Outcome.Ok);
    }
  }

  private refused(client: Client, head: ResponseHead): void {
    this.contact.onTrouble(ANSWERED);
    const { status } = head;
    const isOwn = isPlatformError(head, this.#body ?? NO_BODY);
    if (isOwn) this.channel.trust();
    if (status === 401 && isOwn) {
      this.denied(client);
      return;
    }
    const outcome = outcomeOf(status);
    // A load balancer, too, may limit the size of a request.
    if (outcome !== undefined && client.wants(outcome) && (isOwn || (status === 413 && this.is(Is.Long)))) {
      this.settle(client, outcome);
      return;
    }
    // A refusal, also that of a gateway, says that nothing was done. A redirect, a 408 and a 5xx do not say so.
    const maybeDone = outcome === undefined && status !== 429;
    const whose = isOwn || status >= 500 ? '' : " that is not the platform's";
    this.failed(client, `HTTP ${status}${whose}`, maybeDone, head.retryAfterMs(this.contact.hal.clock.now()));
  }

  private settle(client: Client, outcome: Outcome): void {
    this.flags &= ~Is.Renewed;
    this.current = undefined;
    this.#body = undefined;
    client.conclude(outcome);
  }

  private denied(client: Client): void {
    if (client.wants(Outcome.Denied)) {
      this.settle(client, Outcome.Denied);
      return;
    }
    // If the credentials have changed since the request was sent, it is repeated with the present ones.
    const outdated = this.spokenAs !== this.channel.identity;
    if (!this.is(Is.Renewed) && (outdated || this.contact.onDenied(this))) {
      this.flags |= Is.Renewed;
      this.current = undefined;
      if (!outdated) this.flags |= Is.Held;
      this.submit(client);
      return;
    }
    this.failed(client, 'HTTP 401: the credentials are refused', false, NaN);
  }

  private failed(client: Client, reason: string, maybeDone: boolean, retryAfterMs: number): void {
    this.current = undefined;
    this.#body = undefined;
    this.flags &= ~Is.Renewed;
    client.fail(`${this.#name}: ${client.stateName}`, reason, retryAfterMs);
    if (maybeDone && client.once && client.wants(Outcome.Unknown)) client.conclude(Outcome.Unknown);
    else if (client.wants(Outcome.Failed)) client.conclude(Outcome.Failed);
    else this.submit(client);
  }
}
