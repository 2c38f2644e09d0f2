// SPDX-License-Identifier: Apache-2.0

import { ANSWERED } from '../base/request-line.ts';
import type { Trouble, TroubleOwner } from '../base/trouble.ts';
import { cut, oneLine } from '../bytes/text.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Channel } from '../http/channel.ts';
import type { Exchange } from '../http/exchange.ts';
import { failureText } from '../http/failure.ts';
import type { Deadline, DeadlineOwner } from '../timers/timers.ts';
import type { Transfer, TransferBase } from './transfer.ts';

/** A transfer without this many new bytes for this long fails. */
const PROGRESS_BYTES = 4096;
const PROGRESS_MS = 600_000;
const NO_PROGRESS = `no progress for ${PROGRESS_MS / 60_000} minutes`;
const MOST_REASON_CHARS = 200;

/** Receives the failure of a transfer. */
export interface PassageEnds {
  /** @param reason for a person; holds no secret */
  onFail(reason: string): void;
}

/**
 * The common part of downloads and uploads: a connection of its own, tries with growing pauses (at least as long as the
 * other side asks for, RFC 9110 §10.2.3), and an end without progress.
 */
export abstract class Passage implements Transfer, DeadlineOwner, TroubleOwner {
  protected readonly base: TransferBase;
  protected channel: Channel | undefined;
  /** The transfer has made progress at this many bytes. Bytes that are sent again are no progress. */
  protected progressAt = 1;
  readonly #what: string;
  readonly #ends: PassageEnds;
  #deadline: Deadline | undefined;
  #trouble: Trouble | undefined;
  #progressTicks: number;

  /** @param what kind of transfer, for a person */
  constructor(base: TransferBase, what: string, ends: PassageEnds) {
    this.base = base;
    this.#what = what;
    this.#ends = ends;
    this.#progressTicks = base.timers.ticks();
  }

  /** Sends the next request, at the beginning or after a pause. */
  protected abstract proceed(): void;

  /** Begins. The end is reported after the current event, and not after `stop`. */
  start(): void {
    try {
      this.#deadline = this.base.timers.create(this);
      this.base.uplink.transfers.enter(this);
      this.#deadline.start(0);
    } catch (error) {
      // The long poll may have made room for a transfer that does not begin.
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

  /**
   * Sends a request on the current connection, or on a new one to `endpoint`.
   * @param asDevice with the credentials of this device
   */
  protected send(exchange: Exchange, endpoint: Endpoint, asDevice: boolean): void {
    this.watch();
    if (this.#deadline?.active !== true) return;
    this.channel ??= this.base.uplink.transfers.channelTo(endpoint, asDevice);
    this.channel.send(exchange);
  }

  /** Notes progress, at `bytes` in all. */
  protected advance(bytes: number): void {
    this.progressAt = bytes + PROGRESS_BYTES;
    this.#progressTicks = this.base.timers.ticks();
    this.base.uplink.onTrouble(ANSWERED);
    this.endTrouble(true);
  }

  /** Tries again after a pause; not for ever without progress. */
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

  /** Limits the time without progress, however slowly bytes arrive. */
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
