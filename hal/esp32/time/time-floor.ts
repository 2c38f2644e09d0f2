// SPDX-License-Identifier: Apache-2.0

import { latestMs } from '../../../src/agent/uplink/timekeeper.ts';
import type { KeyValues } from '../platform.ts';

const NAME = 'time';
/** A time is written only when it is this much later than the one before, to spare the flash. */
const STEP_MS = 86_400_000;
/** After this many refusals of certificates in a row, the kept time counts as wrong. */
const MOST_REFUSALS = 5;

/**
 * The latest time that has certainly passed: the time of the build, or a time that was known in an earlier run.
 * Certificates are judged by it until the platform has answered for the first time.
 *
 * A time that was once too late (a captive portal can send one) must not lock the board out for ever: after repeated
 * refusals of certificates, the time of the build is used.
 */
export class TimeFloor {
  /** The latest possible time. */
  readonly latestMs: number;
  readonly #values: KeyValues;
  readonly #buildTimeMs: number;
  #ms: number;
  #refusals = 0;

  constructor(values: KeyValues, buildTimeMs: number) {
    this.#values = values;
    this.#buildTimeMs = buildTimeMs;
    this.latestMs = latestMs(buildTimeMs);
    const keptMs = this.#read();
    this.#ms = keptMs >= buildTimeMs && keptMs <= this.latestMs ? keptMs : buildTimeMs;
  }

  get ms(): number {
    return this.#ms;
  }

  /** `epochMs` has passed: certificates that were judged by it are valid. */
  seen(epochMs: number): void {
    this.#refusals = 0;
    if (epochMs < this.#ms + STEP_MS) return;
    this.#ms = epochMs;
    this.#write(epochMs);
  }

  /** A certificate was refused because of its dates, and was judged by this floor. */
  refused(): void {
    this.#refusals += 1;
    if (this.#refusals < MOST_REFUSALS || this.#ms === this.#buildTimeMs) return;
    this.#ms = this.#buildTimeMs;
    this.#refusals = 0;
    this.#write(this.#buildTimeMs);
  }

  /**
   * Reads epoch ms in eight bytes, or the seconds in four that older versions wrote; 0 when the value cannot be read.
   */
  #read(): number {
    try {
      const kept = this.#values.read(NAME);
      if (kept?.byteLength === 4) return new DataView(kept).getUint32(0, true) * 1000;
      return kept?.byteLength === 8 ? new DataView(kept).getFloat64(0, true) : 0;
    } catch {
      return 0;
    }
  }

  #write(epochMs: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, epochMs, true);
    try {
      this.#values.write(NAME, bytes);
    } catch {
      // The next start begins with the time of the build.
    }
  }
}
