// SPDX-License-Identifier: Apache-2.0
/** Alarms (guide step 11). */

import type { Call } from '../calls/call.ts';
import { checkNames, requireFields, requireOwner, sourceOf, timeOf } from '../calls/documents.ts';
import { pageOf } from '../calls/paging.ts';
import { operators, type Route } from '../calls/router.ts';
import { raiseAlarm } from '../core/alarm-store.ts';
import { type Answer, invalid, notFound } from '../http/http.ts';
import { responseMinutes, signOfLife } from '../inventory/availability.ts';
import { merge } from '../inventory/inventory.ts';
import type { AlarmRecord, Json, JsonObject, ManagedObject } from '../model.ts';
import { formatTime } from '../time.ts';
import { newestFirst, renderRecord, selectRecords } from './records.ts';

const media = 'alarm';
const path = '/alarm/alarms';
const one = `${path}/{id}`;

export const alarmRoutes: readonly Route[] = [
  { method: 'POST', path, consumes: [media], handle: create },
  { method: 'GET', path, handle: list },
  { method: 'PUT', path, consumes: [media], handle: updateAll },
  { method: 'DELETE', path, users: operators, handle: removeAll },
  { method: 'GET', path: `${path}/count`, handle: count },
  { method: 'GET', path: one, handle: (call) => ({ status: 200, media, body: render(call, find(call)) }) },
  { method: 'PUT', path: one, consumes: [media], handle: update },
];

const severities = ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'];
const statuses = ['ACTIVE', 'ACKNOWLEDGED', 'CLEARED'];

function create(call: Call): Answer {
  const document = call.document();
  requireFields(call, document, ['source', 'type', 'text', 'severity', 'time']);
  const timeMs = timeOf(call, document);
  const source = sourceOf(call, document, media);
  const { source: _source, time: _time, id: _id, self: _self, ...rest } = document;
  checkNames(call, rest, 'fragment');
  const fragments: JsonObject = { ...rest, severity: oneOf('severity', rest['severity'], severities) };
  if (rest['status'] !== undefined) fragments['status'] = checkStatus(call, rest['status']);
  signOfLife(call, source);
  if ((responseMinutes(source) ?? 1) <= 0) return unstored(call, source, fragments);
  const known = call.core.alarms.active(source.id, String(fragments['type']));
  if (known !== undefined && !call.wasLost(known.request)) {
    call.breach('duplicate-alarm', `alarm ${known.id} of type ${fragments['type']} is active`);
  }
  const alarm = raiseAlarm(call.core, source.id, call.number, fragments, timeMs);
  const body = render(call, alarm);
  return { status: 201, media, body, headers: { Location: String(body['self']) } };
}

/** The answer to an alarm of a device in maintenance, which is not stored. */
function unstored(call: Call, source: ManagedObject, fragments: JsonObject): Answer {
  const self = `${call.base}${path}/null`;
  return { status: 201, media, body: { ...fragments, source: { id: source.id }, self }, headers: { Location: self } };
}

function list(call: Call): Answer {
  const items = newestFirst(call, select(call));
  return pageOf(call, { items, name: 'alarms', media: 'alarmcollection', render: (alarm) => render(call, alarm) });
}

function count(call: Call): Answer {
  return { status: 200, media: 'application/json', body: select(call).length };
}

function select(call: Call): AlarmRecord[] {
  const { query } = call;
  const wantedStatuses = query.get('status')?.split(',');
  const wantedSeverities = query.get('severity')?.toUpperCase().split(',');
  const resolved = query.get('resolved');
  return selectRecords(call, call.core.alarms).filter(({ fragments }) => {
    const status = String(fragments['status']);
    if (wantedStatuses !== undefined && !wantedStatuses.includes(status)) return false;
    if (wantedSeverities !== undefined && !wantedSeverities.includes(String(fragments['severity']))) return false;
    return resolved === null || (resolved === 'true') === (status === 'CLEARED');
  });
}

function update(call: Call): Answer {
  const alarm = find(call);
  requireOwner(call, alarm.sourceId);
  change(call, alarm, call.document());
  return { status: 200, media, body: render(call, alarm) };
}

function updateAll(call: Call): Answer {
  const { status } = call.document();
  const wanted = checkStatus(call, status);
  for (const alarm of select(call)) {
    requireOwner(call, alarm.sourceId);
    change(call, alarm, { status: wanted });
  }
  return { status: 200 };
}

/** Changes status, text, severity and custom fragments. Other fields that clients of people repeat are ignored. */
function change(call: Call, alarm: AlarmRecord, document: JsonObject): void {
  const { id: _id, self: _self, creationTime: _creationTime, lastUpdated: _lastUpdated, ...changes } = document;
  const fixed = ['source', 'type', 'time', 'count', 'firstOccurrenceTime'].filter(
    (name) => changes[name] !== undefined,
  );
  if (fixed.length > 0 && call.isDevice) throw invalid(`Alarm fields cannot be changed: ${fixed.join(',')}`);
  for (const name of fixed) delete changes[name];
  if (changes['severity'] !== undefined) changes['severity'] = oneOf('severity', changes['severity'], severities);
  if (changes['status'] !== undefined) changes['status'] = checkStatus(call, changes['status']);
  checkNames(call, changes, 'fragment');
  merge(alarm.fragments, changes);
  call.core.alarms.settle(alarm);
  alarm.lastUpdatedMs = call.core.now();
  call.core.alarms.touch(alarm.id);
}

function checkStatus(call: Call, value: Json | undefined): string {
  const status = oneOf('status', value, statuses);
  if (status === 'ACKNOWLEDGED') call.breach('alarm-acknowledged', 'status ACKNOWLEDGED');
  return status;
}

function oneOf(name: string, value: Json | undefined, allowed: readonly string[]): string {
  const text = typeof value === 'string' ? value.toUpperCase() : '';
  if (!allowed.includes(text)) throw invalid(`${name} is none of ${allowed.join(', ')}`);
  return text;
}

function removeAll(call: Call): Answer {
  for (const alarm of select(call)) call.core.alarms.delete(alarm.id);
  return { status: 204 };
}

function find(call: Call): AlarmRecord {
  const alarm = call.core.alarms.get(call.param(0));
  if (alarm !== undefined) return alarm;
  throw notFound(media, `Finding alarm from database failed : No alarm for gid '${call.param(0)}'!`);
}

function render(call: Call, alarm: AlarmRecord): JsonObject {
  return {
    ...renderRecord(call, alarm, `${path}/${alarm.id}`),
    count: alarm.count,
    firstOccurrenceTime: formatTime(alarm.firstOccurrenceTimeMs),
    lastUpdated: formatTime(alarm.lastUpdatedMs),
  };
}
