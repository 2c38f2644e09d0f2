// SPDX-License-Identifier: Apache-2.0

import { start } from 'fractus/board';
import { thermometers } from 'fractus/one-wire';
import OneWire from 'onewire';
import { createApp } from './app.ts';

/** Thermometers at pin 4, with a resistor of 4.7 kΩ from it to 3.3 V. */
export default function main(): void {
  start(createApp(thermometers(new OneWire({ pin: 4 }))));
}
