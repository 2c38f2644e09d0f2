// SPDX-License-Identifier: Apache-2.0
/** From when on something may be held to its limits. */

import type { Operation } from '../../platform/model.ts';

/** How long it took since it was its turn: operations go in order of creation, and weeks leave thousands of them. */
export function turnMs(operations: readonly Operation[], operation: Operation): number {
  const older = operations.filter(({ creationTimeMs }) => creationTimeMs < operation.creationTimeMs);
  const endMs = endOf(operation);
  return endMs - Math.max(operation.creationTimeMs, ...older.map(endOf).filter((olderMs) => olderMs <= endMs));
}

/** What starts anew, a board or a child that comes back, has not been broken for a day: its pauses grow for an hour. */
export function isAnew(hour: number): boolean {
  return [4, 5, 6, 7].includes(hour % 12);
}

function endOf({ history }: Operation): number {
  return history.at(-1)?.timeMs ?? 0;
}
