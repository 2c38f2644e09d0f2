// SPDX-License-Identifier: Apache-2.0

import flash from 'embedded:storage/flash';
import type { PartitionIo, RawFlash } from '../platform.ts';
import { PARTITION } from '../storage/flash.ts';

/** The least that two rings need. */
const LEAST_SECTORS = 4;

/** Raw flash of the board; undefined when the partition table has no partition for the agent. */
export function openFlash(): RawFlash | undefined {
  try {
    const partition = flash.open({ path: PARTITION, mode: 'r+' });
    const { size, blockLength } = partition.status();
    const sectors = Math.floor(size / blockLength);
    if (sectors < LEAST_SECTORS) return undefined;
    return {
      sectorBytes: blockLength,
      sectors,
      read: (into, at) => void partition.read(into, at),
      write: (bytes, at) => partition.write(bytes, at),
      erase: (sector) => partition.eraseBlock(sector),
    };
  } catch {
    return undefined;
  }
}

/** The SDK's partition for modules; undefined when the partition table has none. */
export function openModules(): PartitionIo | undefined {
  try {
    return flash.open({ path: 'xs' });
  } catch {
    return undefined;
  }
}
