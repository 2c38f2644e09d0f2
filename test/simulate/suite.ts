// SPDX-License-Identifier: Apache-2.0
/** The command itself, run as a person would, and its counts. */

import { runSimulator } from '../../tools/simulate/launch.ts';
import type { SuiteResult } from '../../tools/simulate/result.ts';

export interface Outcome {
  readonly suites: readonly SuiteResult[];
  /** What did not hold, with the words that repeat it. */
  readonly failures: readonly string[];
}

export async function simulate(...args: readonly string[]): Promise<Outcome> {
  const { output } = await runSimulator([...args, '--json']);
  const lines = output.trim().split('\n');
  const { suites } = JSON.parse(lines.pop() ?? '') as { suites: SuiteResult[] };
  return { suites, failures: lines };
}

export function sumOf(outcomes: readonly Outcome[], of: (result: SuiteResult) => number): number {
  return outcomes.flatMap(({ suites }) => suites).reduce((sum, result) => sum + of(result), 0);
}
