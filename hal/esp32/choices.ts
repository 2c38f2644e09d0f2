// SPDX-License-Identifier: Apache-2.0
/** All capabilities that an author can list, in their form for a board. */

export * from '../../src/capabilities/index.ts';
export { enrolment } from './enrolment.ts';
export { network } from './network-operation.ts';
export { signedFirmware } from './signed-firmware.ts';
