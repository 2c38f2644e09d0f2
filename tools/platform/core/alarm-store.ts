// SPDX-License-Identifier: Apache-2.0
/** Raising and clearing of alarms with the platform's de-duplication. */

import type { AlarmRecord, JsonObject } from '../model.ts';
import { type Core, copyJson } from './core.ts';

/**
 * Raises an alarm, or increments the count of the active one with the same source and type (OpenAPI, alarm
 * de-duplication).
 */
export function raiseAlarm(
  core: Core,
  sourceId: string,
  request: number,
  fragments: JsonObject,
  timeMs: number = core.now(),
): AlarmRecord {
  const known = core.alarms.active(sourceId, String(fragments['type']));
  if (known !== undefined) {
    known.count += 1;
    known.timeMs = timeMs;
    known.lastUpdatedMs = core.now();
    known.request = request;
    core.alarms.touch(known.id);
    return known;
  }
  return core.alarms.keep({
    id: core.nextId(),
    sourceId,
    creationTimeMs: core.now(),
    lastUpdatedMs: core.now(),
    timeMs,
    firstOccurrenceTimeMs: timeMs,
    count: 1,
    request,
    fragments: { status: 'ACTIVE', ...copyJson(fragments) },
  });
}

/** Clears the active alarm of a source and type. */
export function clearAlarms(core: Core, sourceId: string, type: string): void {
  const alarm = core.alarms.active(sourceId, type);
  if (alarm === undefined) return;
  alarm.fragments['status'] = 'CLEARED';
  alarm.lastUpdatedMs = core.now();
  core.alarms.settle(alarm);
  core.alarms.touch(alarm.id);
}
