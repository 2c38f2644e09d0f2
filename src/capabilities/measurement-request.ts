// SPDX-License-Identifier: Apache-2.0

import type { Capability } from '../capability.ts';

/** `c8y_MeasurementRequestOperation`: all sensors report now, whatever the operation names. */
export const measurementRequest: Capability = {
  name: 'c8y_MeasurementRequestOperation',
  repeatable: true,
  run(operation, host) {
    host.sampleAll();
    operation.succeed();
  },
};
