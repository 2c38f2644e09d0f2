// SPDX-License-Identifier: Apache-2.0

import { enrolmentWith } from '../../../src/capabilities/enrolment.ts';
import type { Capability, Host } from '../../../src/capability.ts';
import type { Esp32Network } from '../network/network.ts';
import { readEcKey, sdkArithmetic } from '../tls/ec-key.ts';

/**
 * The capability `enrolment` with the SDK's big numbers. It adds the code for P-256 keys, which other firmware does not
 * carry.
 */
export function enrolment(): Capability {
  return enrolmentWith(sdkArithmetic, ({ hal }: Host) => {
    (hal.network as unknown as Esp32Network).otherKeys = readEcKey;
  });
}
