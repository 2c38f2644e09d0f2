// SPDX-License-Identifier: Apache-2.0

import { type App, measurement } from 'fractus';

const AIR = measurement({
  type: 'c8y_TemperatureMeasurement',
  fragments: { c8y_TemperatureMeasurement: { T: { of: 'temperature', unit: '°C', decimals: 1 } } },
});

export const app: App = (board) => {
  const { thermometer } = board.hal.sensors;
  if (thermometer !== undefined) board.sensor({ reports: AIR, sensor: thermometer });
};
