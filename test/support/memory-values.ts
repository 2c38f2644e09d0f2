// SPDX-License-Identifier: Apache-2.0

import type { KeyValues } from '../../hal/esp32/platform.ts';

/** Values in RAM, whose flash may refuse. */
export class MemoryValues implements KeyValues {
  readonly kept = new Map<string, Uint8Array>();
  writes = 0;
  refuses = false;

  read(name: string): ArrayBuffer | undefined {
    if (this.refuses) throw new Error('broken');
    return this.kept.get(name)?.slice().buffer as ArrayBuffer | undefined;
  }

  write(name: string, value: Uint8Array): void {
    if (this.refuses) throw new Error('full');
    this.writes += 1;
    this.kept.set(name, value.slice());
  }

  delete(name: string): void {
    this.kept.delete(name);
  }

  names(): string[] {
    return [...this.kept.keys()];
  }

  freeBytes(): number {
    return 1000;
  }
}
