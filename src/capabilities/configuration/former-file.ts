// SPDX-License-Identifier: Apache-2.0

import { fnv1a } from '../../bytes/hash.ts';
import { utf8 } from '../../bytes/text.ts';
import type { AgentHost } from '../../capability.ts';

/** A value on flash has 4,000 bytes at most. */
const KEPT_MAX_BYTES = 3900;

/** The agent, as far as former files use it. */
export interface FormerHost extends AgentHost {
  /** The agent runs without the app, which has crashed too often. */
  readonly isSafe: boolean;
  /** As `recall`, for a value that is not text. */
  recallBytes(name: string): Uint8Array | undefined;
  /** As `remember`, for a value that is not text. */
  rememberBytes(name: string, bytes: Uint8Array | undefined): boolean;
}

/** The file in force before a change, on flash until the new one is verified: the power may go in between. */
export class FormerFile {
  readonly #host: FormerHost;
  /** A hash of type and device, because names on flash are short. */
  readonly #name: string;

  /** @param childId empty: a file of the board */
  constructor(host: FormerHost, type: string, childId: string) {
    const bytes = utf8(`${type} ${childId}`);
    this.#host = host;
    this.#name = `file-${fnv1a(bytes, 0, bytes.length).toString(36)}`;
  }

  /** Whether the file in force is not verified. */
  get isOpen(): boolean {
    return this.#host.recallBytes(this.#name) !== undefined;
  }

  /** The file before; undefined: it was too long to be kept. */
  recall(): Uint8Array | undefined {
    const value = this.#host.recallBytes(this.#name);
    // An app may use the buffer of the bytes.
    return value === undefined || value.length === 0 ? undefined : value.slice(1);
  }

  /** False: the flash refuses. */
  keep(bytes: Uint8Array): boolean {
    const isKept = bytes.length <= KEPT_MAX_BYTES;
    // A byte before it tells an empty file from one that is too long.
    const value = new Uint8Array(isKept ? 1 + bytes.length : 0);
    if (isKept) value.set(bytes, 1);
    return this.#host.rememberBytes(this.#name, value);
  }

  /** The file in force is verified. False: the flash refuses. */
  forget(): boolean {
    return this.#host.rememberBytes(this.#name, undefined);
  }
}
