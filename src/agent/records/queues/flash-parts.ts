// SPDX-License-Identifier: Apache-2.0

import type { Flash } from '../../../../hal/hal.ts';

/** Events get this part of the flash, and what is left of it is for measurements. */
const EVENTS_PART = 4;

/** So many sectors, from the first on, are for events; a capability may have the last of them. */
export function eventSectors(flash: Pick<Flash, 'sectors'> | undefined): number {
  return Math.max(2, Math.floor((flash?.sectors ?? 0) / EVENTS_PART));
}
