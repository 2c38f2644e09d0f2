// SPDX-License-Identifier: Apache-2.0
/** Runs and counts lives, and keeps failures with the arguments that repeat them. */

import type { FaultKind } from './faults/fault.ts';
import type { Identity } from './machine/identity.ts';
import { SCENARIOS } from './scenarios/scenario.ts';
import { describeTrial, runTrial, type Trial, type Verdict } from './trial.ts';

/** Totals of the lives so far. */
export interface Tally {
  lives: number;
  cuts: number;
  /** Faults that were really applied, including cuts. */
  faults: number;
  /** Faults that were planned but not applied: their turn never came, or there was nothing to disturb. */
  missed: number;
  /** Lives with such faults. */
  unfinished: number;
  requests: number;
  simulatedMs: number;
}

export interface Failure {
  /** Arguments of the command that repeats it. */
  readonly repeat: string;
  readonly trouble: string;
}

export function emptyTally(): Tally {
  return { lives: 0, cuts: 0, faults: 0, missed: 0, unfinished: 0, requests: 0, simulatedMs: 0 };
}

export function addTally(to: Tally, more: Tally): void {
  to.lives += more.lives;
  to.cuts += more.cuts;
  to.faults += more.faults;
  to.missed += more.missed;
  to.unfinished += more.unfinished;
  to.requests += more.requests;
  to.simulatedMs += more.simulatedMs;
}

export interface BenchOptions {
  readonly identity: Identity;
  /** Called before each life; false: no further lives. */
  readonly goesOn?: (() => boolean) | undefined;
  readonly onFailure?: ((failure: Failure) => void) | undefined;
  /** Runs only every n-th of similar lives. Default 1. */
  readonly stride?: number | undefined;
  /** Runs only every n-th of all lives with a fault. Default 1. */
  readonly sample?: number | undefined;
  /** Runs only lives of these scenarios. */
  readonly only?: readonly string[] | undefined;
}

const MOST_FAILURES = 1000;
/** Number of failures that are reduced to fewer faults. */
const MOST_SHRUNK = 20;

/**
 * Selects every n-th index on average, scattered: with a regular step, kinds that alternate would be selected always or
 * never.
 */
function isTaken(index: number, stride: number): boolean {
  return (Math.imul(index, 0x9e3779b1) >>> 8) % stride === 0;
}

/** The name under which a kind of fault is counted. */
export function nameOf({ on, what }: FaultKind): string {
  return `${on} ${what}`;
}

export class Bench {
  readonly identity: Identity;
  readonly tally: Tally = emptyTally();
  readonly failures: Failure[] = [];
  /** Applied faults, counted by the name of their kind. */
  readonly kinds = new Map<string, number>();
  readonly #options: BenchOptions;
  #offered = 0;

  constructor(options: BenchOptions) {
    this.#options = options;
    this.identity = options.identity;
  }

  /** Names of the scenarios to run. */
  get scenarios(): readonly string[] {
    return this.#options.only ?? SCENARIOS.map(({ name }) => name);
  }

  get goesOn(): boolean {
    return this.failures.length < MOST_FAILURES && (this.#options.goesOn?.() ?? true);
  }

  /** Whether this one of many similar lives is run. */
  takes(index: number): boolean {
    return isTaken(index, this.stride);
  }

  /** One of this many similar lives is run. */
  get stride(): number {
    return this.#options.stride ?? 1;
  }

  /** Runs a life with a fault, if it belongs to the sample. */
  disturb(trial: Trial): void {
    this.#offered += 1;
    if (isTaken(this.#offered, this.#options.sample ?? 1)) this.try(trial);
  }

  /** Runs one life. @param countsCalls counts calls even without a fault that needs it, which takes time */
  try(trial: Trial, countsCalls = false): Verdict {
    const verdict = runTrial(trial, { identity: this.identity, countsCalls });
    const { cuts, applied, requests, simulatedMs, trouble } = verdict;
    const missed = verdict.missed.length;
    const unfinished = missed > 0 ? 1 : 0;
    addTally(this.tally, { lives: 1, cuts, faults: applied.length, missed, unfinished, requests, simulatedMs });
    for (const fault of applied) this.kinds.set(nameOf(fault), (this.kinds.get(nameOf(fault)) ?? 0) + 1);
    if (trouble !== undefined) this.fail({ repeat: describeTrial(this.#shrink(trial)), trouble });
    return verdict;
  }

  /** Removes faults as long as the life still fails. */
  #shrink(trial: Trial): Trial {
    if (this.failures.length >= MOST_SHRUNK) return trial;
    for (let at = 0; at < trial.faults.length && trial.faults.length > 1; at++) {
      const fewer = { ...trial, faults: trial.faults.filter((_, each) => each !== at) };
      if (runTrial(fewer, { identity: this.identity }).trouble !== undefined) return this.#shrink(fewer);
    }
    return trial;
  }

  /** Runs a life that is not a trial: it returns its own counts and throws its failures. */
  check(repeat: string, live: () => Pick<Tally, 'cuts' | 'faults' | 'requests' | 'simulatedMs'>): void {
    try {
      addTally(this.tally, { lives: 1, missed: 0, unfinished: 0, ...live() });
    } catch (error) {
      this.fail({ repeat, trouble: error instanceof Error ? error.message : String(error) });
    }
  }

  fail(failure: Failure): void {
    this.failures.push(failure);
    this.#options.onFailure?.(failure);
  }
}
