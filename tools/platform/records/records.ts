// SPDX-License-Identifier: Apache-2.0
/** The common part of measurements, events and alarms: filters and form. */

import type { Call } from '../calls/call.ts';
import { timeParameter } from '../calls/query-time.ts';
import { copyJson } from '../core/core.ts';
import type { RecordStore } from '../core/record-store.ts';
import { objectUrl } from '../inventory/inventory-view.ts';
import type { DataRecord, JsonObject } from '../model.ts';
import { formatTime } from '../time.ts';

/**
 * Records selected by `source`, `type`, `fragmentType` with `fragmentValue`, `dateFrom` and `dateTo`, in order of
 * arrival.
 */
export function selectRecords<T extends DataRecord>(call: Call, records: RecordStore<T>): T[] {
  const { query } = call;
  const source = query.get('source');
  const types = query.get('type')?.split(',');
  const fragmentType = query.get('fragmentType');
  const fragmentValue = query.get('fragmentValue');
  const from = timeParameter(call, 'dateFrom') ?? Number.NEGATIVE_INFINITY;
  const to = timeParameter(call, 'dateTo') ?? Number.POSITIVE_INFINITY;
  return [...(source === null ? records.values() : records.of(source))].filter(
    (record) =>
      (types === undefined || types.includes(String(record.fragments['type']))) &&
      (fragmentType === null || Object.hasOwn(record.fragments, fragmentType)) &&
      // Only for texts, and only together with the name of the fragment.
      (fragmentType === null || fragmentValue === null || record.fragments[fragmentType] === fragmentValue) &&
      record.timeMs >= from &&
      record.timeMs <= to,
  );
}

/** Newest first; `revert=true` oldest first (events and alarms). */
export function newestFirst<T extends DataRecord>(call: Call, records: T[]): T[] {
  const sorted = records.sort((a, b) => a.timeMs - b.timeMs || Number(a.id) - Number(b.id));
  return call.query.get('revert') === 'true' ? sorted : sorted.reverse();
}

/** The document with `id`, `self`, `source` and times. */
export function renderRecord(call: Call, record: DataRecord, path: string): JsonObject {
  const name = call.core.objects.get(record.sourceId)?.fragments['name'];
  const source: JsonObject = { id: record.sourceId, self: objectUrl(call, record.sourceId) };
  if (name !== undefined) source['name'] = name;
  return {
    ...copyJson(record.fragments),
    id: record.id,
    self: `${call.base}${path}`,
    source,
    time: formatTime(record.timeMs),
    creationTime: formatTime(record.creationTimeMs),
  };
}
