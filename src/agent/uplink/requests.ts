// SPDX-License-Identifier: Apache-2.0

import { ByteWriter } from '../../bytes/writer.ts';
import type { Channel } from '../../http/channel.ts';
import type { CookieJar } from '../../http/cookies.ts';
import type { Exchange } from '../../http/exchange.ts';
import { Failure, failureText } from '../../http/failure.ts';
import type { RequestWriter } from '../../http/request.ts';
import type { ResponseHead } from '../../http/response.ts';
import { skipSpace } from '../../json/scan.ts';
import { isPlatformError, outcomeOf } from '../base/answer.ts';
import type { Client } from '../base/client.ts';
import { Outcome } from '../base/outcome.ts';
import { ANSWERED, type Contact, Is, RequestLine } from '../base/request-line.ts';

const BODY_BYTES = 64;
const BODY_MAX_BYTES = 4096;
/** Of an error only its name matters. */
const ERROR_MAX_BYTES = 512;
const NO_BODY = new ByteWriter(0, 0);

/** Room for the whole body where its length is known: each time that a buffer grows costs memory. */
function bodyFor({ contentLength }: ResponseHead, maxBytes: number): ByteWriter {
  return new ByteWriter(Math.min(Math.max(contentLength, BODY_BYTES), maxBytes), maxBytes);
}

/**
 * The requests of one connection. All that can happen to any of them is dealt with here, once: no link, lost
 * connections, deadlines, 401, 408/425/429/5xx with Retry-After, redirects, answers of somebody who is not the platform.
 * What is left reaches the activity as one `Outcome`.
 */
export class Requests extends RequestLine implements Exchange {
  readonly #name: string;
  /** There while a body is collected. */
  #body: ByteWriter | undefined = undefined;

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

  // Exchange: the channel's side.

  get cookies(): CookieJar | undefined {
    return this.current?.cookies;
  }

  get silenceMs(): number {
    return this.current?.silenceMs ?? 0;
  }

  /** A request that may be sent again at once after a connection was lost: none that says `once` or has failed before. */
  get idempotent(): boolean {
    return this.current?.once !== true && this.current?.isRetry !== true;
  }

  write(request: RequestWriter): boolean {
    const client = this.current;
    if (client === undefined) return false;
    this.#body = undefined;
    this.flags &= ~(Is.Received | Is.Listed);
    this.spokenAs = this.channel.identity;
    client.rewind?.();
    client.write(request);
    return request.finish();
  }

  onHead(head: ResponseHead): void {
    if (this.trouble !== undefined) this.endTrouble(true);
    // A poll may be held for long after its head: it is no outage that it has not ended.
    if (head.status === 200 && head.hasJson && this.silenceMs > 0) this.contact.onSuccess(this, false, NaN);
  }

  onBody(bytes: Uint8Array, from: number, to: number): void {
    // Blanks in front keep a poll alive and say nothing: nobody has to be made for them.
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
      // No use in repeating it: as if the platform had refused it.
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
    // No connection came up: that is nobody's failure, and everybody waits.
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
      // Only the platform has its media types, lists and sessions, and only it creates; an empty 200 proves nothing, but
      // tells the time on a connection that has carried its answers.
      const isProof = head.isCumulocity || head.status === 201 || this.is(Is.Listed);
      if (isProof) this.channel.trust();
      if (this.channel.trusted) {
        // The head of a poll may be as old as the poll is long.
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
    // How large a request may be is for a balancer to say as well.
    if (outcome !== undefined && client.wants(outcome) && (isOwn || status === 413)) {
      this.settle(client, outcome);
      return;
    }
    const maybeDone = !isOwn || status < 400 || status >= 500;
    const whose = isOwn || status >= 500 || status === 429 ? '' : " that is not the platform's";
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
    // Refused for credentials that have been replaced meanwhile: nobody needs others than those that there are now.
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
