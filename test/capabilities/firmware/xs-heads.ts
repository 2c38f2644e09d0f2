// SPDX-License-Identifier: Apache-2.0

import { createXsHal } from '../../../hal/xs/xs.ts';
import { parseImageHead } from '../../../src/capabilities/firmware/firmware-image.ts';
import { signatureFault, signedFirmware } from '../../../src/capabilities/firmware/signed-firmware.ts';

/** Runs inside XS: says of each head that the configuration has what is in it, and why it is refused. */
export function main(): void {
  const hal = createXsHal();
  const key = hal.config['key'] ?? '';
  const heads: string[] = JSON.parse(hal.config['heads'] ?? '');
  for (const head of heads) {
    const { name, version, model, bytes, sha256 } = parseImageHead(head) ?? {};
    hal.log('info', [name, version, model, bytes, sha256, signatureFault(head, [key], hal)].join(' '));
  }
  hal.log('info', signedFirmware(key).name);
  try {
    signedFirmware(key.slice(1));
  } catch (error) {
    hal.log('info', error instanceof RangeError ? error.message : 'not a RangeError');
  }
}
