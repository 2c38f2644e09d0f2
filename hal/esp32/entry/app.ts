// SPDX-License-Identifier: Apache-2.0

import { app as usualApp } from '../../../src/app.ts';
import { type App, measurement } from '../../../src/index.ts';

const CHIP = measurement({
  type: 'fractus_Chip',
  fragments: { fractus_Chip: { T: { of: 'temperature', unit: '°C', decimals: 0 } } },
});

/** The usual app, plus the temperature of the chip where the board measures it. */
export const app: App = (board) => {
  usualApp(board);
  const { chip } = board.hal.sensors;
  if (chip !== undefined) board.sensor({ reports: CHIP, sensor: chip });
};
