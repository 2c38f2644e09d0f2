// SPDX-License-Identifier: Apache-2.0

import { offered } from '../../../offered.ts';
import { type Names, QUEUE_MAX_BYTES, type Queue } from '../record.ts';
import type { RecordsBase } from '../records-base.ts';
import { RamQueue } from './ram-queue.ts';

/** Creates a queue on these sectors of the flash, or in RAM if there is no flash or no part `flashQueue`. */
export function createQueue(agent: RecordsBase, names: Names, firstSector: number, sectors: number): Queue {
  const flashQueue = offered(agent.parts, 'flashQueue');
  return flashQueue?.(agent, names, firstSector, sectors) ?? new RamQueue(agent.config.queueSize, QUEUE_MAX_BYTES);
}
