// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run names` writes the members that keep their names on a board, for builds without the compiler. With `-- NAME …` it says
 * why they do.
 */

import { writeFileSync } from 'node:fs';
import { CORE_NAMES, coreNames, KEPT_NAMES } from '../lean/internal-names.ts';
import { coreNamesOf, keptNames } from './kept.ts';

const { names, core, open, missing } = keptNames();
for (const each of open) console.error(`which names? (tools/names/reviewed.ts) ${each}`);
for (const each of missing) console.error(`needs no review: ${each}`);
const asked = process.argv.slice(2);
for (const name of asked) console.log(`${name}: ${names.get(name) ?? 'not kept'}`);
if (asked.length === 0) {
  writeFileSync(KEPT_NAMES, `${[...names.keys()].join('\n')}\n`);
  const lines = [...coreNamesOf(core, coreNames())].map((each) => `${each.join(' ')}\n`);
  writeFileSync(CORE_NAMES, lines.join(''));
}
if (open.length + missing.length > 0) process.exitCode = 1;
