declare module 'fs-native-extensions' {
  /** Asks for an exclusive lock on the open file; false when somebody else has it. Closing the file gives it up. */
  export function tryLock(fd: number): boolean;
}
