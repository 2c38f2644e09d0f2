// SPDX-License-Identifier: Apache-2.0
/** Lives with a planted defect, until a suite notices it. */

import { runSimulator } from '../simulate/launch.ts';
import type { Mutant } from './mutants.ts';
import { planted } from './plant.ts';

export interface Finding {
  readonly mutant: Mutant;
  /** Arguments of the simulator that have found it; undefined: it has survived. */
  readonly by: string | undefined;
  /** The first thing that did not hold, and the life in which it did not. */
  readonly trouble: string;
  readonly life: string;
}

/** Suites that are tried when the one that ought to find it does not, the quick ones first. */
const OTHERS = ['P1', 'N1', 'N2', 'M1', 'P3', 'T1', 'M2', 'H1'].map((name) => `--suite ${name}`);
/** For one suite. */
const MOST_MINUTES = 5;
/** No life takes so much longer, but one in which the agent never returns. */
const LIMIT_MS = (MOST_MINUTES + 3) * 60_000;

/** @throws Error when what has found it fails without it as well: that finds nothing */
export async function hunt(mutant: Mutant, isThorough: boolean): Promise<Finding> {
  const others = isThorough ? OTHERS.filter((by) => !mutant.by.startsWith(by)) : [];
  for (const by of [mutant.by, ...others]) {
    const args = [...by.split(' '), '--first', '--minutes', String(MOST_MINUTES), '--json'];
    const { output, isLate } = await runSimulator(args, { plugins: [planted(mutant)], limitMs: LIMIT_MS });
    if (isLate) return { mutant, by, trouble: 'a life has no end', life: by };
    const found = firstTrouble(output);
    if (found === undefined) continue;
    await control(found.repeat);
    return { mutant, by, trouble: found.trouble.split('\n', 1)[0] ?? '', life: found.repeat };
  }
  return { mutant, by: undefined, trouble: '', life: '' };
}

/** The same life without the defect. */
async function control(repeat: string): Promise<void> {
  const { code, output } = await runSimulator(wordsOf(repeat));
  if (code !== 0) throw new Error(`${repeat} fails without any defect:\n${output}`);
}

/** As a shell reads them. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

interface Trouble {
  readonly repeat: string;
  readonly trouble: string;
}

/** A line of `--json`: of a life in a suite, or of a cell of what stays broken. */
interface Line extends Partial<Trouble> {
  readonly cell?: string;
  readonly troubles?: Readonly<Record<string, string>>;
}

/** Of the first life that ended badly. */
function firstTrouble(output: string): Trouble | undefined {
  for (const line of output.trim().split('\n')) {
    const { repeat, trouble = '', cell, troubles = {} } = JSON.parse(line) as Line;
    if (repeat !== undefined) return { repeat, trouble };
    const [first] = Object.values(troubles);
    if (first !== undefined) return { repeat: `--cells ${cell}`, trouble: first };
  }
  return undefined;
}

/** Those with any of these words in their names; all without words. */
export function chosen<T extends { readonly name: string }>(all: readonly T[], words: readonly string[]): T[] {
  return all.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
}
