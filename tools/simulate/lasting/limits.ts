// SPDX-License-Identifier: Apache-2.0
/** What a life in which something stays broken may and must do, in figures. */

import type { Rule } from '../../platform/rules.ts';

/**
 * Who cannot listen asks without it, and who cannot ask listens; what the platform does not let begin is passed over; an end
 * whose answer is lost is told again.
 */
export const ALLOWED: readonly Rule[] = [
  'pending-before-subscribe',
  'pending-missing',
  'connect-gap',
  'operation-order',
  'token-after-logout',
];

export const MINUTE_MS = 60_000;
/** It runs for an hour before something breaks, unless that is so from the beginning. */
export const BREAKS_HOUR = 1;
/** Requests in any two minutes, from ten minutes after it broke on (I10). */
export const MOST_IN_TWO_MINUTES = 60;
/** On one connection the long poll is asked every five seconds besides: that is how it listens, whatever fails. */
export const SHORT_POLLS_IN_TWO_MINUTES = 24;
/** Requests in an hour of what has been broken for a day. */
export const MOST_AN_HOUR = 20;
/** Of what asks for an hour each time: once for each device, and a little. */
export const MOST_LATER_AN_HOUR = 8;
/** For an operation, whatever else is silent: that keeps others waiting for seconds, not for its minute. */
export const LONGEST_MS = 30_000;
/** On one connection a poll of five seconds may go before each of its two updates. */
export const POLLS_BETWEEN_MS = 10_000;
/** Operations are asked for once a minute where nothing can be pushed. */
export const ASK_MS = 60_000;
/** 404 says that nobody has accepted the device yet: somebody will, and looks at it. */
export const MOST_UNACCEPTED_AN_HOUR = 120;
export const DAY_HOURS = 24;
/** The longest pause, and what is to be done after it. */
export const PAUSE_MINUTES = 15;
/** The pause that `Retry-After` asks for, too. */
export const HOUR_LONG_MINUTES = 75;
/** A poll that is swallowed looks like one that is held, until its time and a quarter of a minute are over. */
export const SWALLOWED_MS = 615_000;
