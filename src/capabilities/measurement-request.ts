// SPDX-License-Identifier: Apache-2.0

import type { Capability } from './capability.ts';

/** `c8y_MeasurementRequestOperation`: whatever it names, all sensors report now. */
export const measurementRequest: Capability = {
  name: 'c8y_MeasurementRequestOperation',
  repeatable: true,
  run(operation, host) {
    host.sampleAll();
    operation.succeed();
  },
};
