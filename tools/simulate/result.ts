// SPDX-License-Identifier: Apache-2.0
/** Results of a suite, in one run or added up over several. */

import { readFileSync } from 'node:fs';
import { addTally, emptyTally, type Tally } from './bench.ts';

export interface SuiteResult extends Tally {
  readonly suite: string;
  /** Faults that the suite must apply, with their counts. */
  readonly kinds: Record<string, number>;
  /** Number of seeds, with the first and the last. */
  seeds: number;
  firstSeed: number;
  lastSeed: number;
  failures: number;
  seconds: number;
}

export function noResult(suite: string, kinds: readonly string[] = []): SuiteResult {
  const none = Object.fromEntries(kinds.map((kind) => [kind, 0]));
  const seeds = { seeds: 0, firstSeed: Number.POSITIVE_INFINITY, lastSeed: 0 };
  return { ...emptyTally(), suite, kinds: none, ...seeds, failures: 0, seconds: 0 };
}

export function addResult(to: SuiteResult, more: Omit<SuiteResult, 'suite'>): void {
  addTally(to, more);
  for (const [kind, count] of Object.entries(more.kinds)) to.kinds[kind] = (to.kinds[kind] ?? 0) + count;
  to.seeds += more.seeds;
  to.firstSeed = Math.min(to.firstSeed, more.firstSeed);
  to.lastSeed = Math.max(to.lastSeed, more.lastSeed);
  to.failures += more.failures;
  to.seconds += more.seconds;
}

/** Faults that a suite must apply but never has. */
export function undoneOf({ kinds }: Pick<SuiteResult, 'kinds'>): string[] {
  return Object.keys(kinds).filter((kind) => kinds[kind] === 0);
}

/** Reads results of other runs from the files of their `--json`. @throws Error for another file */
export function readResults(paths: readonly string[]): SuiteResult[] {
  const all = new Map<string, SuiteResult>();
  for (const path of paths) {
    const last = readFileSync(path, 'utf8').trim().split('\n').at(-1) ?? '';
    for (const each of resultsOf(last, path)) {
      const result = all.get(each.suite) ?? noResult(each.suite);
      all.set(each.suite, result);
      addResult(result, each);
    }
  }
  return [...all.values()];
}

function resultsOf(line: string, path: string): readonly SuiteResult[] {
  try {
    const { suites } = JSON.parse(line) as { readonly suites?: readonly SuiteResult[] };
    if (suites !== undefined) return suites;
  } catch {
    // The error below covers this case.
  }
  throw new Error(`${path}: its last line is not a result of \`fractus simulate --json\``);
}
