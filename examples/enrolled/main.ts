// SPDX-License-Identifier: Apache-2.0

import { startWith } from 'fractus/board';
import { PARTS } from 'fractus/parts';
import { bme68x } from 'fractus/sensors';
import { app, capabilities } from './app.ts';

/** Each board gets its own one-time password: from `fractus flash`, at the console, or in the factory. */
export default function main(): void {
  startWith(app, { capabilities, parts: PARTS, sensors: { climate: bme68x({ address: 0x77 }) } });
}
