// SPDX-License-Identifier: Apache-2.0

import type { Network, Sensor } from '../../hal.ts';

/** `rssi` in dBm; undefined without a radio or a link. */
export class RadioSensor implements Sensor {
  readonly #network: Network;
  readonly #sample = { rssi: 0 };

  constructor(network: Network) {
    this.#network = network;
  }

  sample(): Readonly<Record<string, number>> | undefined {
    const { signalDbm } = this.#network;
    if (signalDbm === undefined) return undefined;
    this.#sample.rssi = signalDbm;
    return this.#sample;
  }
}
