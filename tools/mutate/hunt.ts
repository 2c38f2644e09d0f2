// SPDX-License-Identifier: Apache-2.0
/** Lives with a planted defect, until a suite notices it. */

import { runSimulator } from '../simulate/launch.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { planted } from './plant.ts';

export interface Finding {
  readonly mutant: Mutant;
  /** Arguments of the simulator that have found it; undefined: it has survived. */
  readonly by: string | undefined;
  /** The first thing that did not hold. */
  readonly trouble: string;
}

/** Suites that are tried when the one that ought to find it does not, the quick ones first. */
const OTHERS = ['P1', 'N1', 'N2', 'M1', 'P3', 'T1', 'M2', 'H1'].map((name) => `--suite ${name}`);
/** For one suite. */
const MOST_MINUTES = 5;

export async function hunt(mutant: Mutant, isThorough: boolean): Promise<Finding> {
  const others = isThorough ? OTHERS.filter((by) => !mutant.by.startsWith(by)) : [];
  for (const by of [mutant.by, ...others]) {
    const args = [...by.split(' '), '--first', '--minutes', String(MOST_MINUTES), '--json'];
    const { output } = await runSimulator(args, false, [planted(mutant)]);
    const trouble = troubleOf(output);
    if (trouble !== undefined) return { mutant, by, trouble };
  }
  return { mutant, by: undefined, trouble: '' };
}

/** Of the first life that ended badly. */
function troubleOf(output: string): string | undefined {
  const [first = ''] = output.split('\n', 1);
  const said = JSON.parse(first) as { readonly repeat?: string; readonly trouble?: string };
  return said.repeat === undefined ? undefined : `${said.trouble?.split('\n', 1)[0]} (${said.repeat})`;
}

/** Mutants with any of these words in their names; all without words. */
export function mutantsOf(words: readonly string[]): Mutant[] {
  return MUTANTS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
}
