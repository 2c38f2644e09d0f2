// SPDX-License-Identifier: Apache-2.0

import { type App, measurement } from 'fractus';

const FREEZER = measurement({
  type: 'acme_Freezer',
  fragments: { acme_Freezer: { T: { of: 'temperature', unit: '°C', decimals: 1 } } },
});

/** A freezer that raises an alarm when it has been too warm for five minutes, and clears it when it is cold again. */
export const app: App = (board) => {
  const { thermometer } = board.hal.sensors;
  if (thermometer === undefined) return;
  board.sensor({
    reports: FREEZER,
    sensor: thermometer,
    rules: [
      {
        of: 'temperature',
        above: -15,
        back: -18,
        forS: 300,
        type: 'acme_FreezerWarm',
        severity: 'CRITICAL',
        text: 'Freezer above -15 °C for five minutes',
      },
    ],
  });
};
