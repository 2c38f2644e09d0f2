// SPDX-License-Identifier: Apache-2.0

import { ANSWERED } from '../agent/base/request-line.ts';
import type { Trouble, TroubleOwner } from '../agent/base/trouble.ts';
import { cut, oneLine } from '../bytes/text.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Channel } from '../http/channel.ts';
import type { Exchange } from '../http/exchange.ts';
import { failureText } from '../http/failure.ts';
import type { Deadline, DeadlineOwner } from '../timers/timers.ts';
import type { Transfer, TransferBase } from './transfer.ts';

/** Without so many bytes that were not there before, for so long, it fails. */
const PROGRESS_BYTES = 4096;
const PROGRESS_MS = 600_000;
const NO_PROGRESS = `no progress for ${PROGRESS_MS / 60_000} minutes`;
const MOST_REASON_CHARS = 200;

/** Who is told of the end of a transfer that has failed. */
export interface PassageEnds {
  /** @param reason for a person; holds no secret */
  onFail(reason: string): void;
}

/**
 * What downloads and uploads have in common: a connection of their own, tries with growing pauses (as long as the other
 * side asks for at the least, RFC 9110 §10.2.3), and an end when it does not get on.
 */
export abstract class Passage implements Transfer, DeadlineOwner, TroubleOwner {
  protected readonly base: TransferBase;
  protected channel: Channel | undefined = undefined;
  /** With so many bytes it has got on. What is sent again is no progress. */
  protected progressAt = 1;
  readonly #what: string;
  readonly #ends: PassageEnds;
  #deadline: Deadline | undefined = undefined;
  #trouble: Trouble | undefined = undefined;
  #progressTicks: number;

  /** @param what it is, for a person */
  constructor(base: TransferBase, what: string, ends: PassageEnds) {
    this.base = base;
    this.#what = what;
    this.#ends = ends;
    this.#progressTicks = base.timers.ticks();
  }

  /** Asks for what comes next, from the beginning or after a pause. */
  protected abstract proceed(): void;

  /** Its end follows, not before the present event is over, and none after `stop`. */
  start(): void {
    try {
      this.#deadline = this.base.timers.create(this);
      this.base.uplink.transfers.enter(this);
      this.#deadline.start(0);
    } catch (error) {
      // The long poll may have made room for what does not come.
      this.base.panic(error);
      throw error;
    }
  }

  stop(): void {
    this.#deadline?.stop();
    this.channel?.close();
    this.channel = undefined;
    this.endTrouble(false);
    this.base.uplink.transfers.leave(this);
  }

  onDeadline(): void {
    if (this.channel?.busy === true) this.watch();
    else this.proceed();
  }

  retry(): void {
    if (this.#deadline?.active === true) this.#deadline.start(0);
  }

  /** Sends a request on the connection that there is, or on one to `endpoint`. @param asDevice with the credentials of this device */
  protected send(exchange: Exchange, endpoint: Endpoint, asDevice: boolean): void {
    this.watch();
    if (this.#deadline?.active !== true) return;
    this.channel ??= this.base.uplink.transfers.channelTo(endpoint, asDevice);
    this.channel.send(exchange);
  }

  /** It has got on, by `bytes` in all. */
  protected advance(bytes: number): void {
    this.progressAt = bytes + PROGRESS_BYTES;
    this.#progressTicks = this.base.timers.ticks();
    this.base.uplink.onTrouble(ANSWERED);
    this.endTrouble(true);
  }

  /** Waits, and goes on; not for ever without getting on. */
  protected again(reason: string, retryAfterMs: number): void {
    const { timers, troubles } = this.base;
    this.channel?.close();
    this.channel = undefined;
    const endTicks = this.#progressTicks + PROGRESS_MS;
    this.#trouble = troubles.fail(this.#trouble, this, this.#what, reason, retryAfterMs);
    if (this.#trouble.dueTicks > endTicks) this.fail(`${reason}; ${NO_PROGRESS}`);
    else this.#deadline?.startAt(Math.max(timers.ticks(), this.#trouble.dueTicks));
  }

  protected fail(reason: string): void {
    this.stop();
    this.#ends.onFail(`${this.#what}: ${oneLine(cut(reason, MOST_REASON_CHARS))}`);
  }

  protected failureReason(failure: number): string {
    const detail = this.channel?.detail ?? '';
    return detail === '' ? failureText(failure) : `${failureText(failure)} (${detail})`;
  }

  /** However little comes, and of whatever: not for ever. */
  private watch(): void {
    const endTicks = this.#progressTicks + PROGRESS_MS;
    if (this.base.timers.ticks() >= endTicks) this.fail(NO_PROGRESS);
    else this.#deadline?.startAt(endTicks);
  }

  private endTrouble(isHealed: boolean): void {
    if (this.#trouble === undefined) return;
    this.base.troubles.end(this.#trouble, isHealed);
    this.#trouble = undefined;
  }
}
