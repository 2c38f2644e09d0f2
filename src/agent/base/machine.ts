// SPDX-License-Identifier: Apache-2.0

import type { RequestWriter } from '../../http/request.ts';
import type { ResponseHead } from '../../http/response.ts';
import type { Deadline, DeadlineOwner } from '../../timers/timers.ts';
import type { Base } from './base.ts';
import type { Body, BodySink } from './body.ts';
import type { Client } from './client.ts';
import { Decision, Event, Outcome } from './outcome.ts';
import type { RequestLine } from './request-line.ts';
import { type State, successor, type Table } from './table.ts';
import type { Trouble, TroubleOwner } from './trouble.ts';

/** The table does not turn. */
const RESTING = -1;
/** A literal would be copied at each comparison. */
const TEXT = typeof '';

/** What a row has for something to do. */
type Action<R> = string | ((actor: never, a: never, b: never) => R);
type Members<R> = Readonly<Record<string, (a: unknown, b: unknown) => R>>;

/**
 * Runs a table: what an activity extends. Events come in through `fire`; a state that decides at once returns its
 * decision from `enter`, so that a chain of such states is a loop here and not a recursion on the small stack of XS.
 */
export abstract class Machine<A extends Base = Base> implements Client, DeadlineOwner, TroubleOwner {
  following: Client | undefined = undefined;
  /** There while what it does fails. */
  protected trouble: Trouble | undefined = undefined;
  protected readonly agent: A;
  readonly #table: Table<never>;
  /** Made when it is first needed: most activities never wait. */
  #deadline: Deadline | undefined = undefined;
  #state = -1;
  /** What has come in while the table turns; `RESTING`: it does not turn. */
  #next: number | undefined = RESTING;

  constructor(agent: A, table: Table<never>) {
    this.agent = agent;
    this.#table = table;
  }

  /** The line that this activity's requests stand in. */
  protected get requests(): RequestLine {
    return this.agent.uplink.requests;
  }

  /** Index into the table; -1 before the first `enter`. */
  get state(): number {
    return this.#state;
  }

  /** Goes to a state, from wherever it is; a request under way is forgotten. */
  enter(state: number): void {
    this.requests.withdraw(this);
    this.#state = state;
    this.turn(undefined, true);
  }

  /** Goes where the present state leads on this event; ignored where it leads nowhere. */
  fire(event: Event): void {
    this.turn(event, false);
  }

  /** Fires `Event.Time` after a while; the latest call counts. */
  fireAfter(delayMs: number): void {
    this.#deadline ??= this.agent.timers.create(this);
    this.#deadline.start(delayMs);
  }

  /** Whether `Event.Time` will be fired. */
  protected get isTimed(): boolean {
    return this.#deadline?.active === true;
  }

  /** No longer fires `Event.Time`. */
  cease(): void {
    this.#deadline?.stop();
  }

  /** Stops: in no state, no request, no wait. */
  stop(): void {
    this.cease();
    this.endTrouble(false);
    this.requests.withdraw(this);
    this.#state = -1;
  }

  onDeadline(): void {
    this.fire(Event.Time);
  }

  private turn(reason: number | undefined, entering: boolean): void {
    if (this.#next !== RESTING) {
      this.#next = reason;
      return;
    }
    this.#next = undefined;
    try {
      let next = entering ? this.act() : reason;
      while (next !== undefined) {
        const to = successor(this.#table, this.#state, next);
        if (to === undefined) {
          // What a state decides leads somewhere; answers and events may come when nobody waits for them.
          if (next >= Decision.Yes && next < Event.Wake && this.#state >= 0) {
            throw new Error(`${this.stateName}: the decision ${next} leads nowhere`);
          }
          next = undefined;
        } else {
          this.requests.withdraw(this);
          this.#state = to;
          next = this.act();
        }
        if (next === undefined) {
          next = this.#next;
          this.#next = undefined;
        }
      }
    } catch (error) {
      this.agent.panic(error);
      throw error;
    } finally {
      this.#next = RESTING;
    }
  }

  private act(): Decision | undefined {
    const row = this.#table.states[this.#state];
    if (row === undefined) return undefined;
    const decision = row.enter === undefined ? undefined : this.perform(row, row.enter);
    if (decision === undefined && row.request !== undefined) this.requests.submit(this);
    return decision;
  }

  /**
   * Does what a row says, by the machine or the part of it that the row names. A row that only calls a method has its name
   * in flash, where a function takes more (tools/lean).
   */
  private perform<R>(row: State<never>, action: Action<R>, a?: unknown, b?: unknown): R {
    const actor: unknown = row.part === undefined ? this : this[row.part as never];
    if (typeof action === TEXT) return (actor as Members<R>)[action as string]?.(a, b) as R;
    return (action as (actor: unknown, a: unknown, b: unknown) => R)(actor, a, b);
  }

  // Client

  /** A failure is over when the very state that failed succeeds. */
  conclude(outcome: Outcome): void {
    const { trouble } = this;
    if (trouble !== undefined && outcome === Outcome.Ok && trouble.state === this.#state) {
      if (this.isRetry && this.isProgress) this.endTrouble(true);
    }
    this.turn(outcome, false);
  }

  get isRetry(): boolean {
    return this.trouble !== undefined;
  }

  /** Whether the answer that was just understood also says yes. */
  protected get isProgress(): boolean {
    return true;
  }

  get dueTicks(): number {
    return this.trouble?.dueTicks ?? 0;
  }

  /** When what fails may be tried again, by the clock's ticks; 0: nothing fails. */
  protected get resumeTicks(): number {
    return this.trouble?.dueTicks ?? 0;
  }

  fail(what: string, reason: string, retryAfterMs = NaN): void {
    this.failAt(this.#state, what, reason, retryAfterMs);
  }

  /** Counts a failure that is over when `state` succeeds. */
  protected failAt(state: number, what: string, reason: string, retryAfterMs = NaN): void {
    this.trouble = this.agent.troubles.fail(this.trouble, this, what, reason, retryAfterMs);
    this.trouble.state = state;
  }

  protected endTrouble(isHealed: boolean): void {
    const { trouble } = this;
    if (trouble === undefined) return;
    this.trouble = undefined;
    this.agent.troubles.end(trouble, isHealed);
    this.onHealed();
  }

  /** What was put off may be tried at once. Nothing, unless overridden. */
  protected onHealed(): void {}

  /** Fires `Event.Time` when what has failed may be tried again. */
  protected fireWhenDue(): void {
    this.fireAfter(Math.max(0, this.resumeTicks - this.agent.hal.clock.ticks()));
  }

  retry(): void {
    this.fire(Event.Time);
  }

  get stateName(): string {
    return this.#table.states[this.#state]?.name ?? 'idle';
  }

  get once(): boolean {
    return this.#table.states[this.#state]?.once === true;
  }

  get silenceMs(): number {
    const row = this.#table.states[this.#state];
    return row?.silenceMs === undefined ? 0 : this.perform(row, row.silenceMs);
  }

  wants(outcome: Outcome): boolean {
    return successor(this.#table, this.#state, outcome) !== undefined;
  }

  write(request: RequestWriter): void {
    const row = this.#table.states[this.#state];
    if (row?.request !== undefined) this.perform(row, row.request, request);
  }

  get sink(): BodySink | undefined {
    const row = this.#table.states[this.#state];
    return row?.sink === undefined ? undefined : this.perform(row, row.sink);
  }

  understand(body: Body, head: ResponseHead): boolean {
    const row = this.#table.states[this.#state];
    if (row?.creates === true && head.status !== 201) return false;
    return row?.read === undefined || this.perform(row, row.read, body, head);
  }
}
