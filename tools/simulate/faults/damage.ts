// SPDX-License-Identifier: Apache-2.0
/** Damages flash while the board is off. */

import type { FakeMachine } from '../../../hal/fake/machine.ts';
import type { PlannedFault } from './fault.ts';

/** Damages the flash of a machine that is off. @returns the number of bytes on it, each of which can be damaged */
export function damage({ flash, nor }: FakeMachine, fault?: PlannedFault): number {
  let at = (fault?.at ?? 0) - 1;
  let total = 0;
  for (const [name, value] of flash.values) {
    total += value.length;
    if (at >= 0 && at < value.length && fault !== undefined) flash.values.set(name, damaged(value, at, fault));
    at -= value.length;
  }
  if (at >= 0 && nor !== undefined && fault !== undefined) nor.flip(at % nor.bytes.length, fault.at % 8);
  return total + lengthOf(nor?.bytes);
}

function damaged(value: Uint8Array, at: number, fault: PlannedFault): Uint8Array {
  if (fault.what === 'torn') return value.slice(0, at);
  return value.map((byte, i) => (i === at ? byte ^ (1 << (fault.at % 8)) : byte));
}

/** The length up to the last byte that is not erased. */
function lengthOf(bytes: Uint8Array | undefined): number {
  let length = bytes?.length ?? 0;
  while (length > 0 && bytes?.[length - 1] === 0xff) length -= 1;
  return length;
}
