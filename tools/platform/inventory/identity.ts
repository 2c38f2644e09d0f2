// SPDX-License-Identifier: Apache-2.0
/** External ids (guide steps 1 and 3). */

import type { Call } from '../calls/call.ts';
import type { Route } from '../calls/router.ts';
import { type ExternalId, externalKey } from '../core/core.ts';
import { type Answer, missingFields, notFound, PlatformError, textMember } from '../http/http.ts';
import type { JsonObject } from '../model.ts';

const media = 'externalid';

export const identityRoutes: readonly Route[] = [
  { method: 'GET', path: '/identity/externalIds/{type}/{externalId}', handle: read },
  { method: 'DELETE', path: '/identity/externalIds/{type}/{externalId}', handle: remove },
  { method: 'GET', path: '/identity/globalIds/{id}/externalIds', handle: list },
  { method: 'POST', path: '/identity/globalIds/{id}/externalIds', consumes: [media], handle: create },
];

function read(call: Call): Answer {
  const key = externalKey(call.param(0), call.param(1));
  const found = call.core.externalIds.get(key);
  const { unknownIds } = call.core;
  const unknown = unknownIds.get(call.user.name) ?? new Map<string, number>();
  if (found !== undefined) {
    unknown.delete(key);
    return { status: 200, media, body: render(call, found) };
  }
  if (!unknown.has(key)) unknown.set(key, call.number);
  for (const oldest of unknown.keys()) if (unknown.size > maxUnknown) unknown.delete(oldest);
  unknownIds.set(call.user.name, unknown);
  throw unknownId(call);
}

function remove(call: Call): Answer {
  const key = externalKey(call.param(0), call.param(1));
  if (!call.core.externalIds.delete(key)) throw unknownId(call);
  return { status: 204 };
}

function list(call: Call): Answer {
  const id = call.param(0);
  const externalIds = [...call.core.externalIds.values()]
    .filter((externalId) => externalId.objectId === id)
    .map((externalId) => render(call, externalId));
  const self = `${call.base}/identity/globalIds/${id}/externalIds`;
  return { status: 200, media: 'externalidcollection', body: { externalIds, self } };
}

function create(call: Call): Answer {
  const { core } = call;
  const objectId = call.param(0);
  const body = call.document();
  const type = textMember(body, 'type');
  const externalId = textMember(body, 'externalId');
  if (type === undefined || externalId === undefined || type === '' || externalId === '') {
    call.breach('mandatory-field', 'external id without type or externalId');
    throw missingFields(['type', 'externalId']);
  }
  if (!core.objects.has(objectId)) {
    throw notFound('inventory', `Finding device data from database failed : No managedObject for id '${objectId}'!`);
  }
  const key = externalKey(type, externalId);
  if (core.externalIds.has(key)) {
    const message = `ID [type=${type}, value=${externalId}] was already bound to different Global ID.`;
    throw new PlatformError(409, 'identity/Duplicate', message);
  }
  checkLookup(call, objectId, key);
  const created: ExternalId = { type, externalId, objectId };
  core.externalIds.set(key, created);
  core.unknownIds.get(call.user.name)?.delete(key);
  return { status: 201, media, body: render(call, created), headers: { Location: self(call, created) } };
}

/**
 * The first external id of an object that a device created: the device must have asked for it before and got 404 (guide
 * step 1).
 */
function checkLookup(call: Call, objectId: string, key: string): void {
  const { core, user } = call;
  const { request = 0 } = core.objects.get(objectId) ?? {};
  if (request === 0 || [...core.externalIds.values()].some((each) => each.objectId === objectId)) return;
  const asked = core.unknownIds.get(user.name)?.get(key);
  if (asked !== undefined && asked < request) return;
  call.breach('create-without-lookup', `object ${objectId} was created before this external id answered 404`);
}

function unknownId(call: Call): PlatformError {
  const id = `ID [type=${call.param(0)}, value=${call.param(1)}]`;
  return notFound('identity', `External id not found; external id = ${id}`);
}

function render(call: Call, item: ExternalId): JsonObject {
  const managedObject = { id: item.objectId, self: `${call.base}/inventory/managedObjects/${item.objectId}` };
  return { externalId: item.externalId, type: item.type, managedObject, self: self(call, item) };
}

function self(call: Call, item: ExternalId): string {
  return `${call.base}/identity/externalIds/${encodeURIComponent(item.type)}/${encodeURIComponent(item.externalId)}`;
}

const maxUnknown = 1000;
