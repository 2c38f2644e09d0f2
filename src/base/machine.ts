// SPDX-License-Identifier: Apache-2.0

import type { RequestWriter } from '../http/request.ts';
import type { ResponseHead } from '../http/response.ts';
import type { Deadline, DeadlineOwner } from '../timers/timers.ts';
import type { Base } from './base.ts';
import type { Body, BodySink } from './body.ts';
import type { Client } from './client.ts';
import { Decision, Outcome, Signal } from './outcome.ts';
import type { RequestLine } from './request-line.ts';
import { actionOf, byteOf, Column, Flag, NONE, stateName, successor, type Table, WIDTH } from './table.ts';
import type { Trouble, TroubleOwner } from './trouble.ts';

/** No transition is under way. */
const RESTING = -1;
/** A literal would be copied at each comparison. */
const TEXT = typeof '';

type Members<R> = Readonly<Record<string, (a: unknown, b: unknown) => R>>;

/**
 * Runs a table; the base class of activities. Signals arrive through `fire`. A state that decides at once returns its
 * decision from `enter`, so that a chain of such states is a loop here and no recursion on the small stack of XS.
 */
export abstract class Machine<A extends Base = Base> implements Client, DeadlineOwner, TroubleOwner {
  following: Client | undefined;
  /** Set while the activity fails. */
  protected trouble: Trouble | undefined;
  protected readonly agent: A;
  readonly #table: Table<never>;
  /** Created when it is needed, and kept until `cease`: most activities never wait. */
  #deadline: Deadline | undefined;
  /** Index of the bytes of the state: those for no state before the first `enter` and after `stop`. */
  #at: number;
  /** The reason that has arrived during a transition; `RESTING`: no transition is under way. */
  #next: number | undefined = RESTING;

  constructor(agent: A, table: Table<never>) {
    this.agent = agent;
    this.#table = table;
    this.#at = (table - 1) * WIDTH;
  }

  /** The line for the requests of this activity. */
  protected get requests(): RequestLine {
    return this.agent.uplink.requests;
  }

  /** Index into the table; -1 before the first `enter` and after `stop`. */
  get state(): number {
    return this.#at / WIDTH - this.#table;
  }

  /** Goes to a state, whatever the present one is. Withdraws the current request. */
  enter(state: number): void {
    this.requests.withdraw(this);
    this.#at = (this.#table + state) * WIDTH;
    this.advance(undefined, true);
  }

  /** Makes the transition of the present state for this signal; a signal without one is ignored. */
  fire(signal: Signal): void {
    this.advance(signal, false);
  }

  /** Fires `Signal.Time` after a delay; a later call replaces an earlier one. */
  fireAfter(delayMs: number): void {
    this.#deadline ??= this.agent.timers.create(this);
    this.#deadline.start(delayMs);
  }

  /** Whether `Signal.Time` will be fired. */
  protected get isTimed(): boolean {
    return this.#deadline?.active === true;
  }

  /** Cancels `fireAfter`. */
  cease(): void {
    this.#deadline?.stop();
    this.#deadline = undefined;
  }

  /** Leaves the state and cancels the request, the wait and the trouble. */
  stop(): void {
    this.cease();
    this.endTrouble(false);
    this.requests.withdraw(this);
    this.#at = (this.#table - 1) * WIDTH;
  }

  onDeadline(): void {
    this.fire(Signal.Time);
  }

  private advance(reason: number | undefined, entering: boolean): void {
    if (this.#next !== RESTING) {
      this.#next = reason;
      return;
    }
    this.#next = undefined;
    try {
      let next = entering ? this.act() : reason;
      while (next !== undefined) {
        const to = successor(this.#at, next);
        if (to === undefined) {
          // Every decision needs a transition. Outcomes and signals may arrive in a state that does not expect them.
          if (next >= Decision.Yes && next < Signal.Wake && this.state >= 0) {
            throw new Error(`state ${this.state}: the decision ${next} leads nowhere`);
          }
          next = undefined;
        } else {
          this.requests.withdraw(this);
          this.#at = (this.#table + to) * WIDTH;
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
    const decision = this.perform<Decision>(Column.Enter);
    if (decision === undefined && (this.flags & Flag.Asks) !== 0) this.requests.submit(this);
    return decision;
  }

  /** The flags of the present state; none without one. */
  private get flags(): number {
    return byteOf(this.#at, Column.Flags);
  }

  /**
   * Performs an action of the present state, on the machine or on the delegate of the row.
   * @returns undefined when the state has no such action
   */
  private perform<R>(column: Column, a?: unknown, b?: unknown): R | undefined {
    const action = actionOf(byteOf(this.#at, column));
    if (action === undefined) return undefined;
    const delegate = byteOf(this.#at, Column.Delegate);
    const actor: unknown = delegate === NONE ? this : this[actionOf(delegate) as never];
    if (typeof action === TEXT) return (actor as Members<R>)[action as string]?.(a, b);
    return (action as (actor: unknown, a: unknown, b: unknown) => R)(actor, a, b);
  }

  // Client

  /** The trouble ends only when the state that failed succeeds. */
  conclude(outcome: Outcome): void {
    const { trouble } = this;
    if (trouble !== undefined && outcome === Outcome.Ok && trouble.state === this.state) {
      if (this.isRetry && this.isProgress) this.endTrouble(true);
    }
    this.advance(outcome, false);
  }

  get isRetry(): boolean {
    return this.trouble !== undefined;
  }

  /** Whether the answer that was just read also reports success. */
  protected get isProgress(): boolean {
    return true;
  }

  get dueTicks(): number {
    return this.trouble?.dueTicks ?? 0;
  }

  /** Ticks before which the failed work is not tried again; 0: nothing fails. */
  protected get resumeTicks(): number {
    return this.trouble?.dueTicks ?? 0;
  }

  fail(what: string, reason: string, retryAfterMs = NaN): void {
    this.failAt(this.state, what, reason, retryAfterMs);
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

  /** The trouble has ended: delayed work may be tried at once. Does nothing unless overridden. */
  protected onHealed(): void {}

  /** Fires `Signal.Time` when the failed work may be tried again. */
  protected fireWhenDue(): void {
    this.fireAfter(Math.max(0, this.resumeTicks - this.agent.hal.clock.ticks()));
  }

  retry(): void {
    this.fire(Signal.Time);
  }

  get stateName(): string {
    return stateName(this.#at) || 'idle';
  }

  get once(): boolean {
    return (this.flags & Flag.Once) !== 0;
  }

  get silenceMs(): number {
    return this.perform<number>(Column.SilenceMs) ?? 0;
  }

  wants(outcome: Outcome): boolean {
    return successor(this.#at, outcome) !== undefined;
  }

  write(request: RequestWriter): void {
    this.perform(Column.Request, request);
  }

  get sink(): BodySink | undefined {
    return this.perform(Column.Sink);
  }

  understand(body: Body, head: ResponseHead): boolean {
    if ((this.flags & Flag.Creates) !== 0 && head.status !== 201) return false;
    return this.perform<boolean>(Column.Read, body, head) ?? true;
  }
}
