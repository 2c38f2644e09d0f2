// SPDX-License-Identifier: Apache-2.0

import { firmwareSignedBy } from '../../../src/capabilities/firmware/signed-firmware.ts';
import type { Capability } from '../../../src/capability.ts';
import { verifyP256 } from '../tls/signature.ts';

/**
 * The capability `signedFirmware` for a board. Only firmware that lists it carries the code that verifies signatures.
 */
export function signedFirmware(...keys: readonly string[]): Capability {
  return firmwareSignedBy(keys, verifyP256);
}
