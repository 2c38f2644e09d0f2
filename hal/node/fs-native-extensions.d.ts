// SPDX-License-Identifier: Apache-2.0

declare module 'fs-native-extensions' {
  /** Asks for an exclusive lock on the open file; false when somebody else has it. Closing the file gives it up. */
  export function tryLock(fd: number): boolean;
  /** Gives it up, whoever else has the open file. */
  export function unlock(fd: number): void;
}
