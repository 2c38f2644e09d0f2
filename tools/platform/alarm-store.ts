/** Raising and clearing of alarms with the platform's de-duplication. */

import { type Core, copyJson } from './core.ts';
import type { AlarmRecord, JsonObject } from './model.ts';

/** The alarm that a new one of this source and type would only repeat. */
export function activeAlarm(core: Core, sourceId: string, type: string): AlarmRecord | undefined {
  for (const alarm of core.alarms.values()) {
    if (alarm.sourceId !== sourceId || alarm.fragments['type'] !== type) continue;
    if (alarm.fragments['status'] !== 'CLEARED') return alarm;
  }
  return undefined;
}

/** Raises an alarm, or counts the active one of the same source and type up (OpenAPI, alarm de-duplication). */
export function raiseAlarm(
  core: Core,
  sourceId: string,
  request: number,
  fragments: JsonObject,
  timeMs: number = core.now(),
): AlarmRecord {
  const known = activeAlarm(core, sourceId, String(fragments['type']));
  if (known !== undefined) {
    known.count += 1;
    known.timeMs = timeMs;
    known.lastUpdatedMs = core.now();
    known.request = request;
    return known;
  }
  return core.keepRecord(core.alarms, {
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

/** Clears what is active of a source and type. */
export function clearAlarms(core: Core, sourceId: string, type: string): void {
  const alarm = activeAlarm(core, sourceId, type);
  if (alarm === undefined) return;
  alarm.fragments['status'] = 'CLEARED';
  alarm.lastUpdatedMs = core.now();
}
