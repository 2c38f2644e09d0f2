// SPDX-License-Identifier: Apache-2.0
/** All that an author may choose from, as a board has it. */

export * from '../../src/capabilities/index.ts';
export { enrolment } from './enrolment.ts';
export { network } from './network-operation.ts';
export { signedFirmware } from './signed-firmware.ts';
