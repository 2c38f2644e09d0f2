// SPDX-License-Identifier: Apache-2.0

import { type App, measurement } from 'fractus';
import { dutyCycle } from 'fractus/sleep';

const SOIL = measurement({
  type: 'acme_Soil',
  fragments: { acme_Soil: { moisture: { of: 'moisture', unit: '%', decimals: 0 } } },
});

/**
 * A sensor on a battery: wakes every quarter of an hour for a sample, sends every hour, and sleeps in between. Needs
 * requiredAvailability=0, or more than 60.
 */
export const app: App = (board) => {
  const { soil } = board.hal.sensors;
  if (soil !== undefined) {
    board.sensor({
      reports: SOIL,
      sensor: soil,
      rules: [{ of: 'moisture', below: 10, back: 20, type: 'acme_Dry', severity: 'MAJOR', text: 'The soil is dry' }],
    });
  }
  dutyCycle(board, { wakeS: 900, sendS: 3600 });
};
