// SPDX-License-Identifier: Apache-2.0

import { type Backing, DEFAULT_CAPACITY_BYTES, Values } from '../common/values.ts';

/** The moment of a power cut, relative to a write; at `half` the seed decides between the old value and the new one. */
export type CutPoint = 'before' | 'half' | 'after';

/**
 * The result of a change: a power cut; another value and a power cut (the value cut off, or one bit wrong); reported as
 * done, but not done; refused.
 */
export type FlashFault = CutPoint | 'torn' | 'flipped' | 'ignored' | 'refused';

export interface FakeFlashOptions {
  capacityBytes?: number | undefined;
  random(): number;
  /** The power has failed. */
  onCut(): void;
}

/** Values that survive everything, but can lose power at any write. */
export class FakeFlash implements Backing {
  /** Number of changes. */
  writes = 0;
  /** Refuses every change while true, as worn-out flash does. */
  refusing = false;
  /** Called at every change, which is counted already; returns its fault. */
  onWrite: ((name: string) => FlashFault | undefined) | undefined;
  readonly #options: FakeFlashOptions;
  readonly #values = new Map<string, Uint8Array>();
  #cut: { readonly write: number; readonly point: CutPoint } | undefined;
  #powered = true;

  constructor(options: FakeFlashOptions) {
    this.#options = options;
  }

  /** The store of one start: power is back. */
  open(): Values {
    this.#powered = true;
    const own = [...this.#values].filter(([name]) => !isHals(name));
    return new Values(this, this.#options.capacityBytes ?? DEFAULT_CAPACITY_BYTES, new Map(own));
  }

  /** Cuts the power at the `n`-th change from now on, counted from 1. */
  cutAtWrite(n: number, point: CutPoint): void {
    this.#cut = { write: this.writes + n, point };
  }

  /** Nothing changes any more until `open`. */
  powerOff(): void {
    this.#powered = false;
  }

  /** The content of the flash, for tests, which may also damage it. */
  get values(): Map<string, Uint8Array> {
    return this.#values;
  }

  write(name: string, value: Uint8Array): boolean {
    return this.#change(name, value);
  }

  remove(name: string): boolean {
    return this.#change(name, undefined);
  }

  #change(name: string, value: Uint8Array | undefined): boolean {
    if (!this.#powered || this.refusing) return false;
    this.writes += 1;
    const fault = this.#takeFault(name);
    if (fault === 'ignored' || fault === 'refused') return fault === 'ignored';
    this.#apply(name, value, fault);
    if (fault === undefined) return true;
    this.#powered = false;
    this.#options.onCut();
    return false;
  }

  #takeFault(name: string): FlashFault | undefined {
    if (this.#cut?.write !== this.writes) return this.onWrite?.(name);
    const { point } = this.#cut;
    this.#cut = undefined;
    return point;
  }

  #apply(name: string, value: Uint8Array | undefined, fault: FlashFault | undefined): void {
    const { random } = this.#options;
    // NVS recognizes a damaged value and uses the one before: values of the HAL have no checksum of their own.
    const isHalf = fault === 'half' || (isHals(name) && (fault === 'torn' || fault === 'flipped'));
    if (fault === 'before' || (isHalf && random() >= 0.5)) return;
    if (value === undefined) this.#values.delete(name);
    else if (isHalf) this.#values.set(name, value);
    else if (fault === 'torn') this.#values.set(name, value.slice(0, Math.floor(random() * value.length)));
    else if (fault === 'flipped') this.#values.set(name, flip(value, Math.floor(random() * value.length * 8)));
    else this.#values.set(name, value);
  }
}

/** Whether it is a value that a HAL keeps besides the store, under a name that no store has. */
function isHals(name: string): boolean {
  return name.startsWith('hal:');
}

function flip(value: Uint8Array, bit: number): Uint8Array {
  return value.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}
