// SPDX-License-Identifier: Apache-2.0

import { type App, type Capability, measurement } from 'fractus';

const WEATHER = measurement({
  type: 'acme_Weather',
  fragments: {
    c8y_TemperatureMeasurement: { T: { of: 'temperature', unit: '°C', decimals: 1 } },
    c8y_HumidityMeasurement: { h: { of: 'humidity', unit: '%RH', decimals: 0 } },
    acme_Pressure: { p: { of: 'pressure', unit: 'Pa', decimals: 0 } },
  },
});

/** The platform's own operation for a relay; the widget of that name sends it. */
const relay: Capability = {
  name: 'c8y_Relay',
  inventory: () => ({ c8y_Relay: { relayState: 'OPEN' } }),
  run(operation, { hal }) {
    const contact = hal.actuators['relay'];
    const relayState = operation.text('relayState');
    if (relayState !== 'OPEN' && relayState !== 'CLOSED') return operation.fail('relayState: allowed are OPEN, CLOSED');
    if (contact === undefined) return operation.fail('this board has no relay');
    contact.write(relayState === 'CLOSED' ? 1 : 0);
    operation.fragment('c8y_Relay', { relayState });
    operation.succeed();
  },
};

/** A greenhouse: a sensor for the air, an alarm before it freezes, and a fan. */
export const app: App = (board) => {
  const { weather } = board.hal.sensors;
  if (weather !== undefined) {
    board.sensor({
      reports: WEATHER,
      sensor: weather,
      rules: [
        {
          of: 'temperature',
          below: 2,
          back: 4,
          forS: 120,
          type: 'acme_Frost',
          severity: 'CRITICAL',
          text: 'Below 2 °C for two minutes',
        },
      ],
    });
  }
  board.operation(relay);
};
