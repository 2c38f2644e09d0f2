// SPDX-License-Identifier: Apache-2.0
/** The reasons for which an activity leaves a state: outcomes, decisions and signals. */

/** The meaning of the platform's answer to a request: one for each kind of answer that activities tell apart. */
export const Outcome = {
  /** 2xx, and the body was understood. */
  Ok: 0,
  /** 401. Only for states that list it; otherwise the authority handles it. */
  Denied: 1,
  /** 403. */
  Forbidden: 2,
  /** 404 and 410. */
  NotFound: 3,
  /** 409. */
  Conflict: 4,
  /** Any other 4xx for which a repetition is useless: 400, 405, 413, 415, 422 … */
  Invalid: 5,
  /** The request may have been carried out or not: its answer was lost or was a 5xx. Only from states with `once`. */
  Unknown: 6,
  /** No answer, or no usable one. Only for states that list it; otherwise the request is repeated. */
  Failed: 7,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** The results that a state finds by itself, without a request. */
export const Decision = {
  /** Present, possible, more to come. */
  Yes: 8,
  /** Absent, nothing left. */
  No: 9,
  /** A third result, neither yes nor no; its meaning depends on the state. */
  Other: 10,
  /** The same once more. */
  Again: 11,
} as const;
export type Decision = (typeof Decision)[keyof typeof Decision];

/** Signals from outside the activity, which can arrive at any moment. No state returns them. */
export const Signal = {
  /** There may be something to do. */
  Wake: 12,
  /** The activity's own wait is over. */
  Time: 13,
  /** Work that the activity has given to another object has ended. */
  Ended: 14,
  /** The platform refuses the credentials or the token of this device. */
  Refused: 15,
} as const;
export type Signal = (typeof Signal)[keyof typeof Signal];

/** Names for diagrams, by number. */
export const NAMES: Readonly<Record<Outcome | Decision | Signal, string>> = {
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
  [Signal.Wake]: 'wake',
  [Signal.Time]: 'time',
  [Signal.Ended]: 'ended',
  [Signal.Refused]: 'credentials refused',
};
