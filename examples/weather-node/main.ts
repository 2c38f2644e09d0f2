// SPDX-License-Identifier: Apache-2.0

import { start } from 'fractus/board';
import { digitalOutput } from 'fractus/pins';
import { bme68x } from 'fractus/sensors';
import { app } from './app.ts';

/** The parts connected to this board, and the app that uses them. */
export default function main(): void {
  start(app, {
    sensors: { weather: bme68x({ address: 0x77 }) },
    actuators: { relay: digitalOutput({ pin: 26, activeLow: true }) },
  });
}
