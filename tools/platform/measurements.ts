/** Measurements (guide step 9). */

import { signOfLife } from './availability.ts';
import type { Call } from './call.ts';
import { copyJson } from './core.ts';
import { checkNames, requireFields, sourceOf, timeOf } from './documents.ts';
import { type Answer, isObject, notFound, PlatformError } from './http.ts';
import type { DataRecord, Json, JsonObject } from './model.ts';
import { pageOf } from './paging.ts';
import { renderRecord, selectRecords } from './records.ts';
import { operators, type Route } from './router.ts';

const single = 'measurement';
const collection = 'measurementcollection';
const path = '/measurement/measurements';

export const measurementRoutes: readonly Route[] = [
  { method: 'POST', path, consumes: [single, collection], handle: create },
  { method: 'GET', path, handle: list },
  { method: 'DELETE', path, users: operators, handle: removeAll },
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

/** Everything in a collection is checked before anything is stored. */
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
  if (!Array.isArray(measurements))
    throw new PlatformError(422, 'undefined/validationError', 'measurements is no array');
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
  for (const [name, fragment] of Object.entries(fragments)) if (name !== 'type') checkSeries(call, name, fragment);
  return { sourceId: source.id, timeMs, fragments };
}

function checkSeries(call: Call, name: string, fragment: Json): void {
  if (!isObject(fragment)) return;
  checkNames(call, fragment, `series of ${name}`);
  for (const [series, value] of Object.entries(fragment)) {
    if (!isObject(value) || typeof value['value'] === 'number') continue;
    const message = `${name}.${series} has no numeric value`;
    throw new PlatformError(422, 'measurement/validationError', message);
  }
}

function store(call: Call, { sourceId, timeMs, fragments }: Checked): DataRecord {
  const { core } = call;
  const source = core.objects.get(sourceId);
  if (source !== undefined) signOfLife(call, source);
  const record = { id: core.nextId(), sourceId, creationTimeMs: core.now(), timeMs, fragments: copyJson(fragments) };
  return core.keepRecord(core.measurements, record);
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
    const value = fragment === null ? undefined : fragments[fragment];
    if (fragment !== null && value === undefined) return false;
    return series === null || fragment === null || (isObject(value) && value[series] !== undefined);
  });
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
