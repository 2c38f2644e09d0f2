// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../hal/hal.ts';
import { NONE } from '../none.ts';

const FIRST_MS = 1000;
const DOUBLED_MS = 60_000;
const STEP_MS = 15_000;
/** The longest pause, and so the longest time until an activity notices that its work succeeds again. */
export const MOST_PAUSE_MS = 300_000;
const SPREAD_MS = 120_000;
const LEAST_MS = 500;
const MANY_FAILURES = 5;
const MOST_RETRY_AFTER_MS = 3_600_000;

/** The reason when all requests for a device and its children are refused; it is logged once for all of them. */
export const NOT_OWNER = 'HTTP 403: is it the owner?';

/**
 * The pause after the n-th failure in a row. Its window doubles from 1 s to 60 s, then grows by 15 s to 5 minutes. The
 * pause is random in the window, so that a fleet that lost the platform together does not return together. A lasting
 * failure is tried about 15 times an hour, and never more than 20 times.
 */
export function pauseMs(failures: number, random: number): number {
  const doubledMs = FIRST_MS * 2 ** Math.min(failures - 1, 6);
  const windowMs = Math.min(Math.min(doubledMs, DOUBLED_MS) + STEP_MS * Math.max(0, failures - 7), MOST_PAUSE_MS);
  const leastMs = Math.max(Math.min(LEAST_MS, windowMs / 2), windowMs - SPREAD_MS);
  return Math.round(leastMs + random * (windowMs - leastMs));
}

/** As `pauseMs`, plus the wait that the platform asks for (Retry-After; NaN: none), at most `mostMs` of it. */
export function retryMs(failures: number, random: number, retryAfterMs: number, mostMs: number): number {
  return (retryAfterMs >= 0 ? Math.min(retryAfterMs, mostMs) : 0) + pauseMs(failures, random);
}

/** The object that fails: an activity, or a line of requests. */
export interface TroubleOwner {
  /** Ends the pause early, for example because the link is back or the credentials have changed. */
  retry(): void;
}

/** The failures of one activity; exists only while it fails. Each activity has its own, so none waits for another. */
export class Trouble {
  readonly owner: TroubleOwner;
  /** The number of failures in a row. */
  failures = 0;
  /** Ticks before which there is no new try. */
  dueTicks = 0;
  /** Ticks before which the platform wants no new try (Retry-After). */
  leastTicks = 0;
  /** The state of the owner's table that fails. The trouble ends when this state succeeds. */
  state = -1;
  /** The reason, for a person. */
  reason = '';
  /** The failing step and the reason, for a person. */
  text = '';

  constructor(owner: TroubleOwner) {
    this.owner = owner;
  }
}

/** All present troubles. Each logs one line at its beginning and one at its end; in between the status shows it. */
export class Troubles {
  readonly #hal: Hal;
  #list: readonly Trouble[] = NONE;

  constructor(hal: Hal) {
    this.#hal = hal;
  }

  /**
   * Counts a failure and sets the time of the next try.
   * @param known the result of the previous call for this failure; undefined: this failure is the first
   * @param retryAfterMs the shortest wait by the platform (RFC 9110 §10.2.3); NaN: none. The pause is added to it, so
   *   that a fleet does not return together.
   * @param before the number of failures to assume before a first one
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
    this.#list = this.#list.concat(trouble);
    if (isTold) return trouble;
    // A person has to act.
    const level = reason === NOT_OWNER ? 'error' : 'warn';
    this.#hal.log(level, `${trouble.text}; next try in ${Math.ceil(delayMs / 1000)} s`);
    return trouble;
  }

  /** Ends a trouble. `isHealed`: the work succeeds again; otherwise it is no longer wanted. */
  end(trouble: Trouble, isHealed: boolean): void {
    if (!this.#list.includes(trouble)) return;
    this.#list = this.#list.filter((each) => each !== trouble);
    if (!isHealed) return;
    if (!this.isTold(trouble.reason))
      this.#hal.log('info', `works again after ${trouble.failures} failures: ${trouble.text}`);
    // The cause of a long trouble may have been the cause of others, which are tried at once.
    if (trouble.failures >= MANY_FAILURES) this.hurry(trouble.reason);
  }

  /** Whether the reason is logged only once for all troubles, and another trouble has logged it. */
  private isTold(reason: string): boolean {
    return reason === NOT_OWNER && this.#list.some((each) => each.reason === reason);
  }

  /** Ends the pause of all troubles, or of all that have this reason. A wait that the platform asks for goes on. */
  hurry(reason?: string): void {
    const ticks = this.#hal.clock.ticks();
    for (const trouble of this.#list) {
      if ((reason !== undefined && trouble.reason !== reason) || trouble.leastTicks > ticks) continue;
      trouble.dueTicks = 0;
      trouble.owner.retry();
    }
  }

  /** One line for each trouble, for the status. */
  lines(): string[] {
    const ticks = this.#hal.clock.ticks();
    return this.#list.map(({ text, failures, dueTicks }) => {
      const waitS = Math.max(0, Math.ceil((dueTicks - ticks) / 1000));
      return `trouble: ${text}; ${failures} failures, next try in ${waitS} s`;
    });
  }
}
