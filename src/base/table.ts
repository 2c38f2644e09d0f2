// SPDX-License-Identifier: Apache-2.0
/** The tables of activities: states and transitions. */

import type { RequestWriter } from '../http/request.ts';
import type { ResponseHead } from '../http/response.ts';
import type { Body, BodySink } from './body.ts';
import { type Decision, Outcome } from './outcome.ts';

/**
 * One state of an activity. A state acts on entering (`enter`), or sends a request (`request`, `read`), or waits.
 * `on` of its row gives the next state for each outcome, decision and signal. `Requests` handles the failures that all
 * requests have in common (no link, 401, 429, 5xx, an answer that cannot be understood); they never appear here.
 */
export interface TableState<C> {
  readonly name: string;
  /** The step or clause this state carries out. */
  readonly step: string;
  /** The member of the machine that carries the state out, its delegate; absent: the machine itself. */
  readonly delegate?: string;
  /** Acts; returns a decision to leave the state at once, or undefined to stay. */
  readonly enter?: (context: C) => Decision | undefined;
  /** Writes the request. Called again when it has to be repeated. */
  readonly request?: (context: C, request: RequestWriter) => void;
  /** Reads the body of a 2xx. False: the platform does not answer this way, so the answer counts as lost. */
  readonly read?: (context: C, body: Body, head: ResponseHead) => boolean;
  /** Returns the receiver of the body, which is not collected then; `read` only judges the result. */
  readonly sink?: (context: C) => BodySink;
  /** The request creates something: the platform answers with 201, and any other 2xx is not from it. */
  readonly creates?: true;
  /** A repeated request could be carried out twice: a lost answer is the outcome `Unknown`. */
  readonly once?: true;
  /** Silence after which the answer counts as lost; absent: the default of the channel. */
  readonly silenceMs?: (context: C) => number;
}

/** A state, and the number of the next state for each outcome, decision and signal. */
export type Row<C> = TableState<C> & { readonly on: Readonly<Partial<Record<number, number>>> };

export interface Table<C> {
  readonly states: readonly TableState<C>[];
  /** For each state, the next one by outcome, decision and signal. */
  readonly next: Uint8Array;
}

/** The number of outcomes, decisions and signals together. */
const REASONS = 16;
const NOWHERE = 0xff;

/** The states that the delegates of a machine carry out, by the name of its member. */
type DelegateRows<C> = { readonly [K in keyof C]?: readonly Row<NonNullable<C[K]>>[] };

/**
 * Makes a table of the states of a machine, followed by those of its delegates. A transition takes one byte of flash;
 * as a member of an object it would take more.
 */
export function table<C>(own: readonly Row<C>[], delegates: DelegateRows<C> = {}): Table<C> {
  const rows: Row<never>[] = [...own];
  for (const [delegate, its] of Object.entries<readonly Row<never>[]>(
    delegates as Record<string, readonly Row<never>[]>,
  )) {
    for (const row of its) rows.push({ ...row, delegate });
  }
  const next = new Uint8Array(rows.length * REASONS).fill(NOWHERE);
  const states = rows.map(({ on, ...state }, i) => {
    for (const reason of Object.keys(on)) next[i * REASONS + Number(reason)] = on[Number(reason)] ?? NOWHERE;
    return Object.freeze(state) as TableState<C>;
  });
  return Object.freeze({ states: Object.freeze(states), next });
}

/** The transitions to `to` for every refusal by the platform except 401. */
export function refused(to: number): Row<never>['on'] {
  return { [Outcome.Forbidden]: to, [Outcome.NotFound]: to, [Outcome.Conflict]: to, [Outcome.Invalid]: to };
}

/** The next state; undefined: there is no transition, also from state -1. */
export function successor({ next }: Table<never>, state: number, reason: number): number | undefined {
  const to = next[state * REASONS + reason];
  return to === NOWHERE ? undefined : to;
}
