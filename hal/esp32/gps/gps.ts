// SPDX-License-Identifier: Apache-2.0
/**
 * The module `fractus/gps`: a receiver for satellite navigation on a serial port, and its track. Only projects that
 * import it carry it.
 */

import type { Connectors, Driver, SensorPart, SerialIo } from '../sensors/part.ts';
import { Nmea } from './nmea.ts';

export { Nmea } from './nmea.ts';
export { type TrackOptions, track } from './track.ts';

/** Size of the buffer of the hardware. */
const FIFO_BYTES = 128;

export interface GpsOptions {
  /** Pin of the board that receives from the receiver. */
  readonly receive: number;
  /** Default 1. Port 0 belongs to the console. */
  readonly port?: number;
  /** Default 9,600. */
  readonly baud?: number;
}

/**
 * `latitude` and `longitude` in degrees, `altitude` in m, `speed` in m/s, `satellites`, and `fix`: 1 while the receiver
 * knows its position. Reads NMEA 0183, the default of all receivers.
 */
export function gps(options: GpsOptions): SensorPart {
  return {
    part: `GPS on pin ${options.receive}`,
    kinds: ['gps'],
    values: {
      latitude: { from: 'latitude', least: -90, most: 90 },
      longitude: { from: 'longitude', least: -180, most: 180 },
      altitude: { from: 'altitude', least: -1000, most: 100_000 },
      speed: { from: 'speed', least: 0, most: 1000 },
      satellites: { from: 'satellites', least: 0, most: 100 },
      fix: { from: 'fix', least: 0, most: 1 },
    },
    open: (connectors) => new Receiver(connectors, options),
  };
}

/** A sample holds the values that the receiver has sent since the sample before. */
class Receiver implements Driver {
  readonly #nmea = new Nmea();
  readonly #bytes = new Uint8Array(FIFO_BYTES);
  readonly #io: SerialIo;
  readonly #reading = { latitude: NaN, longitude: NaN, altitude: NaN, speed: NaN, satellites: NaN, fix: NaN };

  constructor({ Serial }: Connectors, { receive, port = 1, baud = 9600 }: GpsOptions) {
    this.#io = new Serial({ receive, port, baud, format: 'buffer', onReadable: () => this.#take() });
  }

  sample(): unknown {
    const { latitude, longitude, altitude, speed, satellites, fix } = this.#nmea;
    this.#nmea.forget();
    if (Number.isNaN(fix)) return undefined;
    const reading = this.#reading;
    reading.latitude = latitude;
    reading.longitude = longitude;
    reading.altitude = altitude;
    reading.speed = speed;
    reading.satellites = satellites;
    reading.fix = fix;
    return reading;
  }

  close(): void {
    this.#io.close();
  }

  /** Reads the waiting bytes. Catches errors, which would end the engine. */
  #take(): void {
    try {
      this.#nmea.feed(this.#bytes, this.#io.read(this.#bytes) ?? 0);
    } catch {
      // The port was closed in the meantime.
    }
  }
}
