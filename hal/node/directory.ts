// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a directory and its missing parents, one after the other. Node's own `recursive` tries for ever where a file
 * system denies the existence of a parent that exists, as /proc does.
 * @throws Error for a person, with the name of the directory
 */
export function makeDirectory(directory: string): void {
  const missing: string[] = [];
  for (let at = resolve(directory); !existsAsDirectory(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  for (const each of missing.reverse()) {
    try {
      mkdirSync(each, { mode: 0o700 });
    } catch (error) {
      // Another process may have made it meanwhile.
      if (existsAsDirectory(each)) continue;
      const cause = error as Error;
      throw new Error(`the directory ${directory} cannot be made: ${cause.message}`, { cause });
    }
  }
}

/** False also for a path that cannot be examined: making it gives the reason. */
function existsAsDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
