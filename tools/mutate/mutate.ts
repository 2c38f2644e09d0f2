// SPDX-License-Identifier: Apache-2.0
/** `npm run mutate`: plants defects, and shows which suite of the simulator or which unit test finds each. */

import { parseArgs } from 'node:util';
import { chosen, hunt } from './hunt.ts';
import { MUTANTS } from './mutants.ts';
import { firstFailure, huntWithTests } from './unit.ts';
import { UNIT_MUTANTS } from './unit-mutants.ts';

const USAGE = `usage: npm run mutate [-- [--unit] [--only-its-own] WORD…]

Plants defects in the agent, one after the other. For each it runs the suite of the simulator that should find the defect, then
the other suites. With words: only the defects whose names contain one of them. The sources are not changed.

  --unit           the defects that unit tests should find
  --only-its-own   runs no other suites: a defect that its own suite does not find is not found

If a suite or a test fails without any defect, the run ends. Exit code: 0 when all defects were found, 1 when not.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean' }, unit: { type: 'boolean' }, 'only-its-own': { type: 'boolean' } },
});

if (values.help === true) {
  console.log(USAGE);
} else {
  const [found, all] = await (values.unit === true ? withTests() : withLives());
  console.log(`${found} of ${all} found`);
  process.exitCode = found === all ? 0 : 1;
}

async function withLives(): Promise<[number, number]> {
  const mutants = chosen(MUTANTS, positionals);
  let found = 0;
  for (const mutant of mutants) {
    const { by, trouble, life } = await hunt(mutant, values['only-its-own'] !== true);
    if (by !== undefined) found += 1;
    tell(mutant.name, by === undefined ? undefined : `${by}  ${trouble} (${life})`);
  }
  return [found, mutants.length];
}

async function withTests(): Promise<[number, number]> {
  const mutants = chosen(UNIT_MUTANTS, positionals);
  for (const test of new Set(mutants.map(({ by }) => by))) {
    const failure = await firstFailure(test);
    if (failure !== undefined) throw new Error(`test/${test} fails without any defect: ${failure}`);
  }
  let found = 0;
  for (const mutant of mutants) {
    const failure = await huntWithTests(mutant);
    if (failure !== undefined) found += 1;
    tell(mutant.name, failure === undefined ? undefined : `test/${mutant.by}  ${failure}`);
  }
  return [found, mutants.length];
}

function tell(name: string, how: string | undefined): void {
  console.log(how === undefined ? `SURVIVED  ${name}` : `found     ${name}  ${how}`);
}
