// SPDX-License-Identifier: Apache-2.0
/** Runs lives with a planted defect, until a suite finds it. */

import { runSimulator } from '../simulate/launch.ts';
import type { Mutant } from './mutants.ts';
import { planted } from './plant.ts';

export interface Finding {
  readonly mutant: Mutant;
  /** Arguments of the simulator that have found it; undefined: it survived. */
  readonly by: string | undefined;
  /** The first failure, and its life. */
  readonly trouble: string;
  readonly life: string;
}

/** Suites that are tried when the expected one does not find the defect, the quick ones first. */
const OTHERS = ['P1', 'N1', 'N2', 'M1', 'P3', 'T1', 'M2', 'H1'].map((name) => `--suite ${name}`);
/** Time for one suite. */
const MOST_MINUTES = 5;
/** Time limit, which only a life without an end exceeds. */
const LIMIT_MS = (MOST_MINUTES + 3) * 60_000;

/** @throws Error when the same life fails without the defect as well */
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

/** Runs the same life without the defect. */
async function control(repeat: string): Promise<void> {
  const { code, output } = await runSimulator(wordsOf(repeat));
  if (code !== 0) throw new Error(`${repeat} fails without any defect:\n${output}`);
}

/** Splits arguments as a shell does. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

interface Trouble {
  readonly repeat: string;
  readonly trouble: string;
}

/** A line of `--json`: a life of a suite, or a cell of lasting faults. */
interface Line extends Partial<Trouble> {
  readonly cell?: string;
  readonly troubles?: Readonly<Record<string, string>>;
}

/** The failure of the first failed life. */
function firstTrouble(output: string): Trouble | undefined {
  for (const line of output.trim().split('\n')) {
    const { repeat, trouble = '', cell, troubles = {} } = JSON.parse(line) as Line;
    if (repeat !== undefined) return { repeat, trouble };
    const [first] = Object.values(troubles);
    if (first !== undefined) return { repeat: `--cells ${cell}`, trouble: first };
  }
  return undefined;
}

/** The entries with any of these words in their names; all if there are no words. */
export function chosen<T extends { readonly name: string }>(all: readonly T[], words: readonly string[]): T[] {
  return all.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
}
