// SPDX-License-Identifier: Apache-2.0

import { latestMs } from '../../../src/agent/uplink/timekeeper.ts';
import type { KeyValues } from '../platform.ts';

const NAME = 'time';
/** Flash wears: a time is kept only when it is that much later than the one before. */
const STEP_MS = 86_400_000;
/** So many refusals of certificates in a row, and the kept time is taken for a lie. */
const MOST_REFUSALS = 5;

/**
 * A time that is past for certain, as long as nobody has told the time: that of the build, or one that was known in a
 * life before. Certificates are judged by it until the platform has answered for the first time.
 *
 * Whoever has told a time too late once (a captive portal does) must not lock the board out for ever: when certificates
 * look expired again and again, the time of the build has to do.
 */
export class TimeFloor {
  /** No time is later. */
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

  /** It is that late: certificates that were judged by it are good. */
  seen(epochMs: number): void {
    this.#refusals = 0;
    if (epochMs < this.#ms + STEP_MS) return;
    this.#ms = epochMs;
    this.#write(epochMs);
  }

  /** A certificate was refused because of its date, while this was all that was known of the time. */
  refused(): void {
    this.#refusals += 1;
    if (this.#refusals < MOST_REFUSALS || this.#ms === this.#buildTimeMs) return;
    this.#ms = this.#buildTimeMs;
    this.#refusals = 0;
    this.#write(this.#buildTimeMs);
  }

  /** Epoch ms in eight bytes; before, seconds in four. What cannot be read or kept is no reason not to start. */
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
