// SPDX-License-Identifier: Apache-2.0
/** The time from which on limits apply. */

import type { Operation } from '../../platform/model.ts';

/** Time of an operation since its turn: operations go in order of creation, and weeks can leave thousands of them. */
export function turnMs(operations: readonly Operation[], operation: Operation): number {
  const older = operations.filter(({ creationTimeMs }) => creationTimeMs < operation.creationTimeMs);
  const endMs = endOf(operation);
  return endMs - Math.max(operation.creationTimeMs, ...older.map(endOf).filter((olderMs) => olderMs <= endMs));
}

/** Whether a board or child has just started again: its pauses grow for an hour, so daily limits do not apply. */
export function isAnew(hour: number): boolean {
  return [4, 5, 6, 7].includes(hour % 12);
}

function endOf({ history }: Operation): number {
  return history.at(-1)?.timeMs ?? 0;
}
