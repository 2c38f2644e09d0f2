// SPDX-License-Identifier: Apache-2.0

declare module 'fs-native-extensions' {
  /**
   * Tries to get an exclusive lock on the open file; false when another process has it. Closing the file releases it.
   */
  export function tryLock(fd: number): boolean;
  /** Releases it, even if another process has the same open file. */
  export function unlock(fd: number): void;
}
