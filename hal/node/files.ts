// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { STORE_VALUE_MAX_BYTES } from '../common/store-checks.ts';
import type { Backing } from '../common/values.ts';
import { makeDirectory } from './directory.ts';

const TEMPORARY = '.tmp';
const SUFFIX = '.value';
const CHECKSUM_BYTES = 8;

/** Reports problems with files to a person; a bad file costs only its own value. */
export type Report = (line: string) => void;

/**
 * Writes a file so that a reader, also after `kill -9` or a power cut at any moment, finds the old content or the new
 * one: a rename within a directory is atomic, and both are on the disk before this returns.
 */
export function writeFileAtomically(path: string, content: Uint8Array): void {
  const temporary = path + TEMPORARY;
  try {
    writeAndSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true, recursive: true });
    throw error;
  }
  syncDirectory(dirname(path));
}

function writeAndSync(path: string, content: Uint8Array): void {
  const fd = openSync(path, 'w', 0o600);
  try {
    for (let at = 0; at < content.length; ) at += writeSync(fd, content, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Some file systems cannot sync a directory (EINVAL, EPERM, ENOTSUP); there a rename is as safe as possible. */
function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EINVAL' && code !== 'EPERM' && code !== 'ENOTSUP') throw error;
  } finally {
    closeSync(fd);
  }
}

/** Values as files, one file each: a checksum, then the bytes. */
export class FileBacking implements Backing {
  readonly #directory: string;
  readonly #report: Report;

  constructor(directory: string, report: Report) {
    this.#directory = directory;
    this.#report = report;
    makeDirectory(directory);
  }

  /** Reads all values, removes the leftovers of a power cut, and reports files that do not belong here. */
  load(): Map<string, Uint8Array> {
    const values = new Map<string, Uint8Array>();
    for (const file of readdirSync(this.#directory).sort()) {
      const path = join(this.#directory, file);
      const name = nameOfFile(file);
      if (file.endsWith(SUFFIX + TEMPORARY)) rmSync(path, { force: true, recursive: true });
      else if (name === undefined) this.#report(`store: ${path} is not a file of this store and is ignored`);
      else this.#loadValue(name, path, values);
    }
    return values;
  }

  #loadValue(name: string, path: string, values: Map<string, Uint8Array>): void {
    try {
      const value = unseal(readBounded(path));
      if (value) values.set(name, value);
      else this.#report(`store: the value ${name} is damaged (${path}) and counts as missing`);
    } catch (error) {
      this.#report(`store: the value ${name} cannot be read and counts as missing: ${(error as Error).message}`);
    }
  }

  write(name: string, value: Uint8Array): boolean {
    return this.#attempt(`keep ${name}`, () => writeFileAtomically(this.#path(name), seal(value)));
  }

  remove(name: string): boolean {
    return this.#attempt(`delete ${name}`, () => {
      rmSync(this.#path(name), { force: true });
      syncDirectory(this.#directory);
    });
  }

  #attempt(what: string, act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      this.#report(`store: cannot ${what}: ${(error as Error).message}`);
      return false;
    }
  }

  #path(name: string): string {
    return join(this.#directory, fileOfName(name));
  }
}

/** Capital letters get a mark, for file systems that do not distinguish case. */
function fileOfName(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `+${capital.toLowerCase()}`) + SUFFIX;
}

function nameOfFile(file: string): string | undefined {
  const match = /^((?:[a-z0-9_-]|\+[a-z]){1,30})\.value$/.exec(file);
  const name = match?.[1]?.replace(/\+([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return name !== undefined && name.length <= 15 ? name : undefined;
}

/** @throws Error for anything but a file, and for a file larger than any value. */
function readBounded(path: string): Uint8Array {
  const stat = statSync(path);
  if (!stat.isFile()) throw new Error(`${path} is not a file`);
  if (stat.size > CHECKSUM_BYTES + STORE_VALUE_MAX_BYTES) throw new Error(`${path} has ${stat.size} bytes`);
  return readFileSync(path);
}

function checksum(value: Uint8Array): Uint8Array {
  return createHash('sha256').update(value).digest().subarray(0, CHECKSUM_BYTES);
}

function seal(value: Uint8Array): Uint8Array {
  return Buffer.concat([checksum(value), value]);
}

function unseal(content: Uint8Array): Uint8Array | undefined {
  const value = new Uint8Array(content.subarray(CHECKSUM_BYTES));
  return Buffer.compare(content.subarray(0, CHECKSUM_BYTES), checksum(value)) === 0 ? value : undefined;
}
