// SPDX-License-Identifier: Apache-2.0
/** What the tables of the activities are made of. */

import type { RequestWriter } from '../../http/request.ts';
import type { ResponseHead } from '../../http/response.ts';
import type { Body, BodySink } from './body.ts';
import { type Decision, Outcome } from './outcome.ts';

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
