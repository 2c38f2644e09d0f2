// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a directory and those above it, one after the other. Node's own `recursive` tries for ever where a file system
 * says that there is no parent, though it is there: /proc does.
 * @throws Error for a person, which names the directory
 */
export function makeDirectory(directory: string): void {
  const missing: string[] = [];
  for (let at = resolve(directory); !existsAsDirectory(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  for (const each of missing.reverse()) {
    try {
      mkdirSync(each, { mode: 0o700 });
    } catch (error) {
      // Another process may have been faster.
      if (existsAsDirectory(each)) continue;
      const cause = error as Error;
      throw new Error(`the directory ${directory} cannot be made: ${cause.message}`, { cause });
    }
  }
}

/** False also for what cannot be looked at: making it says why. */
function existsAsDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
