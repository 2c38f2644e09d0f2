// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../../hal/hal.ts';

const FIRST_MS = 1000;
const DOUBLED_MS = 60_000;
const STEP_MS = 15_000;
/** The longest pause, and with it the longest that anything takes to notice that what was broken works again. */
export const MOST_PAUSE_MS = 300_000;
const SPREAD_MS = 120_000;
const LEAST_MS = 500;
const MANY_FAILURES = 5;
const MOST_RETRY_AFTER_MS = 3_600_000;

/** Why all that belongs to one device, and all its children, are refused alike: it is told once for all of them. */
export const NOT_OWNER = 'HTTP 403: is it the owner?';

/**
 * How long to wait after the n-th failure in a row. The window doubles from a second to a minute, then grows by a
 * quarter of a minute to five; the wait is spread over it, so that a fleet that lost the platform together comes back
 * apart. What stays broken is tried about 15 times an hour, and never more than 20.
 */
export function pauseMs(failures: number, random: number): number {
  const doubledMs = FIRST_MS * 2 ** Math.min(failures - 1, 6);
  const windowMs = Math.min(Math.min(doubledMs, DOUBLED_MS) + STEP_MS * Math.max(0, failures - 7), MOST_PAUSE_MS);
  const leastMs = Math.max(Math.min(LEAST_MS, windowMs / 2), windowMs - SPREAD_MS);
  return Math.round(leastMs + random * (windowMs - leastMs));
}

/** As `pauseMs`, behind what the platform has said (Retry-After; NaN: nothing), of which no more than `mostMs` counts. */
export function retryMs(failures: number, random: number, retryAfterMs: number, mostMs: number): number {
  return (retryAfterMs >= 0 ? Math.min(retryAfterMs, mostMs) : 0) + pauseMs(failures, random);
}

/** Whose failure it is. */
export interface TroubleOwner {
  /** The pause is over before its time: the link is back, or there are other credentials. */
  retry(): void;
}

/** What one activity fails at. There only while it fails: each activity has its own, so that none waits for another. */
export class Trouble {
  readonly owner: TroubleOwner;
  /** In a row. */
  failures = 0;
  /** Not tried again before, by the clock's ticks. */
  dueTicks = 0;
  /** The platform has said so (Retry-After): not before, whatever happens. */
  leastTicks = 0;
  /** State of the owner's table that fails; it is over when this state succeeds. */
  state = -1;
  /** Why, for a person. */
  reason = '';
  /** What fails and why. */
  text = '';

  constructor(owner: TroubleOwner) {
    this.owner = owner;
  }
}

/** All that fails at present. Each begins with one line in the log and ends with one; in between the status shows it. */
export class Troubles {
  readonly #hal: Hal;
  readonly #list: Trouble[] = [];

  constructor(hal: Hal) {
    this.#hal = hal;
  }

  /**
   * Counts a failure and says when to try again.
   * @param known what came of the failure before; undefined: this is the first
   * @param retryAfterMs the least to wait, as the platform said (RFC 9110 §10.2.3); NaN: it did not say. The pause comes
   *   on top, so that a fleet does not return as one.
   * @param before failures that were passed over, of one that is the first
   */
  fail(
    known: Trouble | undefined,
    owner: TroubleOwner,
    what: string,
    reason: string,
    retryAfterMs = NaN,
    before = 0,
  ): Trouble {
    const trouble = known ?? new Trouble(owner);
    trouble.failures = (known?.failures ?? before) + 1;
    const leastMs = retryAfterMs >= 0 ? Math.min(retryAfterMs, MOST_RETRY_AFTER_MS) : 0;
    const delayMs = leastMs + pauseMs(trouble.failures, this.#hal.random());
    const ticks = this.#hal.clock.ticks();
    trouble.leastTicks = ticks + leastMs;
    trouble.dueTicks = ticks + delayMs;
    trouble.reason = reason;
    trouble.text = `${what}: ${reason}`;
    if (known !== undefined) return trouble;
    const isTold = this.isTold(reason);
    this.#list.push(trouble);
    if (isTold) return trouble;
    // A person has to act.
    const level = reason === NOT_OWNER ? 'error' : 'warn';
    this.#hal.log(level, `${trouble.text}; next try in ${Math.ceil(delayMs / 1000)} s`);
    return trouble;
  }

  /** It works again, or nobody wants it any more. */
  end(trouble: Trouble, isHealed: boolean): void {
    const at = this.#list.indexOf(trouble);
    if (at < 0) return;
    this.#list.splice(at, 1);
    if (!isHealed) return;
    if (!this.isTold(trouble.reason))
      this.#hal.log('info', `works again after ${trouble.failures} failures: ${trouble.text}`);
    // What was broken for long and is mended may have been the trouble of others.
    if (trouble.failures >= MANY_FAILURES) this.hurry(trouble.reason);
  }

  /** Another one fails for this reason, which is told once for all. */
  private isTold(reason: string): boolean {
    return reason === NOT_OWNER && this.#list.some((each) => each.reason === reason);
  }

  /** Everything is tried at once, or all that fails for this reason. */
  hurry(reason?: string): void {
    for (const trouble of this.#list.slice()) {
      if (reason !== undefined && trouble.reason !== reason) continue;
      trouble.dueTicks = 0;
      trouble.owner.retry();
    }
  }

  /** A line each, for the status. */
  lines(): string[] {
    const ticks = this.#hal.clock.ticks();
    return this.#list.map(({ text, failures, dueTicks }) => {
      const waitS = Math.max(0, Math.ceil((dueTicks - ticks) / 1000));
      return `trouble: ${text}; ${failures} failures, next try in ${waitS} s`;
    });
  }
}
