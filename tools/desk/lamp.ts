// SPDX-License-Identifier: Apache-2.0

import type { Clock, Sensor } from '../../hal/hal.ts';

/** A lamp over a thermometer: its final warming in °C, and the time constant. */
const LAMP_C = 55;
const WARMING_MS = 4000;
const LAMP_MS = 45_000;

/** A thermometer under a lamp, which stays on long enough for a rule with a minimum time. */
export class LitThermometer implements Sensor {
  readonly #thermometer: Sensor | undefined;
  readonly #clock: Clock;
  #litAtMs = Number.NEGATIVE_INFINITY;

  constructor(thermometer: Sensor | undefined, clock: Clock) {
    this.#thermometer = thermometer;
    this.#clock = clock;
  }

  /** Switches the lamp on; it goes off by itself. */
  light(): void {
    this.#litAtMs = this.#clock.ticks();
  }

  sample(): Readonly<Record<string, unknown>> | undefined {
    const sample = this.#thermometer?.sample();
    const temperature = sample?.['temperature'];
    return typeof temperature === 'number' ? { ...sample, temperature: temperature + this.#warmth() } : sample;
  }

  #warmth(): number {
    const elapsedMs = this.#clock.ticks() - this.#litAtMs;
    const warming = LAMP_C * (1 - Math.exp(-Math.min(elapsedMs, LAMP_MS) / WARMING_MS));
    return elapsedMs < LAMP_MS ? warming : warming * Math.exp(-(elapsedMs - LAMP_MS) / WARMING_MS);
  }
}
