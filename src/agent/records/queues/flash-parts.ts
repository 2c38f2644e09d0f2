// SPDX-License-Identifier: Apache-2.0

import type { Flash } from '../../../../hal/hal.ts';

/** Events get one in this number of sectors; measurements get the others. */
const EVENTS_PART = 4;

/** The number of sectors for events, which are the first ones. A capability may have the last of them. */
export function eventSectors(flash: Pick<Flash, 'sectors'> | undefined): number {
  return Math.max(2, Math.floor((flash?.sectors ?? 0) / EVENTS_PART));
}
