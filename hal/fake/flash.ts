import { type Backing, DEFAULT_CAPACITY_BYTES, Values } from '../common/values.ts';

/** When the power goes, seen from the write it hits; half way, the old value or the new one is left, as the seed says. */
export type CutPoint = 'before' | 'half' | 'after';

export interface FakeFlashOptions {
  capacityBytes?: number | undefined;
  random(): number;
  /** The power has gone. */
  onCut(): void;
}

/** Values that outlive everything but can lose power at any write. */
export class FakeFlash implements Backing {
  /** How many changes there have been. */
  writes = 0;
  /** Refuses every change while true, as worn-out flash does. */
  refusing = false;
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
    return new Values(this, this.#options.capacityBytes ?? DEFAULT_CAPACITY_BYTES, new Map(this.#values));
  }

  /** Cuts the power at the `n`-th change from now on, counted from 1. */
  cutAtWrite(n: number, point: CutPoint): void {
    this.#cut = { write: this.writes + n, point };
  }

  /** Nothing changes any more until `open`. */
  powerOff(): void {
    this.#powered = false;
  }

  /** What lies on the flash, for tests: also to damage it. */
  get values(): Map<string, Uint8Array> {
    return this.#values;
  }

  write(name: string, value: Uint8Array): boolean {
    return this.#change(() => this.#values.set(name, value));
  }

  remove(name: string): boolean {
    return this.#change(() => this.#values.delete(name));
  }

  #change(apply: () => void): boolean {
    if (!this.#powered || this.refusing) return false;
    this.writes += 1;
    const cut = this.#cut?.write === this.writes ? this.#cut.point : undefined;
    if (cut === undefined || cut === 'after' || (cut === 'half' && this.#options.random() < 0.5)) apply();
    if (cut === undefined) return true;
    this.#cut = undefined;
    this.#powered = false;
    this.#options.onCut();
    return false;
  }
}
