// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../../hal/hal.ts';
import type { Capability } from '../../capability.ts';
import { type FirmwareCapability, firmware } from './firmware.ts';

/** The head of a file that nobody has signed. No device runs a newer version. */
const UNSIGNED = `fractus firmware 1\nname x\nversion 999999999.0.0\nmodel x\nbytes 1\nsha256 ${'0'.repeat(64)}\n`;

/** True: a device with these capabilities can replace its firmware, and takes signed files only. */
export function isSignedOnly(capabilities: readonly Capability[]): boolean {
  const hal = { board: { firmware: { version: '0.0.0' } }, verify: () => false } as unknown as Hal;
  const all = capabilities.filter(({ name }) => name === firmware.name) as FirmwareCapability[];
  return all.length > 0 && all.every(({ headCheck }) => headCheck?.(UNSIGNED, hal) !== undefined);
}
