// SPDX-License-Identifier: Apache-2.0

import type { Store } from '../hal.ts';
import { checkStoreName, checkStoreValue } from './store-checks.ts';

/** Keeps {@link Values}. Both calls are all-or-nothing, also over a power cut. */
export interface Backing {
  /** False: refused; nothing has changed. */
  write(name: string, value: Uint8Array): boolean;
  remove(name: string): boolean;
}

/** Keeps nothing: everything ends with the process. */
export const volatile: Backing = { write: () => true, remove: () => true };

/** About the capacity of the NVS partition of a board. */
export const DEFAULT_CAPACITY_BYTES = 16_384;

/** Every value costs the head of one NVS entry. */
const HEAD_BYTES = 32;

/** A `Store` over any backing, with the limits of a board. */
export class Values implements Store {
  readonly #backing: Backing;
  readonly #capacityBytes: number;
  readonly #values: Map<string, Uint8Array>;

  constructor(
    backing: Backing,
    capacityBytes: number = DEFAULT_CAPACITY_BYTES,
    values: Map<string, Uint8Array> = new Map(),
  ) {
    this.#backing = backing;
    this.#capacityBytes = capacityBytes;
    this.#values = values;
  }

  get(name: string): Uint8Array | undefined {
    checkStoreName(name);
    const value = this.#values.get(name);
    return value && new Uint8Array(value);
  }

  set(name: string, value: Uint8Array): boolean {
    checkStoreName(name);
    checkStoreValue(name, value);
    // NVS writes the new value before it erases the old one, so there must be room for both.
    if (value.length > this.freeBytes()) return false;
    const copy = new Uint8Array(value);
    if (!this.#backing.write(name, copy)) return false;
    this.#values.set(name, copy);
    return true;
  }

  delete(name: string): boolean {
    checkStoreName(name);
    if (!this.#values.has(name)) return true;
    if (!this.#backing.remove(name)) return false;
    this.#values.delete(name);
    return true;
  }

  keys(): string[] {
    return [...this.#values.keys()];
  }

  freeBytes(): number {
    let used = HEAD_BYTES;
    for (const value of this.#values.values()) used += HEAD_BYTES + value.length;
    return Math.max(0, this.#capacityBytes - used);
  }
}
