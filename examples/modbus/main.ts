// SPDX-License-Identifier: Apache-2.0

import Serial from 'embedded:io/serial';
import { start } from 'fractus/board';
import { createApp, type Meter } from './app.ts';

/** The meters on the line; a firmware for many houses would have them as settings. */
const METERS: readonly Meter[] = [
  { serialNumber: '18490001', name: 'Heat pump', unit: 1 },
  { serialNumber: '18490002', name: 'Wallbox', unit: 2 },
];

/**
 * A transceiver for RS-485 that switches its direction by itself, at pins 16 and 17. The SDK's serial port has no
 * parity: the meters are set to 8N1.
 */
export default function main(): void {
  const pins = { port: 1, receive: 16, transmit: 17, baud: 9600, format: 'buffer' } as const;
  start(createApp(METERS, (onReadable) => new Serial({ ...pins, onReadable })));
}
