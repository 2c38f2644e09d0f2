// SPDX-License-Identifier: Apache-2.0
/** Limits and required results of lives with lasting faults. */

import type { Rule } from '../../platform/rules.ts';

/**
 * Rules that may be broken: a device that cannot listen polls without a subscription, and one that cannot poll listens;
 * operations whose start is refused are skipped; an end whose answer is lost is repeated.
 */
export const ALLOWED: readonly Rule[] = [
  'pending-before-subscribe',
  'pending-missing',
  'connect-gap',
  'operation-order',
  'token-after-logout',
];

export const MINUTE_MS = 60_000;
/** Hour in which the resource breaks, unless it is broken from the start. */
export const BREAKS_HOUR = 1;
/** Most requests in any two minutes, from ten minutes after the break on (I10). */
export const MOST_IN_TWO_MINUTES = 60;
/** Additional requests with one connection, where the device polls every five seconds in order to listen. */
export const SHORT_POLLS_IN_TWO_MINUTES = 24;
/** Most requests per hour to a resource that has been broken for a day. */
export const MOST_AN_HOUR = 20;
/** The same when each answer asks for a pause of an hour: one request per device, and a few more. */
export const MOST_LATER_AN_HOUR = 8;
/** Longest time of an operation, whatever else is silent: silence delays others by seconds, not by its minute. */
export const LONGEST_MS = 30_000;
/** Additional time with one connection: a poll of five seconds may precede each of its two updates. */
export const POLLS_BETWEEN_MS = 10_000;
/** Interval of the queries for operations where nothing can be pushed. */
export const ASK_MS = 60_000;
/** Most requests per hour at 404, which means that the device is not accepted yet: a person waits for it. */
export const MOST_UNACCEPTED_AN_HOUR = 120;
export const DAY_HOURS = 24;
/** The longest pause, with the work after it. */
export const PAUSE_MINUTES = 15;
/** The same with the pause of `Retry-After`. */
export const HOUR_LONG_MINUTES = 75;
/** A lost poll looks like a held one, until its timeout and a quarter of a minute have passed. */
export const SWALLOWED_MS = 615_000;
