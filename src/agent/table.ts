// SPDX-License-Identifier: Apache-2.0
/** What the tables of the activities are made of. */

import type { RequestWriter } from '../http/request.ts';
import type { ResponseHead } from '../http/response.ts';
import type { Body } from './uplink/answer.ts';

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

/**
 * One state of an activity. A state acts on entering (`enter`), or sends a request (`request`, `read`), or waits.
 * `on` of its row says where each outcome, decision and event leads; what all requests have in common (no link, 401, 429, 5xx, an answer that
 * cannot be understood) is dealt with in `Requests` and never shows here.
 */
export interface State<C> {
  readonly name: string;
  /** The step or clause this state carries out. */
  readonly step: string;
  /** The member of the machine that carries it out, where that is not the machine itself. */
  readonly part?: string;
  /** Acts; returns the decision to leave by at once, or undefined to stay. */
  readonly enter?: (context: C) => Decision | undefined;
  /** Writes the request. Called again when it has to be repeated. */
  readonly request?: (context: C, request: RequestWriter) => void;
  /** Reads the body of a 2xx. False: not what the platform says here, so it counts as no answer. */
  readonly read?: (context: C, body: Body, head: ResponseHead) => boolean;
  /** What takes the body piece by piece, instead of it being collected; `read` then only concludes. */
  readonly sink?: (context: C) => BodySink;
  /** It makes something: the platform says so with 201, and any other 2xx is somebody else's. */
  readonly creates?: true;
  /** Repeating the request could do it twice: a lost answer is the outcome `Unknown`. */
  readonly once?: true;
  /** Milliseconds of silence after which the answer counts as lost, where the usual ones do not fit. */
  readonly silenceMs?: (context: C) => number;
}

/** A state with the numbers of those that each outcome, decision and event leads to. */
export type Row<C> = State<C> & { readonly on: Readonly<Partial<Record<number, number>>> };

export interface Table<C> {
  readonly states: readonly State<C>[];
  /** For each state, the next one by outcome, decision and event. */
  readonly next: Uint8Array;
}

/** Beyond all outcomes, decisions and events. */
const REASONS = 16;
const NOWHERE = 0xff;

/** States of the parts of a machine, by the member that the part is. */
type PartRows<C> = { readonly [K in keyof C]?: readonly Row<C[K]>[] };

/**
 * The states of a machine, and then those that its parts carry out. In flash, a byte takes the place of an object's
 * member.
 */
export function table<C>(own: readonly Row<C>[], parts: PartRows<C> = {}): Table<C> {
  const rows: Row<never>[] = [...own];
  for (const [part, ofPart] of Object.entries<readonly Row<never>[]>(parts as Record<string, readonly Row<never>[]>)) {
    for (const row of ofPart) rows.push({ ...row, part });
  }
  const next = new Uint8Array(rows.length * REASONS).fill(NOWHERE);
  const states = rows.map(({ on, ...state }, i) => {
    for (const reason of Object.keys(on)) next[i * REASONS + Number(reason)] = on[Number(reason)] ?? NOWHERE;
    return Object.freeze(state) as State<C>;
  });
  return Object.freeze({ states: Object.freeze(states), next });
}

/** Whatever the platform refuses and for whatever reason, 401 apart, it leads there. */
export function refused(to: number): Row<never>['on'] {
  return { [Outcome.Forbidden]: to, [Outcome.NotFound]: to, [Outcome.Conflict]: to, [Outcome.Invalid]: to };
}

/** Where a state leads; undefined: nowhere. Also before the first state, which is -1. */
export function successor({ next }: Table<never>, state: number, reason: number): number | undefined {
  const to = next[state * REASONS + reason];
  return to === NOWHERE ? undefined : to;
}

/** Takes a body as it comes in. */
export interface BodySink {
  feed(bytes: Uint8Array, from: number, to: number): void;
}
