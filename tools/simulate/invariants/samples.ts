// SPDX-License-Identifier: Apache-2.0
/** The samples of one source on the platform. */

import type { DataRecord } from '../../platform/model.ts';
import type { Moment } from '../machine/plant.ts';
import { checkTime, type TimeRules } from './times.ts';

export interface Arrived {
  /** Numbers of the samples that have arrived. */
  readonly seen: ReadonlySet<number>;
  /** Repeated batches: the time of their previous arrival, with the number of samples in each. */
  readonly again: ReadonlyMap<number, number>;
}

/** I4 and I14: each sample was taken, has the right time, and arrived in order. */
export function checkSamples(
  records: readonly DataRecord[],
  taken: readonly Moment[],
  rules: TimeRules,
  source = 'the board',
): Arrived {
  /** Time of the last arrival of each sample. */
  const came = new Map<number, number>();
  const again = new Map<number, number>();
  /** Error of the estimated times by start: estimates keep the distances between the samples of a start. */
  const offsets = new Map<number, number>();
  let last = 0;
  for (const record of records) {
    const { value } = (record.fragments['level'] as { L: { value: number } }).L;
    const moment = taken[value - 1];
    if (moment === undefined) throw new Error(`I3: sample ${value} of ${source} was never taken`);
    checkTime(`sample ${value} of ${source}`, record, moment, rules);
    if (record.fragments['fractus_TimeEstimated'] === true) {
      const offset = record.timeMs - moment.epochMs;
      const first = offsets.get(moment.start) ?? offset;
      offsets.set(moment.start, first);
      if (Math.abs(offset - first) > rules.toleranceMs) {
        throw new Error(`I14: sample ${value} of ${source} is ${offset} ms off, and another of its start ${first} ms`);
      }
    }
    const beforeMs = came.get(value);
    came.set(value, record.creationTimeMs);
    if (beforeMs !== undefined) {
      again.set(beforeMs, (again.get(beforeMs) ?? 0) + 1);
      continue;
    }
    if (value < last) throw new Error(`I4: sample ${value} of ${source} came behind ${last}`);
    last = value;
  }
  return { seen: new Set(came.keys()), again };
}
