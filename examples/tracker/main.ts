// SPDX-License-Identifier: Apache-2.0

import { start } from 'fractus/board';
import { gps } from 'fractus/gps';
import { app } from './app.ts';

/** A receiver that sends NMEA 0183, with its transmit pin at pin 16 of the board. */
export default function main(): void {
  start(app, { sensors: { gps: gps({ receive: 16 }) } });
}
