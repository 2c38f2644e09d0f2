// SPDX-License-Identifier: Apache-2.0
/** Rules for the times of records, within the knowledge of a device. */

import type { DataRecord } from '../../platform/model.ts';
import type { Moment } from '../machine/plant.ts';

/** The agent does not correct 3 s, `Date` has whole seconds, and the transfer takes the rest. */
export const CLOCK_TOLERANCE_MS = 5000;

export interface TimeRules {
  /** Largest error of a known clock. */
  readonly toleranceMs: number;
  /** Errors of the platform's time so far; 0: it was right. */
  readonly skewsMs: readonly number[];
  /** Times of the device's starts, epoch ms. */
  readonly starts: readonly number[];
}

/** @throws Error when the record has another time than that at which it was taken */
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

/** Whether the clock of a device agrees with one of the times that it was told. */
export function isNear(timeMs: number, fromMs: number, toMs: number, { skewsMs, toleranceMs }: TimeRules): boolean {
  return skewsMs.some((skewMs) => timeMs - skewMs >= fromMs - toleranceMs && timeMs - skewMs <= toMs + toleranceMs);
}

export function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
