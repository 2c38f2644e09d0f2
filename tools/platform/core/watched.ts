// SPDX-License-Identifier: Apache-2.0

/** A map that reports new, changed and deleted entries. */
export class Watched<T> extends Map<string, T> {
  onChange: ((id: string) => void) | undefined;

  override set(id: string, value: T): this {
    super.set(id, value);
    this.onChange?.(id);
    return this;
  }

  override delete(id: string): boolean {
    const wasThere = super.delete(id);
    if (wasThere) this.onChange?.(id);
    return wasThere;
  }

  /** Reports a change within an entry. */
  touch(id: string): void {
    this.onChange?.(id);
  }
}
