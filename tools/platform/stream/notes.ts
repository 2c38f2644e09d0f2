// SPDX-License-Identifier: Apache-2.0
/** The tenant's data as messages. */

import type { Core } from '../core/core.ts';
import type { LoggedRequest } from '../core/request-log.ts';
import { isObject } from '../http/http.ts';
import { availabilityFragments } from '../inventory/availability.ts';
import type { Content, ExchangeNote, MeasurementNote, ObjectNote, OperationNote, RecordNote } from '../messages.ts';
import type { AlarmRecord, DataRecord, ManagedObject, Operation } from '../model.ts';
import type { Step } from './steps.ts';

/** Kinds of stored data. */
export type Kind = 'registration' | 'object' | 'operation' | 'measurement' | 'event' | 'alarm';

/** The message about the present state of an id; undefined: not worth a message. */
export function contentOf(core: Core, kind: Kind, id: string): Content | undefined {
  switch (kind) {
    case 'registration':
      return { kind, id, status: core.registrations.get(id)?.status };
    case 'object':
      return { kind, id, object: optional(core.objects.get(id), (object) => noteObject(core, object)) };
    case 'operation':
      return { kind, id, operation: optional(core.operations.get(id), noteOperation) };
    case 'event':
      return { kind, id, event: optional(core.events.get(id), noteRecord) };
    case 'alarm':
      return { kind, id, alarm: optional(core.alarms.get(id), noteAlarm) };
    case 'measurement': {
      const record = core.measurements.get(id);
      return record && { kind, measurement: noteMeasurement(record) };
    }
  }
}

function optional<T, R>(value: T | undefined, note: (value: T) => R): R | undefined {
  return value === undefined ? undefined : note(value);
}

function noteObject(core: Core, object: ManagedObject): ObjectNote {
  const { id, owner, creationTimeMs, lastMessageMs, fragments, children } = object;
  return {
    id,
    owner,
    isDevice: fragments['c8y_IsDevice'] !== undefined,
    createdMs: creationTimeMs,
    ...(lastMessageMs !== undefined && { lastMessageMs }),
    children: [...children.childDevices],
    fragments: { ...fragments, ...availabilityFragments(core, object) },
  };
}

function noteOperation({ id, deviceId, status, fragments, failureReason, history }: Operation): OperationNote {
  return {
    id,
    deviceId,
    status,
    fragments: { ...fragments },
    ...(failureReason !== undefined && { failureReason }),
    history: history.slice(),
  };
}

function noteMeasurement({ id, sourceId, timeMs, creationTimeMs, fragments }: DataRecord): MeasurementNote {
  const series: MeasurementNote['series'][number][] = [];
  for (const [fragment, content] of Object.entries(fragments)) {
    if (!isObject(content)) continue;
    for (const [name, entry] of Object.entries(content)) {
      if (!isObject(entry) || typeof entry['value'] !== 'number') continue;
      series.push({ name: `${fragment}.${name}`, value: entry['value'], unit: String(entry['unit'] ?? '') });
    }
  }
  return { id, sourceId, sampledMs: timeMs, arrivedMs: creationTimeMs, series };
}

function noteRecord({ id, sourceId, timeMs, fragments }: DataRecord): RecordNote {
  return { id, sourceId, occurredMs: timeMs, firstMs: timeMs, count: 1, fragments: { ...fragments } };
}

function noteAlarm(alarm: AlarmRecord): RecordNote {
  return { ...noteRecord(alarm), firstMs: alarm.firstOccurrenceTimeMs, count: alarm.count };
}

export function noteExchange(entry: LoggedRequest, { step, label }: Step, retryAfterMs?: number): ExchangeNote {
  return {
    request: entry.number,
    method: entry.method,
    path: entry.path,
    user: entry.user,
    connection: entry.connection,
    step,
    label,
    askedMs: entry.timeMs,
    sentBytes: entry.sizeBytes,
    answerBytes: entry.answerBytes,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** All data for a new reader; of long lists only the newest entries. */
export function* listing(core: Core): Generator<Content> {
  yield { kind: 'reset', tenant: core.tenant, acceptsAll: core.acceptAll };
  for (const id of core.registrations.keys()) yield* one(core, 'registration', id);
  const share = Math.max(leastPerDevice, Math.floor(mostListed / Math.max(1, core.objects.size)));
  for (const id of core.objects.keys()) {
    yield* one(core, 'object', id);
    for (const each of newest(core.operations.of(id), Math.min(share, 100))) yield* one(core, 'operation', each.id);
    for (const each of newest(core.events.of(id), Math.min(share, 100))) yield* one(core, 'event', each.id);
    for (const each of newest(core.alarms.of(id), Math.min(share, 100))) yield* one(core, 'alarm', each.id);
    for (const each of newest(core.measurements.of(id), Math.min(share, 2000)))
      yield* one(core, 'measurement', each.id);
  }
  yield { kind: 'faults', faults: core.faults.list() };
  for (const breach of core.breaches) yield { kind: 'breach', breach };
}

function* one(core: Core, kind: Kind, id: string): Generator<Content> {
  const content = contentOf(core, kind, id);
  if (content !== undefined) yield content;
}

function newest<T>(records: Iterable<T>, count: number): T[] {
  return [...records].slice(-count);
}

const mostListed = 30_000;
const leastPerDevice = 10;
