// SPDX-License-Identifier: Apache-2.0

import type { CookieJar } from '../http/cookies.ts';
import type { RequestWriter } from '../http/request.ts';
import type { ResponseHead } from '../http/response.ts';
import type { Alarm, AlarmOwner } from '../http/timers.ts';
import type { Agent } from './agent.ts';
import type { Body } from './uplink/answer.ts';
import type { Requests } from './uplink/requests.ts';
import type { Trouble, TroubleOwner } from './uplink/trouble.ts';

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
  Yes: 10,
  /** Absent, nothing left. */
  No: 11,
  /** Neither: what the state's name says has a third way. */
  Other: 12,
  /** The same once more. */
  Again: 13,
} as const;
export type Decision = (typeof Decision)[keyof typeof Decision];

/** What comes from outside, at any moment: no state can end with it by itself. */
export const Event = {
  /** There may be something to do. */
  Wake: 20,
  /** The activity's own wait is over. */
  Time: 21,
  /** What the activity had handed to somebody else has ended. */
  Ended: 22,
  /** The platform refuses who this device says it is. */
  Refused: 23,
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
 * `on` says where each outcome, decision and event leads; what all requests have in common (no link, 401, 429, 5xx, an answer that
 * cannot be understood) is dealt with in `Requests` and never shows here.
 */
export interface State<C> {
  readonly name: string;
  /** The step or clause this state carries out. */
  readonly step: string;
  /** Acts; returns the decision to leave by at once, or undefined to stay. */
  readonly enter?: (context: C) => Decision | undefined;
  /** Writes the request. Called again when it has to be repeated. */
  readonly request?: (context: C, request: RequestWriter) => void;
  /** Reads the body of a 2xx. False: not what the platform says here, so it counts as no answer. */
  readonly read?: (context: C, body: Body, head: ResponseHead) => boolean;
  /** What takes the body piece by piece, instead of it being collected; `read` then only concludes. */
  readonly sink?: (context: C) => BodySink;
  /** Repeating the request could do it twice: a lost answer is the outcome `Unknown`. */
  readonly once?: true;
  /** Milliseconds of silence after which the answer counts as lost, where the usual ones do not fit. */
  readonly silenceMs?: (context: C) => number;
  readonly on: Readonly<Partial<Record<number, number>>>;
}

export type Table<C> = readonly State<C>[];

/** Takes a body as it comes in. */
export interface BodySink {
  feed(bytes: Uint8Array, from: number, to: number): void;
}

/** What `Requests` sees of a machine. */
export interface Client {
  /** Next in the line of those who wait for the connection; owned by `Requests`. */
  following: Client | undefined;
  readonly once: boolean;
  /** Lets all others go first. */
  readonly patient: boolean;
  /** Milliseconds; 0: the usual. */
  readonly silenceMs: number;
  /** Where the answer's cookies go. */
  readonly cookies: CookieJar | undefined;
  /** Name of the state, for logs. */
  readonly stateName: string;
  /** Not to be sent before, by the clock's ticks; 0: at once. */
  readonly dueTicks: number;
  /** What it asks for now has failed before. */
  readonly isRetry: boolean;
  /** Counts a failure of the present state. */
  fail(what: string, reason: string, retryAfterMs: number): void;
  wants(outcome: Outcome): boolean;
  write(request: RequestWriter): void;
  /** Where the body goes; undefined: collect it. */
  readonly sink: BodySink | undefined;
  understand(body: Body, head: ResponseHead): boolean;
  /** The request has come to its end. */
  conclude(outcome: Outcome): void;
  /** A new attempt begins: forget what an earlier answer has left half-way. */
  rewind(): void;
}

/** The table does not turn. */
const RESTING = -1;

/**
 * Runs a table: what an activity extends. Events come in through `fire`; a state that decides at once returns its
 * decision from `enter`, so that a chain of such states is a loop here and not a recursion on the small stack of XS.
 */
export abstract class Machine implements Client, AlarmOwner, TroubleOwner {
  following: Client | undefined = undefined;
  /** There while what it does fails. */
  protected trouble: Trouble | undefined = undefined;
  protected readonly agent: Agent;
  readonly #table: Table<never>;
  /** Made when it is first needed: most activities never wait. */
  #alarm: Alarm | undefined = undefined;
  #state = -1;
  /** What has come in while the table turns; `RESTING`: it does not turn. */
  #next: number | undefined = RESTING;

  constructor(agent: Agent, table: Table<never>) {
    this.agent = agent;
    this.#table = table;
  }

  /** The line that this activity's requests stand in. */
  protected get requests(): Requests {
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
    this.#alarm ??= this.agent.timers.create(this);
    this.#alarm.start(delayMs);
  }

  /** Whether `Event.Time` will be fired. */
  protected get isTimed(): boolean {
    return this.#alarm?.active === true;
  }

  /** No longer fires `Event.Time`. */
  cease(): void {
    this.#alarm?.stop();
  }

  /** Stops: in no state, no request, no wait. */
  stop(): void {
    this.cease();
    this.endTrouble(false);
    this.requests.withdraw(this);
    this.#state = -1;
  }

  onAlarm(): void {
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
        const to = this.#table[this.#state]?.on[next];
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
      // Whoever called may catch it, an app or the handler of an operation; this machine is nowhere all the same.
      this.agent.hal
        .createTimer(() => {
          throw error;
        })
        .start(0);
      throw error;
    } finally {
      this.#next = RESTING;
    }
  }

  private act(): Decision | undefined {
    const row = this.#table[this.#state];
    if (row === undefined) return undefined;
    const decision = row.enter?.(this as never);
    if (decision === undefined && row.request !== undefined) this.requests.submit(this);
    return decision;
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

  /** Where cookies of its answers are kept: nowhere, unless overridden. */
  get cookies(): CookieJar | undefined {
    return undefined;
  }

  get stateName(): string {
    return this.#table[this.#state]?.name ?? 'idle';
  }

  get once(): boolean {
    return this.#table[this.#state]?.once === true;
  }

  get silenceMs(): number {
    return this.#table[this.#state]?.silenceMs?.(this as never) ?? 0;
  }

  wants(outcome: Outcome): boolean {
    return this.#table[this.#state]?.on[outcome] !== undefined;
  }

  write(request: RequestWriter): void {
    this.#table[this.#state]?.request?.(this as never, request);
  }

  get sink(): BodySink | undefined {
    return this.#table[this.#state]?.sink?.(this as never);
  }

  understand(body: Body, head: ResponseHead): boolean {
    const read = this.#table[this.#state]?.read;
    return read === undefined || read(this as never, body, head);
  }

  get patient(): boolean {
    return false;
  }

  /** Nothing, unless overridden. */
  rewind(): void {}
}
