// SPDX-License-Identifier: Apache-2.0

import type { FlashFault } from './flash.ts';

/**
 * Makes a change of flash, as far as a fault lets it get.
 * @param act makes this share of it, `whole` at most
 * @param onCut the power fails within it
 * @returns what the flash reports: false if it refuses, or has no power any more
 */
export function change(
  fault: FlashFault | undefined,
  whole: number,
  act: (share: number) => void,
  onCut: () => void,
): boolean {
  if (fault === 'refused') return false;
  if (fault === undefined || fault === 'after') act(whole);
  else act(fault === 'before' || fault === 'ignored' ? 0 : Math.floor(whole / 2));
  if (fault === undefined || fault === 'ignored') return true;
  onCut();
  return false;
}
