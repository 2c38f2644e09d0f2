// SPDX-License-Identifier: Apache-2.0

import type { Capability } from '../../src/capabilities/capability.ts';
import { firmwareSignedBy } from '../../src/capabilities/signed-firmware.ts';
import { verifyP256 } from './tls/signature.ts';

/** As the other one of this name. What tells signatures is in the firmware of who chooses it, so that the HAL of no other has it. */
export function signedFirmware(...keys: readonly string[]): Capability {
  return firmwareSignedBy(keys, verifyP256);
}
