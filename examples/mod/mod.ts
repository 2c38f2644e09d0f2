// SPDX-License-Identifier: Apache-2.0

import { measurement } from 'fractus';
import type { Mod } from 'fractus/board';

const CELLAR = measurement({
  type: 'acme_Cellar',
  fragments: { acme_Cellar: { T: { of: 'temperature', unit: '°C', decimals: 2 } } },
});

/** For boards in the field: everything that their firmware's app does, and the climate of a cellar. */
const mod: Mod = (board, app) => {
  app(board);
  const { thermometer } = board.hal.sensors;
  if (thermometer === undefined) return;
  board.sensor({ reports: CELLAR, sensor: thermometer });
  board.command({
    name: 'cellar',
    help: 'how warm it is now',
    run: () => `${thermometer.sample()?.['temperature']} °C`,
  });
};

export default mod;
