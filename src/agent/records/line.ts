// SPDX-License-Identifier: Apache-2.0

import type { Line } from './record.ts';
import { Records } from './records.ts';
import type { RecordsBase } from './records-base.ts';
import { type Names, Spool } from './spool.ts';
import { WriteBehind } from './write-behind.ts';

const QUEUE_MAX_BYTES = 16_384;

/** Where records wait: on these sectors of the flash, or in RAM where there is none. */
export function createLine(agent: RecordsBase, names: Names, firstSector: number, sectors: number): Line {
  const { config, hal, timers } = agent;
  const { flash, clock, board } = hal;
  const maxRecords = config.queueSize;
  if (flash === undefined) return new Records(maxRecords, QUEUE_MAX_BYTES);
  const spool = new Spool({ flash, firstSector, sectors, names, bootCount: board.bootCount });
  const windowMs = config.writeBehindMs;
  return new WriteBehind({ spool, timers, clock, windowMs, maxRecords, maxBytes: QUEUE_MAX_BYTES });
}
