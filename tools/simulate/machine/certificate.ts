// SPDX-License-Identifier: Apache-2.0
/** The certificates on the flash of a simulated device. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Life } from './life.ts';

/**
 * Cache of parsed certificates by their bytes on flash, because they are checked after each event. A write creates a
 * new array.
 */
const known = new WeakMap<Uint8Array, { readonly certificate: X509Certificate | undefined }>();

/** The certificate in a slot; undefined: none, or none with its key. */
export function certificateIn({ device }: Pick<Life, 'device'>, slot: string): X509Certificate | undefined {
  const value = device.machine.flash.values.get(slot);
  if (value === undefined) return undefined;
  const entry = known.get(value) ?? { certificate: certificateOf(value) };
  known.set(value, entry);
  return entry.certificate;
}

function certificateOf(value: Uint8Array): X509Certificate | undefined {
  try {
    const text = Buffer.from(value);
    const certificate = new X509Certificate(text);
    return certificate.checkPrivateKey(createPrivateKey(text)) ? certificate : undefined;
  } catch {
    return undefined;
  }
}
