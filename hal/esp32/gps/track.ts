// SPDX-License-Identifier: Apache-2.0

import type { AppDevice, Sensor } from '../../../src/index.ts';

const EARTH_M = 6_371_000;
const RADIAN = Math.PI / 180;

export interface TrackOptions {
  /** Gives `latitude` and `longitude`, and `altitude` when it knows it. */
  readonly sensor: Sensor;
  /** So far it must have gone to be somewhere else; default 50. Receivers that lie still wander by some metres. */
  readonly leastM?: number;
  /** Seconds from one look to the next; default 10. */
  readonly everyS?: number;
}

/**
 * Reports where a device is, in its inventory and as an event (guide steps 8 and 10): as soon as that is known, and again
 * when it has moved. While it stands still, and while nobody knows, nothing is said.
 */
export function track(device: AppDevice, { sensor, leastM = 50, everyS = 10 }: TrackOptions): void {
  const { hal } = device;
  let latitude = NaN;
  let longitude = NaN;
  let trouble = '';
  const look = () => {
    const sample = sensor.sample();
    const newLatitude = sample?.['latitude'];
    const newLongitude = sample?.['longitude'];
    if (typeof newLatitude !== 'number' || typeof newLongitude !== 'number') return;
    // Also the first time, for then the distance is NaN.
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
    // A receiver that fails, or is nowhere on Earth, costs the look, and one line.
    try {
      look();
      trouble = '';
    } catch (error) {
      const text = error instanceof Error ? error.message : 'the sensor throws';
      if (text !== trouble) hal.log('warn', `position: ${text}`);
      trouble = text;
    }
  });
  timer.start(0);
}

/** To what is a tenth of a metre. */
function rounded(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

/** Good enough for distances that somebody goes between two looks. */
export function distanceM(fromLatitude: number, fromLongitude: number, latitude: number, longitude: number): number {
  // The short way round.
  const east = ((((longitude - fromLongitude + 180) % 360) + 360) % 360) - 180;
  const x = east * Math.cos(((fromLatitude + latitude) / 2) * RADIAN);
  return Math.hypot(x, latitude - fromLatitude) * RADIAN * EARTH_M;
}
