// SPDX-License-Identifier: Apache-2.0

import { checkStoreName, checkStoreValue } from '../../common/store-checks.ts';
import type { Store } from '../../hal.ts';
import type { KeyValues } from '../platform.ts';

export interface Esp32StoreOptions {
  readonly values: KeyValues;
  /** Called with the reason when the flash refuses, as a line for a person. */
  report(line: string): void;
}

/** The store over named values of the board. Each value is replaced as a whole. */
export class Esp32Store implements Store {
  readonly #values: KeyValues;
  readonly #report: (line: string) => void;

  constructor({ values, report }: Esp32StoreOptions) {
    this.#values = values;
    this.#report = report;
  }

  get(name: string): Uint8Array | undefined {
    checkStoreName(name);
    try {
      const value = this.#values.read(name);
      return value && new Uint8Array(value);
    } catch (error) {
      this.#refused('read', name, error);
      return undefined;
    }
  }

  set(name: string, value: Uint8Array): boolean {
    checkStoreName(name);
    checkStoreValue(name, value);
    try {
      this.#values.write(name, value);
      return true;
    } catch (error) {
      this.#refused('write', name, error);
      return false;
    }
  }

  delete(name: string): boolean {
    checkStoreName(name);
    try {
      this.#values.delete(name);
      return true;
    } catch (error) {
      this.#refused('delete', name, error);
      return false;
    }
  }

  keys(): string[] {
    try {
      return this.#values.names();
    } catch (error) {
      this.#refused('list', 'the names', error);
      return [];
    }
  }

  freeBytes(): number {
    return this.#values.freeBytes();
  }

  #refused(act: string, name: string, error: unknown): void {
    this.#report(`store: the flash does not ${act} ${name}: ${error instanceof Error ? error.message : 'no reason'}`);
  }
}
