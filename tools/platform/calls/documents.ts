// SPDX-License-Identifier: Apache-2.0
/** Checks that all documents of the platform share: names of fragments, times, sources. */

import { invalid, isObject, missingFields, notFound, PlatformError } from '../http/http.ts';
import type { JsonObject, ManagedObject } from '../model.ts';
import { parseTime } from '../time.ts';
import type { Call } from './call.ts';

/** OpenAPI: characters that must not be in the names of fragments and series. */
const forbiddenCharacter = /[\s.,*[\]()@$/]/;

/** Reports names that the platform's queries cannot reach. */
export function checkNames(call: Call, object: JsonObject, what: string): void {
  for (const name of Object.keys(object)) {
    if (name === '' || forbiddenCharacter.test(name)) call.breach('name-characters', `${what} ${JSON.stringify(name)}`);
  }
}

/** Throws a 422 that names the missing fields. All fields except `source` and `time` must be texts. */
export function requireFields(call: Call, document: JsonObject, names: readonly string[]): void {
  const missing = names.filter((name) => document[name] === undefined || document[name] === null);
  if (missing.length > 0) {
    call.breach('mandatory-field', `missing: ${missing.join(', ')}`);
    throw missingFields(missing);
  }
  requireTexts(
    call,
    document,
    names.filter((name) => name !== 'source' && name !== 'time'),
  );
}

/** Throws a 422 that names the fields that are not texts. */
export function requireTexts(call: Call, document: JsonObject, names: readonly string[]): void {
  const others = names.filter((name) => document[name] !== undefined && typeof document[name] !== 'string');
  if (others.length === 0) return;
  call.breach('mandatory-field', `no text: ${others.join(', ')}`);
  throw invalid(`Fields are no texts: ${others.join(',')}`);
}

/** Epoch ms of the document's time. Throws the platform's 422. */
export function timeOf(call: Call, document: JsonObject): number {
  const ms = parseTime(document['time']);
  if (ms === undefined) {
    call.breach('timestamp', `time ${JSON.stringify(document['time'])} is not ISO 8601 with a zone`);
    throw new PlatformError(422, 'undefined/validationError', 'time is not a valid date with a time zone');
  }
  if (ms < firstPlausibleMs) call.breach('timestamp', `time ${JSON.stringify(document['time'])} is before 2020`);
  return ms;
}

/**
 * The source object of a document, if the caller may write for it. Throws 422 when it does not exist, and 403 when it
 * belongs to another user. Ids may be numbers.
 */
export function sourceOf(call: Call, document: JsonObject, resource: string): ManagedObject {
  const { source } = document;
  const id = isObject(source) ? source['id'] : undefined;
  if (typeof id !== 'string' && typeof id !== 'number') {
    call.breach('mandatory-field', 'source without id');
    throw missingFields(['source.id']);
  }
  const object = call.core.objects.get(String(id));
  if (object === undefined) {
    throw new PlatformError(422, `${resource}/Unprocessable Entity`, 'Source object does not exist in inventory.');
  }
  requireOwner(call, object.id);
  return object;
}

/** Throws 403 when the object belongs to another user. */
export function requireOwner(call: Call, objectId: string): void {
  if (!call.core.owns(call.user, objectId)) throw new PlatformError(403, 'security/Forbidden', 'Access is denied');
}

/** The managed object of an id in a path. Throws the platform's 404. */
export function objectOf(call: Call, id: string): ManagedObject {
  const object = call.core.objects.get(id);
  if (object !== undefined) return object;
  throw notFound('inventory', `Finding device data from database failed : No managedObject for id '${id}'!`);
}

const firstPlausibleMs = Date.UTC(2020, 0, 1);
