// SPDX-License-Identifier: Apache-2.0
/** Measurements (guide step 9). */

import type { Call } from '../calls/call.ts';
import { checkNames, requireFields, sourceOf, timeOf } from '../calls/documents.ts';
import { pageOf } from '../calls/paging.ts';
import { operators, type Route } from '../calls/router.ts';
import { copyJson } from '../core/core.ts';
import { type Answer, invalid, isObject, member, notFound, PlatformError, textMember } from '../http/http.ts';
import { signOfLife } from '../inventory/availability.ts';
import type { DataRecord, Json, JsonObject } from '../model.ts';
import { formatTime } from '../time.ts';
import { renderRecord, selectRecords } from './records.ts';

const single = 'measurement';
const collection = 'measurementcollection';
const path = '/measurement/measurements';

export const measurementRoutes: readonly Route[] = [
  { method: 'POST', path, consumes: [single, collection], handle: create },
  { method: 'GET', path, handle: list },
  { method: 'DELETE', path, users: operators, handle: removeAll },
  { method: 'GET', path: `${path}/series`, handle: series },
  {
    method: 'GET',
    path: `${path}/{id}`,
    handle: (call) => ({ status: 200, media: single, body: render(call, find(call)) }),
  },
  {
    method: 'DELETE',
    path: `${path}/{id}`,
    users: operators,
    handle: (call) => {
      call.core.measurements.delete(find(call).id);
      return { status: 204 };
    },
  },
];

/** Creates one measurement or a collection. A whole collection is checked before any of it is stored. */
function create(call: Call): Answer {
  const document = call.document();
  const { measurements } = document;
  const isCollection = measurements !== undefined;
  if (call.bodyType.includes(collection) !== isCollection && call.bodyType !== 'application/json') {
    call.breach('media-type', `${call.bodyType} for a ${isCollection ? 'collection' : 'single measurement'}`);
  }
  if (!isCollection) {
    const record = store(call, check(call, document));
    const headers = { Location: `${call.base}${path}/${record.id}` };
    return { status: 201, media: single, headers, ...(call.wantsBody && { body: render(call, record) }) };
  }
  if (!Array.isArray(measurements)) throw invalid('measurements is no array');
  if (measurements.length > maxBatch) call.breach('batch-size', `${measurements.length} measurements`);
  const checked = measurements.map((item) => check(call, isObject(item) ? item : {}));
  const stored = checked.map((item) => store(call, item));
  if (!call.wantsBody) return { status: 201, media: collection };
  const body = { measurements: stored.map((record) => render(call, record)), self: `${call.base}${path}` };
  return { status: 201, media: collection, body };
}

interface Checked {
  readonly sourceId: string;
  readonly timeMs: number;
  readonly fragments: JsonObject;
}

function check(call: Call, document: JsonObject): Checked {
  requireFields(call, document, ['source', 'time', 'type']);
  const timeMs = timeOf(call, document);
  const source = sourceOf(call, document, 'measurement');
  const { source: _source, time: _time, id: _id, self: _self, ...fragments } = document;
  checkNames(call, fragments, 'fragment');
  let series = 0;
  for (const [name, fragment] of Object.entries(fragments)) series += checkSeries(call, name, fragment);
  // A measurement of an app is refused without a breach: it is not the agent's fault.
  if (series === 0) throw invalid('A measurement has at least one fragment with a series');
  return { sourceId: source.id, timeMs, fragments };
}

/** The number of series in a fragment. Throws the platform's 422 for a series without a value. */
function checkSeries(call: Call, name: string, fragment: Json): number {
  if (!isObject(fragment)) return 0;
  checkNames(call, fragment, `series of ${name}`);
  let count = 0;
  for (const [series, value] of Object.entries(fragment)) {
    if (!isObject(value)) continue;
    count += 1;
    if (typeof member(value, 'value') === 'number') continue;
    throw new PlatformError(422, 'measurement/validationError', `${name}.${series} has no numeric value`);
  }
  return count;
}

function store(call: Call, { sourceId, timeMs, fragments }: Checked): DataRecord {
  const { core } = call;
  const source = core.objects.get(sourceId);
  if (source !== undefined) signOfLife(call, source);
  const record = { id: core.nextId(), sourceId, creationTimeMs: core.now(), timeMs, fragments: copyJson(fragments) };
  return core.measurements.keep(record);
}

/** Oldest first; `revert=true` newest first. */
function list(call: Call): Answer {
  const items = select(call).sort((a, b) => a.timeMs - b.timeMs);
  if (call.query.get('revert') === 'true') items.reverse();
  return pageOf(call, { items, name: 'measurements', media: collection, render: (record) => render(call, record) });
}

function select(call: Call): DataRecord[] {
  const fragment = call.query.get('valueFragmentType');
  const series = call.query.get('valueFragmentSeries');
  return selectRecords(call, call.core.measurements).filter(({ fragments }) => {
    const value = fragment === null ? undefined : member(fragments, fragment);
    if (fragment !== null && value === undefined) return false;
    return series === null || fragment === null || (isObject(value) && Object.hasOwn(value, series));
  });
}

/** Values for charts: for each time, one entry per requested series (`FRAGMENT.SERIES`), or null. */
function series(call: Call): Answer {
  const wanted = call.query.getAll('series').map((name) => name.split('.', 2));
  const values: Record<string, Json[]> = {};
  const shown = wanted.map(([type = '', name = '']) => ({ type, name, unit: '' }));
  const records = selectRecords(call, call.core.measurements).sort((a, b) => a.timeMs - b.timeMs);
  for (const { timeMs, fragments } of records) {
    const row = wanted.map(([type = '', name = ''], index): Json => {
      const fragment = member(fragments, type);
      const entry = isObject(fragment) ? member(fragment, name) : undefined;
      const value = isObject(entry) ? entry['value'] : undefined;
      if (!isObject(entry) || value === undefined) return null;
      const each = shown[index];
      if (each !== undefined) each.unit = textMember(entry, 'unit') ?? each.unit;
      return { min: value, max: value };
    });
    if (row.some((entry) => entry !== null)) values[formatTime(timeMs)] = row;
  }
  return { status: 200, media: 'application/json', body: { values, series: shown, truncated: false } };
}

function removeAll(call: Call): Answer {
  for (const record of select(call)) call.core.measurements.delete(record.id);
  return { status: 204 };
}

function find(call: Call): DataRecord {
  const record = call.core.measurements.get(call.param(0));
  if (record !== undefined) return record;
  throw notFound(
    'measurement',
    `Finding measurement from database failed : No measurement for gid '${call.param(0)}'!`,
  );
}

function render(call: Call, record: DataRecord): JsonObject {
  return renderRecord(call, record, `${path}/${record.id}`);
}

const maxBatch = 1000;
