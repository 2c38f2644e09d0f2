// SPDX-License-Identifier: Apache-2.0
/** Finds lost or repeated actions: compares the notes of the board with the platform. */

import type { Operation } from '../platform/model.ts';
import { alarmsOf, findDevice, measurementsOf, objectsOf } from '../platform/operator.ts';
import type { Platform } from '../platform/platform.ts';
import { ALARM, CHILD, COUNTER, isAlarmed, SENSORS } from './app.ts';
import type { Note } from './notes.ts';

export const DEVICE = 'tortured';
export const USER = `device_${DEVICE}`;

export interface Case {
  readonly platform: Platform;
  readonly notes: readonly Note[];
  /** Times of the kills, by the machine's clock. */
  readonly kills: readonly number[];
  readonly operations: readonly Operation[];
}

export interface Findings {
  readonly samples: number;
  readonly operations: number;
  /** Number of operations that failed because of a kill. */
  readonly interrupted: number;
  /** Number of samples that were not stored yet at a kill. */
  readonly unfinished: number;
  readonly repeated: number;
}

/** A sample noted longer than this before a kill must be on flash. */
const STORING_MS = 300;

/** Number of executions of the operation, and of kills between its creation and its end. */
interface Circumstances {
  readonly operation: Operation;
  readonly executions: number;
  readonly kills: number;
}

/** The closed list of reasons for a failed operation, with their conditions. */
const REASONS: readonly { readonly text: RegExp; isTrue(circumstances: Circumstances): boolean }[] = [
  {
    text: /^the device restarted before the operation was begun$/,
    isTrue: ({ kills, executions }) => kills > 0 && executions === 0,
  },
  {
    text: /^the device restarted before the operation was finished$/,
    // The kill may come between the note that work begins and its beginning.
    isTrue: ({ kills }) => kills > 0,
  },
  {
    text: /^the device lost power before it could restart as asked$/,
    isTrue: ({ kills, operation }) => kills > 0 && operation.fragments['c8y_Restart'] !== undefined,
  },
];

/** @throws Error about a lost, repeated or wrong action */
export function judge(all: Case): Findings {
  const { platform, notes, operations } = all;
  const sensors = SENSORS.map((sensor) => judgeSamples(all, sensor));
  const interrupted = operations.filter((operation) => judgeOperation(all, operation)).length;
  judgeAlarms(all);
  judgeConfiguration(all);
  const ids = new Set(operations.map(({ id }) => Number(id)));
  const stranger = notes.find(({ what, number }) => what === COUNTER && !ids.has(number));
  if (stranger !== undefined) throw new Error(`operation ${stranger.number} was carried out, and nobody ordered it`);
  const devices = objectsOf(platform, USER).length;
  if (devices !== 2) throw new Error(`${devices} managed objects, and there are a board and a child`);
  const [breach] = platform.breaches;
  if (breach !== undefined) throw new Error(`breach of ${breach.rule}: ${breach.what} (${breach.request})`);
  const sum = (of: (each: (typeof sensors)[number]) => number) => sensors.reduce((total, each) => total + of(each), 0);
  return {
    samples: sum(({ samples }) => samples),
    unfinished: sum(({ unfinished }) => unfinished),
    repeated: sum(({ repeated }) => repeated),
    operations: operations.length,
    interrupted,
  };
}

/** The samples of a sensor, in order of arrival. */
export function levelsOf(platform: Platform, sensor: string): number[] {
  const id = findDevice(platform, sensor === CHILD ? `${DEVICE}:${CHILD}` : DEVICE)?.id ?? '';
  return measurementsOf(platform, id).map(({ fragments }) => (fragments['level'] as { L: { value: number } }).L.value);
}

function judgeSamples({ platform, notes, kills }: Case, sensor: string) {
  const levels = levelsOf(platform, sensor);
  const seen = new Set(levels);
  const last = Math.max(...levels);
  let samples = 0;
  let unfinished = 0;
  for (const { number, atMs } of notes.filter(({ what }) => what === sensor)) {
    // Later samples are in transit.
    if (number > last) continue;
    samples += 1;
    if (seen.has(number)) continue;
    const killMs = kills.find((each) => each >= atMs) ?? Number.POSITIVE_INFINITY;
    if (killMs - atMs > STORING_MS) throw new Error(`sample ${number} of the ${sensor} is lost`);
    unfinished += 1;
  }
  const firsts = [...seen];
  if (firsts.some((level, at) => at > 0 && level < (firsts[at - 1] ?? 0))) {
    throw new Error(`samples of the ${sensor} are out of order`);
  }
  if (seen.size > samples) throw new Error(`the ${sensor} has samples that were never taken`);
  return { samples, unfinished, repeated: levels.length - seen.size };
}

/** Checks an operation; returns whether a kill interrupted it. */
function judgeOperation({ notes, kills }: Case, operation: Operation): boolean {
  const { id, history, status, failureReason = '', fragments } = operation;
  const ends = history.filter((each) => each.status === 'SUCCESSFUL' || each.status === 'FAILED');
  if (ends.length !== 1) throw new Error(`operation ${id}: ${history.map((each) => each.status).join(', ')}`);
  const executions = notes.filter(({ what, number }) => what === COUNTER && number === Number(id)).length;
  if (executions > 1) throw new Error(`operation ${id} was carried out ${executions} times`);
  if (status === 'SUCCESSFUL') {
    if (fragments['x_Work'] !== undefined && executions === 0) throw new Error(`operation ${id} was never carried out`);
    return false;
  }
  // Not from EXECUTING on, which a busy platform may read only after the kill.
  const fromMs = operation.creationTimeMs;
  const toMs = history.at(-1)?.timeMs ?? 0;
  const meanwhile = kills.filter((each) => each >= fromMs && each <= toMs).length;
  const reason = REASONS.find(({ text }) => text.test(failureReason));
  if (reason?.isTrue({ operation, executions, kills: meanwhile }) !== true) {
    throw new Error(
      `operation ${id} has failed after ${meanwhile} kills and ${executions} executions: ${failureReason}`,
    );
  }
  return true;
}

/** There is one alarm for each time that it was wanted; it is only repeated when its answer was lost. */
function judgeAlarms({ platform, notes, kills }: Case): void {
  const alarms = alarmsOf(platform, findDevice(platform, DEVICE)?.id ?? '').filter(
    ({ fragments }) => fragments['type'] === ALARM,
  );
  const levels = notes.filter(({ what }) => what === 'board').map(({ number }) => isAlarmed(number));
  const wanted = levels.filter((isWanted, at) => isWanted && levels[at - 1] !== true).length;
  if (alarms.length > wanted) throw new Error(`${alarms.length} alarms, and ${wanted} were wanted`);
  const repeated = alarms.reduce((sum, { count }) => sum + count - 1, 0);
  if (repeated > kills.length) throw new Error(`alarms were raised ${repeated} times too often`);
}

/** The inventory shows the last configuration. */
function judgeConfiguration({ platform, operations }: Case): void {
  const last = operations
    .filter(({ fragments, status }) => fragments['c8y_Configuration'] !== undefined && status === 'SUCCESSFUL')
    .at(-1);
  if (last === undefined) return;
  const { config: ordered } = last.fragments['c8y_Configuration'] as { config: string };
  const { config: shown = '' } = (findDevice(platform, DEVICE)?.fragments['c8y_Configuration'] ?? {}) as {
    config?: string;
  };
  const missing = ordered.split('\n').filter((line) => !shown.split('\n').includes(line));
  if (missing.length > 0) throw new Error(`the inventory does not show what is configured: ${missing}`);
}
