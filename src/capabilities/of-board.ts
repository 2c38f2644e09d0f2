// SPDX-License-Identifier: Apache-2.0

import type { Operation } from '../capability.ts';

/**
 * Refuses a capability on a child that would act on the board instead.
 * @param instead the capability for a child; empty: there is none
 * @throws RangeError for a child
 */
export function onlyForBoard(name: string, device: Operation['device'] | undefined, instead: string): void {
  if (device === undefined || device.childId === '') return;
  throw new RangeError(`${name} is for the board itself${instead === '' ? '' : `; for a child use ${instead}`}`);
}
