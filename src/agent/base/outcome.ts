// SPDX-License-Identifier: Apache-2.0
/** What a state of an activity can end with, and what can come to it from outside. */

/** What the platform's answer to a request means, one for each kind of answer that an activity may want to tell apart. */
export const Outcome = {
  /** 2xx, and the body was understood. */
  Ok: 0,
  /** 401 after everything that can be done about it in general. */
  Denied: 1,
  /** 403. */
  Forbidden: 2,
  /** 404 and 410. */
  NotFound: 3,
  /** 409. */
  Conflict: 4,
  /** Any other 4xx that repeating cannot mend: 400, 405, 413, 415, 422 … */
  Invalid: 5,
  /** The request may have been carried out or not: its answer was lost or was a 5xx. Only from states with `once`. */
  Unknown: 6,
  /** No answer, or none that decides anything. Only where the activity has something else to do meanwhile. */
  Failed: 7,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** What a state that acts finds out by itself. */
export const Decision = {
  /** Present, possible, more to come. */
  Yes: 8,
  /** Absent, nothing left. */
  No: 9,
  /** Neither: what the state's name says has a third way. */
  Other: 10,
  /** The same once more. */
  Again: 11,
} as const;
export type Decision = (typeof Decision)[keyof typeof Decision];

/** What comes from outside, at any moment: no state can end with it by itself. */
export const Event = {
  /** There may be something to do. */
  Wake: 12,
  /** The activity's own wait is over. */
  Time: 13,
  /** What the activity had handed to somebody else has ended. */
  Ended: 14,
  /** The platform refuses who this device says it is. */
  Refused: 15,
} as const;
export type Event = (typeof Event)[keyof typeof Event];

/** For diagrams, by number. */
export const NAMES: Readonly<Record<Outcome | Decision | Event, string>> = {
  [Outcome.Ok]: 'ok',
  [Outcome.Denied]: '401',
  [Outcome.Forbidden]: '403',
  [Outcome.NotFound]: '404',
  [Outcome.Conflict]: '409',
  [Outcome.Invalid]: 'refused',
  [Outcome.Unknown]: 'unknown',
  [Outcome.Failed]: 'failed',
  [Decision.Yes]: 'yes',
  [Decision.No]: 'no',
  [Decision.Other]: 'other',
  [Decision.Again]: 'again',
  [Event.Wake]: 'wake',
  [Event.Time]: 'time',
  [Event.Ended]: 'ended',
  [Event.Refused]: 'credentials refused',
};
