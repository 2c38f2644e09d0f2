// SPDX-License-Identifier: Apache-2.0

import { type App, type AppBoard, measurement, type Sensor } from 'fractus';
import { track } from 'fractus/gps';

const SPEED = measurement({
  type: 'c8y_SpeedMeasurement',
  fragments: { c8y_SpeedMeasurement: { speed: { of: 'speed', unit: 'm/s', decimals: 1 } } },
});

/** Reports where the board is, whenever it has moved by 100 m, and its speed. */
export function follow(board: AppBoard, gps: Sensor): void {
  track(board, { sensor: gps, leastM: 100 });
  board.sensor({ reports: SPEED, sensor: gps });
}

export const app: App = (board) => {
  const { gps } = board.hal.sensors;
  if (gps !== undefined) follow(board, gps);
};
