// SPDX-License-Identifier: Apache-2.0
/** `fractus check`: finds code in a project that would only fail on a board. `fractus build` includes it. */

import { buildProject } from '../moddable/bundle.ts';

const USAGE = `usage: fractus check [DIRECTORY]

  DIRECTORY   your project, with main.ts or mod.ts; default: this directory`;

/** Resolves with the exit code: 0, 2 for bad arguments, 1 when something is found. */
export async function checkCommand(args: readonly string[]): Promise<number> {
  const [directory = '.', ...others] = args;
  if (directory === '--help' || directory === '-h') {
    console.log(USAGE);
    return 0;
  }
  if (others.length > 0 || directory.startsWith('-')) {
    const trouble = directory.startsWith('-')
      ? `Unknown option '${directory}'`
      : 'more than one directory; allowed: one';
    console.error(`fractus check: ${trouble}\n\n${USAGE}`);
    return 2;
  }
  try {
    await buildProject(directory);
    console.log('no code was found that would fail only on a board');
    return 0;
  } catch (error) {
    console.error(`fractus check: ${(error as Error).message}`);
    return 1;
  }
}
