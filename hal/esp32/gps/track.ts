// SPDX-License-Identifier: Apache-2.0

import type { AppDevice, Sensor } from '../../../src/index.ts';

const EARTH_M = 6_371_000;
const RADIAN = Math.PI / 180;

export interface TrackOptions {
  /** Gives `latitude` and `longitude`, and `altitude` when it is known. */
  readonly sensor: Sensor;
  /** Metres that count as a move; default 50. The position of a resting receiver wanders by some metres. */
  readonly leastM?: number;
  /** Seconds between two samples; default 10. */
  readonly everyS?: number;
}

/**
 * Reports the position of a device, in its inventory and as an event (guide steps 8 and 10): when it is first known,
 * and after each move. A device that stands still, or whose position is unknown, reports nothing.
 */
export function track(device: AppDevice, { sensor, leastM = 50, everyS = 10 }: TrackOptions): void {
  const { hal } = device;
  let latitude = NaN;
  let longitude = NaN;
  let trouble = '';
  const report = () => {
    const sample = sensor.sample();
    const newLatitude = sample?.['latitude'];
    const newLongitude = sample?.['longitude'];
    if (typeof newLatitude !== 'number' || typeof newLongitude !== 'number') return;
    // The first distance is NaN, so the first position passes.
    if (distanceM(latitude, longitude, newLatitude, newLongitude) < leastM) return;
    latitude = newLatitude;
    longitude = newLongitude;
    const altitude = sample?.['altitude'];
    device.position(
      rounded(latitude),
      rounded(longitude),
      Number.isFinite(altitude) ? (altitude as number) : undefined,
    );
  };
  const timer = hal.createTimer(() => {
    timer.start(everyS * 1000);
    // A sensor that throws, or an impossible position, costs one sample and one line of the log.
    try {
      report();
      trouble = '';
    } catch (error) {
      const text = error instanceof Error ? error.message : 'the sensor throws';
      if (text !== trouble) hal.log('warn', `position: ${text}`);
      trouble = text;
    }
  });
  timer.start(0);
}

/** Rounds to a millionth of a degree, a tenth of a metre. */
function rounded(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

/** The distance in metres, exact enough for the distances between two samples. */
export function distanceM(fromLatitude: number, fromLongitude: number, latitude: number, longitude: number): number {
  // The shorter way around the earth.
  const east = ((((longitude - fromLongitude + 180) % 360) + 360) % 360) - 180;
  const x = east * Math.cos(((fromLatitude + latitude) / 2) * RADIAN);
  return Math.hypot(x, latitude - fromLatitude) * RADIAN * EARTH_M;
}
