// SPDX-License-Identifier: Apache-2.0

import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock, unlock } from 'fs-native-extensions';
import { makeDirectory } from './directory.ts';

/** Another device uses the directory. */
export class DirectoryBusyError extends Error {
  override readonly name = 'DirectoryBusyError';

  constructor(directory: string) {
    super(`another device is using the directory ${directory}`);
  }
}

export interface DirectoryLock {
  release(): void;
}

/**
 * Takes `directory` (made when missing) for this process alone. The lock belongs to an open file description in the
 * kernel, so it ends with the process in any case: the file that remains means nothing.
 * @throws DirectoryBusyError
 */
export function lockDirectory(directory: string): DirectoryLock {
  makeDirectory(directory);
  let fd: number | undefined = openSync(join(directory, 'lock'), 'w', 0o600);
  if (!tryLock(fd)) {
    closeSync(fd);
    throw new DirectoryBusyError(directory);
  }
  return {
    release(): void {
      if (fd === undefined) return;
      // Closing is enough only if no other process has the description, as a child does until it runs its own program.
      unlock(fd);
      closeSync(fd);
      fd = undefined;
    },
  };
}
