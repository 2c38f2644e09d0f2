// SPDX-License-Identifier: Apache-2.0
/** `npm run mutate`: which suite of the simulator finds which planted defect. */

import { hunt, mutantsOf } from './hunt.ts';

const USAGE = `usage: npm run mutate [-- [--only-its-own] WORD…]

Plants defects in the agent, one after the other, and runs the suite of the simulator that ought to find each, then the
others. With words only those with one of them in their name. Sources are not touched.

  --only-its-own   one that its own suite does not find counts as not found

Exit code: 0 when all were found, 1 when not.`;

const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(USAGE);
} else {
  const isThorough = !args.includes('--only-its-own');
  const mutants = mutantsOf(args.filter((arg) => !arg.startsWith('--')));
  let found = 0;
  for (const mutant of mutants) {
    const { by, trouble } = await hunt(mutant, isThorough);
    if (by !== undefined) found += 1;
    console.log(
      `${by === undefined ? 'SURVIVED' : 'found   '}  ${mutant.name}${by === undefined ? '' : `  ${by}  ${trouble}`}`,
    );
  }
  console.log(`${found} of ${mutants.length} found`);
  process.exitCode = found === mutants.length ? 0 : 1;
}
