// SPDX-License-Identifier: Apache-2.0
/** All capabilities that an author can list, in their form for a board. */

export * from '../../../src/capabilities/index.ts';
export { enrolment } from '../capabilities/enrolment.ts';
export { network } from '../capabilities/network.ts';
export { signedFirmware } from '../capabilities/signed-firmware.ts';
