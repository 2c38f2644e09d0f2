// SPDX-License-Identifier: Apache-2.0

import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from './directory.ts';
import { writeFileAtomically } from './files.ts';

/** Where the bytes of slots and what is noted about them lie. All of it throws when the flash refuses. */
export interface ImageFiles {
  /** Makes an image empty. */
  begin(name: string): void;
  append(name: string, bytes: Uint8Array): void;
  /** What was appended is there after a power cut from now on. */
  sync(name: string): void;
  /** @throws Error also when it has not this length */
  read(name: string, byteLength: number): Uint8Array;
  /** Undefined: nothing was noted yet. */
  readNote(): string | undefined;
  /** All or nothing. */
  writeNote(text: string): void;
}

const NOTE = 'slots.json';
const NOTE_MAX_BYTES = 4096;

/** In a directory, which is made when something is written. */
export class ImageDirectory implements ImageFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  begin(name: string): void {
    makeDirectory(this.#directory);
    writeFileSync(this.#path(name), '', { mode: 0o600 });
  }

  append(name: string, bytes: Uint8Array): void {
    this.#open(name, 'a', (file) => {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    });
  }

  sync(name: string): void {
    this.#open(name, 'r+', fsyncSync);
  }

  read(name: string, byteLength: number): Uint8Array {
    const path = this.#path(name);
    const { size } = statSync(path);
    if (size !== byteLength) throw new Error(`${path} has ${size} bytes instead of ${byteLength}`);
    return readFileSync(path);
  }

  readNote(): string | undefined {
    const path = join(this.#directory, NOTE);
    try {
      if (statSync(path).size > NOTE_MAX_BYTES) throw new Error(`${path} has more than ${NOTE_MAX_BYTES} bytes`);
      return readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  writeNote(text: string): void {
    makeDirectory(this.#directory);
    writeFileAtomically(join(this.#directory, NOTE), Buffer.from(text));
  }

  #path(name: string): string {
    return join(this.#directory, `${name}.image`);
  }

  #open(name: string, flags: string, act: (file: number) => void): void {
    const file = openSync(this.#path(name), flags, 0o600);
    try {
      act(file);
    } finally {
      closeSync(file);
    }
  }
}

/** Of a board whose flash ends with the process. */
export class ImageMemory implements ImageFiles {
  readonly #images = new Map<string, Uint8Array[]>();
  #note: string | undefined;

  begin(name: string): void {
    this.#images.set(name, []);
  }

  append(name: string, bytes: Uint8Array): void {
    this.#images.get(name)?.push(Uint8Array.from(bytes));
  }

  sync(): void {}

  read(name: string, byteLength: number): Uint8Array {
    const bytes = Buffer.concat(this.#images.get(name) ?? []);
    if (bytes.length !== byteLength) throw new Error(`it has ${bytes.length} bytes instead of ${byteLength}`);
    return bytes;
  }

  readNote(): string | undefined {
    return this.#note;
  }

  writeNote(text: string): void {
    this.#note = text;
  }
}
