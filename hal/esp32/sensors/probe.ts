// SPDX-License-Identifier: Apache-2.0

import type { Clock, Sensor } from '../../hal.ts';
import type { Driver, ValueRule } from './part.ts';

/** A sample stays fresh for this long: a part with several values is sampled once for all of them. */
const FRESH_MS = 500;
/** Pause after a failure, doubled each time. */
const FIRST_REST_MS = 5000;
const LONGEST_REST_MS = 300_000;
/** After a sample that blocks the machine, the driver rests this many times as long. */
const REST_PER_BLOCKED = 3;
/** After this many samples without values in a row, the part is opened again. */
const SILENCES = 5;

export interface ProbeOptions {
  /** The name of the part for a person. */
  readonly part: string;
  readonly values: Readonly<Record<string, ValueRule>>;
  readonly clock: Clock;
  /** @throws the driver's error */
  open(): Driver;
}

/**
 * Guards a driver. Drivers throw, block, return nothing, or return impossible values: each of these costs one sample at
 * most. The result is one flat sample in SI units, with only the values that the part can measure, and the same object
 * each time.
 */
export class Probe implements Sensor {
  readonly #options: ProbeOptions;
  readonly #names: readonly string[];
  readonly #readers: readonly Reader[];
  #driver: Driver | undefined;
  #sample: Record<string, number> = {};
  /** Bit i: value i is in the sample. */
  #present = 0;
  #sampled = false;
  #freshUntil = 0;
  #restUntil = 0;
  #restMs = FIRST_REST_MS;
  #silences = 0;
  #fault: Error | undefined;

  constructor(options: ProbeOptions) {
    this.#options = options;
    this.#names = Object.keys(options.values);
    this.#readers = this.#names.map((name) => new Reader(options.values[name] as ValueRule));
  }

  /** @throws Error with the reason while the part fails; the same object until the part is tried again */
  sample(): Readonly<Record<string, number>> | undefined {
    const { clock } = this.#options;
    const startedMs = clock.ticks();
    if (startedMs < this.#freshUntil) return this.#sampled ? this.#sample : undefined;
    if (startedMs < this.#restUntil) {
      if (this.#fault !== undefined) throw this.#fault;
      return undefined;
    }
    this.#sampled = false;
    let problem: string | undefined;
    try {
      this.#driver ??= this.#options.open();
      problem = this.#take(this.#driver.sample());
    } catch (error) {
      problem = describe(error);
    }
    const endedMs = clock.ticks();
    if (problem !== undefined) throw this.#failed(problem, endedMs);
    this.#freshUntil = endedMs + FRESH_MS;
    this.#restUntil = endedMs + (endedMs - startedMs) * REST_PER_BLOCKED;
    return this.#sampled ? this.#sample : undefined;
  }

  /** Closes the part; the next sample opens it again. */
  close(): void {
    const driver = this.#driver;
    this.#driver = undefined;
    try {
      driver?.close?.();
    } catch {
      // A driver that fails to close is dropped all the same.
    }
  }

  /** Takes the driver's sample. Returns the problem of an unusable one. */
  #take(raw: unknown): string | undefined {
    if (raw === undefined || raw === null) {
      this.#silences += 1;
      return this.#silences >= SILENCES ? 'it has no value' : undefined;
    }
    const readers = this.#readers;
    let present = 0;
    for (let i = 0; i < readers.length; i++) if ((readers[i] as Reader).read(raw)) present |= 1 << i;
    if (present === 0) return 'its values are impossible';
    this.#fill(present);
    this.#sampled = true;
    this.#silences = 0;
    this.#restMs = FIRST_REST_MS;
    this.#fault = undefined;
    return undefined;
  }

  /** Fills the sample. A new object is created only when other values are present than before. */
  #fill(present: number): void {
    if (present !== this.#present) this.#sample = {};
    this.#present = present;
    for (let i = 0; i < this.#readers.length; i++) {
      if ((present & (1 << i)) !== 0) this.#sample[this.#names[i] as string] = (this.#readers[i] as Reader).value;
    }
  }

  #failed(problem: string, nowMs: number): Error {
    this.close();
    this.#silences = 0;
    this.#restUntil = nowMs + this.#restMs;
    this.#restMs = Math.min(this.#restMs * 2, LONGEST_REST_MS);
    this.#fault = new Error(`${this.#options.part}: ${problem}`);
    return this.#fault;
  }
}

/** Reads one value from a driver's sample. */
class Reader {
  value = NaN;
  readonly #path: readonly string[];
  readonly #times: number;
  readonly #plus: number;
  readonly #least: number;
  readonly #most: number;

  constructor({ from, times = 1, plus = 0, least, most }: ValueRule) {
    this.#path = from.split('.');
    this.#times = times;
    this.#plus = plus;
    this.#least = least;
    this.#most = most;
  }

  /** True when the value is present and within its range. */
  read(raw: unknown): boolean {
    let at = raw;
    for (let i = 0; i < this.#path.length; i++) {
      if (typeof at !== 'object' || at === null) return false;
      at = (at as Readonly<Record<string, unknown>>)[this.#path[i] as string];
    }
    if (typeof at !== 'number') return false;
    this.value = at * this.#times + this.#plus;
    return this.value >= this.#least && this.value <= this.#most;
  }
}

/** The text of an error; drivers also throw strings. */
function describe(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  return typeof error === 'string' && error !== '' ? error : 'it throws';
}
