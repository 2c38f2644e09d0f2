import type { CookieJar } from '../http/cookies.ts';
import type { RequestWriter } from '../http/request.ts';
import type { ResponseHead } from '../http/response.ts';
import type { Alarm, AlarmOwner } from '../http/timers.ts';
import type { Agent } from './agent.ts';
import type { Body, Requests } from './uplink/requests.ts';

/**
 * What a state can end with. The first group is what the platform answered, one for each kind of answer that an
 * activity may want to tell apart; the second is what an activity finds out by itself.
 */
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
  /** Yes, present, more to come. */
  Yes: 7,
  /** No, absent, nothing left. */
  No: 8,
  /** A timer of the activity has run out. */
  Time: 9,
} as const;

export const OUTCOME_NAMES = [
  'ok',
  '401',
  '403',
  '404',
  '409',
  'refused',
  'unknown',
  'yes',
  'no',
  'time',
] as const satisfies readonly string[];

/**
 * One state of an activity. A state acts on entering (`enter`), or sends a request (`request`, `read`), or waits.
 * `on` says where each outcome leads; what all requests have in common (no link, 401, 429, 5xx, an answer that
 * cannot be understood) is dealt with in `Requests` and never shows here.
 */
export interface State<C> {
  readonly name: string;
  /** The step or clause this state carries out. */
  readonly step: string;
  /** Acts; returns the outcome to leave by at once, or undefined to stay. */
  readonly enter?: (context: C) => number | undefined;
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
  wants(outcome: number): boolean;
  write(request: RequestWriter): void;
  /** Where the body goes; undefined: collect it. */
  readonly sink: BodySink | undefined;
  understand(body: Body, head: ResponseHead): boolean;
  fire(outcome: number): void;
  /** A new attempt begins: forget what an earlier answer has left half-way. */
  rewind(): void;
}

/** No outcome. */
const RESTING = -1;

/**
 * Runs a table: what an activity extends. Events come in through `fire`; a state that knows its outcome at once
 * returns it from `enter`, so that a chain of such states is a loop here and not a recursion on the small stack of XS.
 */
export abstract class Machine implements Client, AlarmOwner {
  following: Client | undefined = undefined;
  protected readonly agent: Agent;
  readonly #table: Table<never>;
  /** Made when it is first needed: most activities never wait. */
  #alarm: Alarm | undefined = undefined;
  #state = -1;
  /** The outcome that has come in while the table turns; `RESTING`: it does not turn. */
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

  /** Goes where the present state leads on this outcome; ignored where it leads nowhere. */
  fire(outcome: number): void {
    this.turn(outcome, false);
  }

  /** Fires `Outcome.Time` after a while; the latest call counts. */
  fireAfter(delayMs: number): void {
    this.#alarm ??= this.agent.timers.create(this);
    this.#alarm.start(delayMs);
  }

  /** No longer fires `Outcome.Time`. */
  cease(): void {
    this.#alarm?.stop();
  }

  /** Stops: in no state, no request, no wait. */
  stop(): void {
    this.cease();
    this.requests.withdraw(this);
    this.#state = -1;
  }

  onAlarm(): void {
    this.fire(Outcome.Time);
  }

  private turn(event: number | undefined, entering: boolean): void {
    if (this.#next !== RESTING) {
      this.#next = event;
      return;
    }
    this.#next = undefined;
    let outcome = entering ? this.act() : event;
    while (outcome !== undefined) {
      const to = this.#table[this.#state]?.on[outcome];
      if (to === undefined) {
        outcome = undefined;
      } else {
        this.requests.withdraw(this);
        this.#state = to;
        outcome = this.act();
      }
      if (outcome === undefined) {
        outcome = this.#next;
        this.#next = undefined;
      }
    }
    this.#next = RESTING;
  }

  private act(): number | undefined {
    const row = this.#table[this.#state];
    if (row === undefined) return undefined;
    const outcome = row.enter?.(this as never);
    if (outcome === undefined && row.request !== undefined) this.requests.submit(this);
    return outcome;
  }

  // Client

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

  wants(outcome: number): boolean {
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
