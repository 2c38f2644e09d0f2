// SPDX-License-Identifier: Apache-2.0
/** Runs lives, counts them and keeps what went wrong, each with the words that repeat it. */

import type { FaultKind } from './fault.ts';
import type { Identity } from './identity.ts';
import { SCENARIOS } from './scenario.ts';
import { describeTrial, runTrial, type Trial, type Verdict } from './trial.ts';

/** What there has been. */
export interface Tally {
  lives: number;
  cuts: number;
  /** Faults that have really been done, cuts among them. */
  faults: number;
  /** Faults that were planned and not done: their turn never came, or they found nothing to disturb. */
  missed: number;
  /** Lives with such faults. */
  unfinished: number;
  requests: number;
  simulatedMs: number;
}

export interface Failure {
  /** What to add to the command to see it again. */
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
  /** Asked before each life whether there shall be more. */
  readonly goesOn?: (() => boolean) | undefined;
  readonly onFailure?: ((failure: Failure) => void) | undefined;
  /** Of the lives that are much alike only every n-th. Default 1. */
  readonly stride?: number | undefined;
  /** Of all lives with a fault only every n-th. Default 1. */
  readonly sample?: number | undefined;
  /** Lives of these scenarios only. */
  readonly only?: readonly string[] | undefined;
}

const MOST_FAILURES = 1000;
/** More than so many are not made smaller. */
const MOST_SHRUNK = 20;

/** Scattered: kinds that come in turns would else be taken always or never. */
function isTaken(index: number, stride: number): boolean {
  return (Math.imul(index, 0x9e3779b1) >>> 8) % stride === 0;
}

/** As it is counted. */
export function nameOf({ on, what }: FaultKind): string {
  return `${on} ${what}`;
}

export class Bench {
  readonly identity: Identity;
  readonly tally: Tally = emptyTally();
  readonly failures: Failure[] = [];
  /** Kinds of faults by their names, and how often each has been done. */
  readonly kinds = new Map<string, number>();
  readonly #options: BenchOptions;
  #offered = 0;

  constructor(options: BenchOptions) {
    this.#options = options;
    this.identity = options.identity;
  }

  /** Names of the scenarios whose lives are lived. */
  get scenarios(): readonly string[] {
    return this.#options.only ?? SCENARIOS.map(({ name }) => name);
  }

  get goesOn(): boolean {
    return this.failures.length < MOST_FAILURES && (this.#options.goesOn?.() ?? true);
  }

  /** Whether this one of many lives that are much alike is lived. */
  takes(index: number): boolean {
    return isTaken(index, this.stride);
  }

  /** One of how many lives that are much alike is lived. */
  get stride(): number {
    return this.#options.stride ?? 1;
  }

  /** One life with a fault more, if it is of the sample. */
  disturb(trial: Trial): void {
    this.#offered += 1;
    if (isTaken(this.#offered, this.#options.sample ?? 1)) this.try(trial);
  }

  /**
   * One life more.
   * @param countsCalls also without a fault that needs it, which takes time
   */
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

  /** The fewest of its faults with which it still ends badly. */
  #shrink(trial: Trial): Trial {
    if (this.failures.length >= MOST_SHRUNK) return trial;
    for (let at = 0; at < trial.faults.length && trial.faults.length > 1; at++) {
      const fewer = { ...trial, faults: trial.faults.filter((_, each) => each !== at) };
      if (runTrial(fewer, { identity: this.identity }).trouble !== undefined) return this.#shrink(fewer);
    }
    return trial;
  }

  /** A life that is no trial: it counts itself and throws what did not hold. */
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
