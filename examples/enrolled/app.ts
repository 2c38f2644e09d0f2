// SPDX-License-Identifier: Apache-2.0

import { type App, measurement } from 'fractus';
import { command, configuration, enrolment, restart } from 'fractus/capabilities';

const CLIMATE = measurement({
  type: 'acme_Climate',
  fragments: { c8y_TemperatureMeasurement: { T: { of: 'temperature', unit: '°C', decimals: 1 } } },
});

/** The operations for operators; `enrolment()` obtains, proves and replaces the certificate. */
export const capabilities = [restart, configuration, command, enrolment()];

/** A cold store that proves its identity with a certificate that nobody had to make. */
export const app: App = (board) => {
  const { climate } = board.hal.sensors;
  if (climate !== undefined) board.sensor({ reports: CLIMATE, sensor: climate });
};
