// SPDX-License-Identifier: Apache-2.0
/** Switches at a virtual board: sensors that can be unplugged, and flash that can be told to refuse. */

import type { Flash, Sensor } from '../../hal/hal.ts';

/** A sensor that returns nothing while it is unplugged. */
export class PluggedSensor implements Sensor {
  isPlugged = true;
  readonly #sensor: Sensor;
  readonly #onSample: () => void;

  /** @param onSample called for each sample */
  constructor(sensor: Sensor, onSample: () => void = () => {}) {
    this.#sensor = sensor;
    this.#onSample = onSample;
  }

  sample(): Readonly<Record<string, unknown>> | undefined {
    if (!this.isPlugged) return undefined;
    this.#onSample();
    return this.#sensor.sample();
  }
}

/** Samples within this time count as one: all due sensors are sampled together. */
const SAME_SAMPLE_MS = 500;
const MOST_SAMPLES = 1000;

/** The last times at which sensors were sampled, by the host's clock. */
export class SampleTimes {
  readonly ms: number[] = [];

  note(): void {
    const nowMs = Date.now();
    if (nowMs - (this.ms.at(-1) ?? 0) < SAME_SAMPLE_MS) return;
    this.ms.push(nowMs);
    if (this.ms.length > MOST_SAMPLES * 1.2) this.ms.splice(0, this.ms.length - MOST_SAMPLES);
  }
}

/** Flash that counts its erases, and refuses when it is told to. */
export class WatchedFlash implements Flash {
  isRefusing = false;
  /** Erases of each sector. */
  readonly wear: number[];
  readonly #flash: Flash;

  constructor(flash: Flash) {
    this.#flash = flash;
    this.wear = new Array<number>(flash.sectors).fill(0);
  }

  get sectorBytes(): number {
    return this.#flash.sectorBytes;
  }

  get sectors(): number {
    return this.#flash.sectors;
  }

  read(at: number, into: Uint8Array, from: number, to: number): void {
    this.#flash.read(at, into, from, to);
  }

  program(at: number, bytes: Uint8Array, from: number, to: number): boolean {
    return !this.isRefusing && this.#flash.program(at, bytes, from, to);
  }

  erase(sector: number): boolean {
    if (this.isRefusing) return false;
    this.wear[sector] = (this.wear[sector] ?? 0) + 1;
    return this.#flash.erase(sector);
  }
}

/** The programmed share of each sector, 0 to 1. */
export function fillOf(flash: Flash): number[] {
  const bytes = new Uint8Array(flash.sectorBytes);
  return Array.from({ length: flash.sectors }, (_, sector) => {
    flash.read(sector * flash.sectorBytes, bytes, 0, bytes.length);
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0xff) end -= 1;
    return end / bytes.length;
  });
}
