// SPDX-License-Identifier: Apache-2.0
/** Managed objects (guide steps 2, 4 and 8). */

import type { Call } from '../calls/call.ts';
import { checkNames, objectOf, requireOwner, requireTexts } from '../calls/documents.ts';
import { pageOf } from '../calls/paging.ts';
import type { Route } from '../calls/router.ts';
import type { Core } from '../core/core.ts';
import { copyJson } from '../core/core.ts';
import { type Answer, invalid, notFound, utf8 } from '../http/http.ts';
import type { JsonObject, ManagedObject } from '../model.ts';
import { availabilityOf, signOfLife, unwatch, watch } from './availability.ts';
import { selectObjects } from './inventory-query.ts';
import { checkChange, checkCreation } from './inventory-rules.ts';
import { renderObject } from './inventory-view.ts';

const media = 'managedobject';
const one = '/inventory/managedObjects/{id}';

export const inventoryRoutes: readonly Route[] = [
  { method: 'POST', path: '/inventory/managedObjects', consumes: [media], handle: create },
  { method: 'GET', path: '/inventory/managedObjects', handle: list },
  { method: 'GET', path: '/inventory/managedObjects/count', handle: count },
  {
    method: 'GET',
    path: one,
    handle: (call) => ({ status: 200, media, body: renderObject(call, objectOf(call, call.param(0))) }),
  },
  { method: 'PUT', path: one, consumes: [media], handle: update },
  { method: 'DELETE', path: one, handle: remove },
  { method: 'GET', path: `${one}/availability`, handle: availability },
];

/** Fields that the platform maintains itself. */
const maintained = [
  'id',
  'self',
  'owner',
  'creationTime',
  'lastUpdated',
  'childDevices',
  'childAssets',
  'childAdditions',
  'deviceParents',
  'assetParents',
  'additionParents',
  'c8y_Availability',
  'c8y_Connection',
];

/**
 * Stores a new object of this owner; `request` is the number of the creating device's request. Throws when there are
 * too many objects.
 */
export function addObject(core: Core, owner: string, fragments: JsonObject, request = 0): ManagedObject {
  if (core.objects.size >= maxObjects) throw invalid(`The emulator keeps ${maxObjects} managed objects`);
  const object: ManagedObject = {
    id: core.nextId(),
    request,
    owner,
    creationTimeMs: core.now(),
    lastUpdatedMs: core.now(),
    fragments: withoutMaintained(fragments),
    children: { childDevices: new Set(), childAssets: new Set(), childAdditions: new Set() },
    lastMessageMs: undefined,
    hasListened: false,
    binary: undefined,
  };
  core.objects.set(object.id, object);
  watch(core, object);
  return object;
}

/** Creates the object of a request's document; devices must follow the rules. */
export function createObject(call: Call, document: JsonObject): ManagedObject {
  checkNames(call, document, 'fragment');
  requireTexts(call, document, ['name', 'type']);
  checkCreation(call, document);
  const owner = call.user.kind === 'operator' ? (document['owner'] ?? call.user.name) : call.user.name;
  return addObject(call.core, String(owner), copyJson(document), call.isDevice ? call.number : 0);
}

function create(call: Call): Answer {
  const object = createObject(call, call.document());
  const body = renderObject(call, object);
  return { status: 201, media, body, headers: { Location: String(body['self']) } };
}

function list(call: Call): Answer {
  return pageOf(call, {
    items: selectObjects(call),
    name: 'managedObjects',
    media: 'managedobjectcollection',
    render: (object) => renderObject(call, object),
  });
}

function count(call: Call): Answer {
  return { status: 200, media: 'text/plain', body: utf8(String(selectObjects(call).length)) };
}

function update(call: Call): Answer {
  const { core } = call;
  const object = objectOf(call, call.param(0));
  requireOwner(call, object.id);
  const document = call.document();
  const isSignOfLife = Object.keys(document).every((name) => name === 'id');
  if (isSignOfLife || core.settings.updatesAreSignsOfLife) signOfLife(call, object);
  if (isSignOfLife) return { status: 200, media, body: { id: object.id } };
  checkNames(call, document, 'fragment');
  const { name, type } = document;
  requireTexts(call, { name: name ?? '', type: type ?? '' }, ['name', 'type']);
  checkChange(call, object, document, maintained);
  merge(object.fragments, withoutMaintained(document));
  const { owner } = document;
  if (call.user.kind === 'operator' && typeof owner === 'string') object.owner = owner;
  object.lastUpdatedMs = core.now();
  core.objects.touch(object.id);
  if (document['c8y_RequiredAvailability'] !== undefined) watch(core, object);
  return { status: 200, media, body: renderObject(call, object) };
}

const data = { enumerable: true, configurable: true, writable: true };

/** Top-level fragments are replaced as a whole; null deletes (OpenAPI, update). */
export function merge(fragments: JsonObject, changes: JsonObject): void {
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete fragments[name];
    // Unlike an assignment, this accepts any name, also `__proto__`.
    else Object.defineProperty(fragments, name, { ...data, value: copyJson(value) });
  }
}

function remove(call: Call): Answer {
  const object = objectOf(call, call.param(0));
  requireOwner(call, object.id);
  removeObject(call.core, object, {
    cascade: call.query.get('cascade') === 'true' || call.query.get('forceCascade') === 'true',
    withDeviceUser: call.query.get('withDeviceUser') === 'true',
  });
  return { status: 204 };
}

/** Removes an object with all its data, operations, external ids and references. */
export function removeObject(
  core: Core,
  object: ManagedObject,
  options: { readonly cascade?: boolean; readonly withDeviceUser?: boolean } = {},
): void {
  const { id } = object;
  core.objects.delete(id);
  unwatch(core, id);
  const forget = () => {
    for (const [key, externalId] of core.externalIds) if (externalId.objectId === id) core.externalIds.delete(key);
  };
  if (core.settings.deletionDelayMs > 0) core.scheduler.set(forget, core.settings.deletionDelayMs);
  else forget();
  for (const records of [core.measurements, core.events, core.alarms, core.operations]) {
    for (const record of [...records.of(id)]) records.delete(record.id);
  }
  for (const parent of core.objects.values()) {
    for (const children of Object.values(parent.children)) children.delete(id);
  }
  if (options.withDeviceUser === true) {
    const user = core.findUser(core.tenant, object.owner);
    if (user?.kind === 'device') user.enabled = false;
  }
  if (options.cascade !== true) return;
  for (const children of Object.values(object.children)) {
    for (const child of children) {
      const next = core.objects.get(child);
      if (next !== undefined) removeObject(core, next, options);
    }
  }
}

function availability(call: Call): Answer {
  const status = availabilityOf(call.core, objectOf(call, call.param(0)));
  if (status === undefined) throw notFound('inventory', `Object ${call.param(0)} is not monitored`);
  return { status: 200, media: 'text/plain', body: utf8(status) };
}

function withoutMaintained(document: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !maintained.includes(name)));
}

const maxObjects = 50_000;
