// SPDX-License-Identifier: Apache-2.0

import type { RecordsBase } from '../records-base.ts';
import { BufferedQueue } from './buffered-queue.ts';
import { FlashQueue, type Names } from './flash-queue.ts';
import { RamQueue } from './ram-queue.ts';
import type { Queue } from './record.ts';

const QUEUE_MAX_BYTES = 16_384;

/** Where records wait: on these sectors of the flash, or in RAM where there is none. */
export function createQueue(agent: RecordsBase, names: Names, firstSector: number, sectors: number): Queue {
  const { config, hal, timers } = agent;
  const { flash, clock, board } = hal;
  const maxRecords = config.queueSize;
  if (flash === undefined) return new RamQueue(maxRecords, QUEUE_MAX_BYTES);
  const flashQueue = new FlashQueue({ flash, firstSector, sectors, names, bootCount: board.bootCount });
  const windowMs = config.writeBehindMs;
  return new BufferedQueue({ flashQueue, timers, clock, windowMs, maxRecords, maxBytes: QUEUE_MAX_BYTES });
}
