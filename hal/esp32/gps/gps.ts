// SPDX-License-Identifier: Apache-2.0
/**
 * A receiver for satellite navigation on a serial port, and the way that it goes: the module `fractus/gps`. It is part of
 * the project that imports it, and of no other image.
 */

import type { Connectors, Driver, SensorPart, SerialIo } from '../sensors/part.ts';
import { Nmea } from './nmea.ts';

export { Nmea } from './nmea.ts';
export { type TrackOptions, track } from './track.ts';

/** What the hardware holds at most. */
const FIFO_BYTES = 128;

export interface GpsOptions {
  /** Pin of the board on which it hears the receiver. */
  readonly receive: number;
  /** Default 1. Port 0 is the console's. */
  readonly port?: number;
  /** Default 9,600. */
  readonly baud?: number;
}

/**
 * `latitude` and `longitude` in degrees, `altitude` in m, `speed` in m/s, `satellites`, and `fix`: 1 while it knows where it
 * is. Speaks NMEA 0183, as all receivers do unless they are told otherwise.
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

/** A sample is what it has said since the one before. */
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

  /** What it throws would be the end of the engine. */
  #take(): void {
    try {
      this.#nmea.feed(this.#bytes, this.#io.read(this.#bytes) ?? 0);
    } catch {
      // Closed meanwhile.
    }
  }
}
