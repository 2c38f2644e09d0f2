// SPDX-License-Identifier: Apache-2.0
/** The tables of activities: states and transitions. */

import { lineAt } from '../bytes/text.ts';
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

/** An action of a row: a function, or the name of a method, which `tools/lean` stores where an action only calls it. */
export type Action<C> = string | ((context: C, a: never, b: never) => unknown);

/** The number of the first row of a table. */
export type Table<C> = number & { readonly of?: (context: C) => void };

/**
 * The rows of all tables, in a form that takes little flash: there, an object takes 16 bytes, and as many for each member. It is filled
 * while modules are evaluated; a board has it in flash. Before each table there is a row for no state, without transitions and actions.
 */
const all: {
  /** The bytes of each state: the next state by outcome, decision and signal, then its columns. */
  rows: Uint8Array;
  /** A line for each state: its name, a tab and its step. */
  texts: string;
  /** The actions of all states, and the names of the delegates. */
  readonly actions: Action<never>[];
} = { rows: new Uint8Array(0), texts: '', actions: [] };

/** Behind the outcomes, decisions and signals of a state: the places of its actions among all, and its flags. */
export const Column = { Enter: 16, Request: 17, Read: 18, Sink: 19, SilenceMs: 20, Delegate: 21, Flags: 22 } as const;
export type Column = (typeof Column)[keyof typeof Column];
/** The number of bytes of a state. */
export const WIDTH = 23;
/** Bits of `Column.Flags`: the state sends a request; `creates`; `once`. */
export const Flag = { Asks: 1, Creates: 2, Once: 4 } as const;
/** No state, or no action. */
export const NONE = 0xff;

/** The states that the delegates of a machine carry out, by the name of its member. */
type DelegateRows<C> = { readonly [K in keyof C]?: readonly Row<NonNullable<C[K]>>[] };

/**
 * Makes a table of the states of a machine, followed by those of its delegates. Nothing else calls what it consists of, so that a board
 * keeps none of it.
 */
export function table<C>(own: readonly Row<C>[], delegates: DelegateRows<C> = {}): Table<C> {
  const added: Partial<Row<never>>[] = [{}, ...own];
  for (const [delegate, its] of Object.entries<readonly Row<never>[]>(
    delegates as Record<string, readonly Row<never>[]>,
  )) {
    for (const row of its) added.push({ ...row, delegate });
  }
  if (added.length > NONE) throw new RangeError('table: too many states');
  const from = all.rows.length;
  const rows = new Uint8Array(from + added.length * WIDTH).fill(NONE);
  rows.set(all.rows);
  added.forEach((row, i) => {
    const at = from + i * WIDTH;
    const place = (column: Column, action: Action<never> | undefined) => {
      if (action === undefined) return;
      if (!all.actions.includes(action)) all.actions.push(action);
      rows[at + column] = all.actions.indexOf(action);
    };
    // On a board, states have no step, and those that ask nobody have no name.
    all.texts += `${row.name ?? ''}\t${row.step ?? ''}\n`;
    for (const [reason, to] of Object.entries(row.on ?? {})) rows[at + Number(reason)] = to ?? NONE;
    place(Column.Enter, row.enter);
    place(Column.Request, row.request);
    place(Column.Read, row.read);
    place(Column.Sink, row.sink);
    place(Column.SilenceMs, row.silenceMs);
    place(Column.Delegate, row.delegate);
    rows[at + Column.Flags] =
      (row.request === undefined ? 0 : Flag.Asks) |
      (row.creates === true ? Flag.Creates : 0) |
      (row.once === true ? Flag.Once : 0);
  });
  if (all.actions.length > NONE) throw new RangeError('table: too many actions');
  all.rows = rows;
  return (from / WIDTH + 1) as Table<C>;
}

/** The transitions to `to` for every refusal by the platform except 401. */
export function refused(to: number): Row<never>['on'] {
  return { [Outcome.Forbidden]: to, [Outcome.NotFound]: to, [Outcome.Conflict]: to, [Outcome.Invalid]: to };
}

/**
 * The next state; undefined: there is no transition.
 * @param at index of the bytes of the present state
 */
export function successor(at: number, reason: number): number | undefined {
  const to = all.rows[at + reason];
  return to === NONE ? undefined : to;
}

/** A byte of the state with bytes at this index. */
export function byteOf(at: number, column: Column): number {
  return all.rows[at + column] as number;
}

/** The action with this number. */
export function actionOf(number: number): Action<never> | undefined {
  return all.actions[number];
}

/** The name of the state with bytes at this index; empty on a board for one that asks nobody. */
export function stateName(at: number): string {
  const line = lineAt(all.texts, at / WIDTH);
  return line.slice(0, line.indexOf('\t'));
}

/** The states as rows, for documentation and tests. */
export function rowsOf(table: Table<never>): Row<never>[] {
  const lines = all.texts.split('\n').slice(table);
  return lines
    .slice(
      0,
      lines.findIndex((line) => line.length < 2),
    )
    .map((line, i) => {
      const [name, step] = line.split('\t');
      const at = (table + i) * WIDTH;
      const action = (column: Column) => actionOf(byteOf(at, column));
      const has = (flag: number) => (byteOf(at, Column.Flags) & flag) !== 0 || undefined;
      const next = [...all.rows.subarray(at, at + Column.Enter)].map((to, reason) => [reason, to] as const);
      const row = {
        name,
        step,
        delegate: action(Column.Delegate),
        enter: action(Column.Enter),
        request: action(Column.Request),
        read: action(Column.Read),
        sink: action(Column.Sink),
        silenceMs: action(Column.SilenceMs),
        creates: has(Flag.Creates),
        once: has(Flag.Once),
        on: Object.fromEntries(next.filter(([, to]) => to !== NONE)),
      };
      const given = Object.entries(row).filter(([, value]) => value !== undefined);
      return Object.fromEntries(given) as unknown as Row<never>;
    });
}
