// SPDX-License-Identifier: Apache-2.0
/** Availability of devices: signs of life, the two status fragments and the platform's own alarm. */

import type { Call } from '../calls/call.ts';
import { clearAlarms, raiseAlarm } from '../core/alarm-store.ts';
import type { Core } from '../core/core.ts';
import { isObject } from '../http/http.ts';
import type { JsonObject, ManagedObject } from '../model.ts';
import { formatTime } from '../time.ts';

/** Availability of a monitored device. */
export type Availability = 'AVAILABLE' | 'UNAVAILABLE' | 'MAINTENANCE';

const alarmType = 'c8y_UnavailabilityAlarm';

/** `c8y_RequiredAvailability.responseInterval` in minutes; undefined when the device is not monitored. */
export function responseMinutes(object: ManagedObject): number | undefined {
  const required = object.fragments['c8y_RequiredAvailability'];
  const minutes = isObject(required) ? Number(required['responseInterval']) : Number.NaN;
  return Number.isFinite(minutes) ? minutes : undefined;
}

/** The present availability; undefined when the device is not monitored. */
export function availabilityOf(core: Core, object: ManagedObject): Availability | undefined {
  const minutes = responseMinutes(object);
  if (minutes === undefined) return undefined;
  if (minutes <= 0) return 'MAINTENANCE';
  const silentMs = core.now() - (object.lastMessageMs ?? object.creationTimeMs);
  return silentMs < minutes * 60_000 ? 'AVAILABLE' : 'UNAVAILABLE';
}

/** The fragments that the platform keeps in a device's object. */
export function availabilityFragments(core: Core, object: ManagedObject): JsonObject {
  const status = availabilityOf(core, object);
  const fragments: JsonObject = {};
  if (status !== undefined) {
    const lastMessage = formatTime(object.lastMessageMs ?? object.creationTimeMs);
    fragments['c8y_Availability'] = { lastMessage, status };
  }
  if (status !== undefined || object.hasListened) {
    const connection = status === 'MAINTENANCE' ? status : isListening(core, object.id) ? 'CONNECTED' : 'DISCONNECTED';
    fragments['c8y_Connection'] = { status: connection };
  }
  return fragments;
}

/**
 * Records a sign of life: a measurement, event, alarm or empty update of the device. With an application key, a request
 * is not from a device and does not count.
 */
export function signOfLife(call: Call, object: ManagedObject): void {
  if (call.request.headers['x-cumulocity-application-key'] !== undefined) return;
  object.lastMessageMs = call.core.now();
  call.core.objects.touch(object.id);
  if (call.core.unavailable.delete(object.id)) clearAlarms(call.core, object.id, alarmType);
  watch(call.core, object);
}

/** Checks the device when its next sign of life is due; raises the platform's alarm if there was none. */
export function watch(core: Core, object: ManagedObject): void {
  stopTimer(core, object.id);
  const minutes = responseMinutes(object);
  if (minutes === undefined || minutes <= 0) return;
  const dueMs = (object.lastMessageMs ?? object.creationTimeMs) + minutes * 60_000 - core.now();
  if (dueMs > 0) {
    core.watches.set(
      object.id,
      core.scheduler.set(() => watch(core, object), dueMs),
    );
  } else if (!core.unavailable.has(object.id)) {
    core.unavailable.add(object.id);
    core.objects.touch(object.id);
    const text = 'No data received from device within required interval.';
    raiseAlarm(core, object.id, 0, { type: alarmType, severity: 'MAJOR', text });
  }
}

/** Ends the watch over a deleted object. */
export function unwatch(core: Core, id: string): void {
  stopTimer(core, id);
  core.unavailable.delete(id);
}

function stopTimer(core: Core, id: string): void {
  const running = core.watches.get(id);
  if (running !== undefined) core.scheduler.clear(running);
  core.watches.delete(id);
}

function isListening(core: Core, id: string): boolean {
  for (const session of core.sessions.values()) {
    if (session.subscriptions.has(`/${id}`) && session.connects > 0) return true;
  }
  return false;
}
