// SPDX-License-Identifier: Apache-2.0

import type { Capability, Host } from '../../src/capabilities/capability.ts';
import { enrolmentWith } from '../../src/capabilities/enrolment.ts';
import type { Esp32Network } from './network/network.ts';
import { readEcKey, sdkArithmetic } from './tls/ec-key.ts';

/** As the other one of this name, with the big numbers of the SDK. It brings the code for keys of P-256, which no other firmware has. */
export function enrolment(): Capability {
  return enrolmentWith(sdkArithmetic, ({ hal }: Host) => {
    (hal.network as unknown as Esp32Network).otherKeys = readEcKey;
  });
}
