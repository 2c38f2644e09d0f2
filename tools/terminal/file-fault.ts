// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'a folder; allowed: a file',
  ENOTDIR: 'a part of its path is no folder',
  EACCES: 'you may not read or write it',
  EPERM: 'you may not read or write it',
  EEXIST: 'it exists already, and is not overwritten',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
};

/** What is wrong with a file, for a person: the words for an error of the system, else its message. */
export function fileFault(file: string, error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return `${file}: ${Object.hasOwn(FAULTS, code) ? FAULTS[code] : message}`;
}

/** The content of a file that a person has named. @throws Error with the name and what is wrong */
export function readNamed(file: string): Buffer<ArrayBuffer> {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(fileFault(file, error), { cause: error });
  }
}
