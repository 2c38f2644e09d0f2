// SPDX-License-Identifier: Apache-2.0

import type { App, RuleDefinition } from './api.ts';
import { measurement } from './cumulocity/measurement.ts';

/** All parts of the agent; an author's module may export its own choice. */
export { PARTS as parts } from './agent/parts/index.ts';
/** The capabilities of the board; an author's module may export its own choice. */
export { CAPABILITIES as capabilities } from './capabilities/index.ts';

// At module level, so that they are in flash.
const TEMPERATURE = measurement({
  type: 'c8y_TemperatureMeasurement',
  fragments: { c8y_TemperatureMeasurement: { T: { of: 'temperature', unit: '°C' } } },
});
const HUMIDITY = measurement({
  type: 'c8y_HumidityMeasurement',
  fragments: { c8y_HumidityMeasurement: { h: { of: 'humidity', unit: '%RH', decimals: 1 } } },
});
const PRESSURE = measurement({
  type: 'c8y_PressureMeasurement',
  fragments: { c8y_PressureMeasurement: { p: { of: 'pressure', unit: 'Pa', decimals: 0 } } },
});
const SIGNAL = measurement({
  type: 'c8y_SignalStrength',
  fragments: { c8y_SignalStrength: { rssi: { of: 'rssi', unit: 'dBm', decimals: 0 } } },
});

const HOT: readonly RuleDefinition[] = [
  {
    of: 'temperature',
    above: 60,
    back: 55,
    forS: 30,
    type: 'c8y_HighTemperatureAlarm',
    severity: 'MAJOR',
    text: 'Temperature above 60 °C',
  },
];

/** The app that runs when there is no other: it reports the usual sensors of a bare board. */
export const app: App = (board) => {
  const { thermometer, hygrometer, barometer, radio } = board.hal.sensors;
  if (thermometer !== undefined) {
    board.sensor({ reports: TEMPERATURE, sensor: thermometer, rules: HOT });
  }
  if (hygrometer !== undefined) board.sensor({ reports: HUMIDITY, sensor: hygrometer });
  if (barometer !== undefined) board.sensor({ reports: PRESSURE, sensor: barometer });
  if (radio !== undefined) board.sensor({ reports: SIGNAL, sensor: radio });
};
