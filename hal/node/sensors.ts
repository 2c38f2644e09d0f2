// SPDX-License-Identifier: Apache-2.0

import { createRandom } from '../common/random.ts';
import type { Clock, Sensor } from '../hal.ts';

const DAY_MS = 86_400_000;

interface DailyCurve {
  /** Name of the value in the sample. */
  readonly value: string;
  readonly mean: number;
  readonly amplitude: number;
  /** Time of day (UTC) of the maximum. */
  readonly peakHour: number;
  /** Size of the random drift off the curve. */
  readonly drift: number;
}

/** A value with a daily curve and a little drift; repeatable from a seed. */
class DailySensor implements Sensor {
  readonly #curve: DailyCurve;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #sample: Record<string, number>;
  #drift = 0;

  constructor(curve: DailyCurve, clock: Clock, seed: number) {
    this.#curve = curve;
    this.#clock = clock;
    this.#random = createRandom(seed);
    this.#sample = { [curve.value]: curve.mean };
  }

  sample(): Readonly<Record<string, number>> {
    const { value, mean, amplitude, peakHour, drift } = this.#curve;
    const dayAngle = ((this.#clock.now() ?? this.#clock.ticks()) / DAY_MS - peakHour / 24) * 2 * Math.PI;
    this.#drift = this.#drift * 0.9 + (this.#random() - 0.5) * drift;
    this.#sample[value] = mean + amplitude * Math.cos(dayAngle) + this.#drift;
    return this.#sample;
  }
}

const THERMOMETER: DailyCurve = { value: 'temperature', mean: 19.5, amplitude: 4, peakHour: 14, drift: 0.4 };
const HYGROMETER: DailyCurve = { value: 'humidity', mean: 52, amplitude: 9, peakHour: 4, drift: 1.5 };
const BAROMETER: DailyCurve = { value: 'pressure', mean: 101_325, amplitude: 120, peakHour: 10, drift: 40 };
const RADIO: DailyCurve = { value: 'rssi', mean: -58, amplitude: 3, peakHour: 4, drift: 4 };

/** Simulated sensors: °C, %, Pa, and the dBm of a radio. */
export function createSensors(clock: Clock, seed: number): Readonly<Record<string, Sensor>> {
  return {
    thermometer: new DailySensor(THERMOMETER, clock, seed),
    hygrometer: new DailySensor(HYGROMETER, clock, seed + 1),
    barometer: new DailySensor(BAROMETER, clock, seed + 2),
    radio: new DailySensor(RADIO, clock, seed + 3),
  };
}
