// SPDX-License-Identifier: Apache-2.0
/** What the times of records have to be, as far as a device can know them. */

import type { DataRecord } from '../platform/model.ts';
import type { Moment } from './plant.ts';

/** The agent leaves a clock alone that is 3 s off, `Date` has whole seconds, and its way takes the rest. */
export const CLOCK_TOLERANCE_MS = 5000;

export interface TimeRules {
  /** A clock that is known may be so far off. */
  readonly toleranceMs: number;
  /** By so much the platform has been wrong so far; 0: it was right. */
  readonly skewsMs: readonly number[];
  /** When the device has started, epoch ms. */
  readonly starts: readonly number[];
}

/** @throws Error when the record has not the time at which it was taken */
export function checkTime(what: string, record: DataRecord, moment: Moment, rules: TimeRules): void {
  const { timeMs, fragments } = record;
  const isEstimated = fragments['fractus_TimeEstimated'] === true;
  const is = `I14: ${what}, taken at ${iso(moment.epochMs)}, is of ${iso(timeMs)}`;
  if (moment.clockMs !== undefined) {
    if (isEstimated) throw new Error(`${is} by estimation, and the clock was known`);
    if (timeMs !== moment.clockMs) throw new Error(`${is}, and by the clock it was ${iso(moment.clockMs)}`);
  }
  if (!isEstimated) {
    if (!isNear(timeMs, moment.epochMs, moment.epochMs, rules)) throw new Error(is);
    return;
  }
  const sentBy = rules.starts.filter((start) => start <= record.creationTimeMs).length;
  if (moment.start >= sentBy) throw new Error(`${is} by estimation, and sent by the start that took it`);
  if (!isNear(timeMs, moment.epochMs, rules.starts[sentBy - 1] ?? 0, rules)) throw new Error(`${is} by estimation`);
}

/** Whether the clock of a device says what it has been told. */
export function isNear(timeMs: number, fromMs: number, toMs: number, { skewsMs, toleranceMs }: TimeRules): boolean {
  return skewsMs.some((skewMs) => timeMs - skewMs >= fromMs - toleranceMs && timeMs - skewMs <= toMs + toleranceMs);
}

export function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
