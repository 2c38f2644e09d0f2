// SPDX-License-Identifier: Apache-2.0

import type { Sensor } from '../../hal/hal.ts';
import { Sample } from '../../hal/xs/protocol.ts';
import type { Reply } from './request.ts';

/** Samples a sensor for XS. Names are sent once per shape, values as 64-bit numbers. */
export class SensorServer {
  readonly #sensor: Sensor;
  #shape = 0;
  #names = '';
  #values: Float64Array = new Float64Array(0);

  constructor(sensor: Sensor) {
    this.#sensor = sensor;
  }

  /** @param knownShape the number of the shape that XS knows; 0: none */
  sample(knownShape: number): Reply {
    const sample = this.#sensor.sample();
    if (sample === undefined) return { value: Sample.Nothing };
    if (!isNumbers(sample)) {
      return { value: Sample.Other, payload: Buffer.from(JSON.stringify(sample) ?? 'null') };
    }
    const names = JSON.stringify(Object.keys(sample));
    this.#values = Float64Array.from(Object.values(sample));
    if (names !== this.#names) {
      this.#names = names;
      this.#shape++;
    }
    if (this.#shape !== knownShape) return { value: this.#shape, payload: Buffer.from(names) };
    return { ...this.values(), value: Sample.Known };
  }

  values(): Reply {
    const { buffer, byteOffset, byteLength } = this.#values;
    return { value: 0, payload: new Uint8Array(buffer, byteOffset, byteLength) };
  }
}

function isNumbers(sample: unknown): sample is Record<string, number> {
  if (typeof sample !== 'object' || sample === null || Array.isArray(sample)) return false;
  return Object.values(sample).every((value) => typeof value === 'number');
}
