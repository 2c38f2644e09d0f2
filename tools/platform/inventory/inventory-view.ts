// SPDX-License-Identifier: Apache-2.0
/** Managed objects in the platform's form. */

import type { Call } from '../calls/call.ts';
import type { ChildKind, JsonObject, ManagedObject } from '../model.ts';
import { formatTime } from '../time.ts';
import { availabilityFragments } from './availability.ts';

const parentNames = {
  deviceParents: 'childDevices',
  assetParents: 'childAssets',
  additionParents: 'childAdditions',
} as const;

/** URL of an object. */
export function objectUrl(call: Call, id: string): string {
  return `${call.base}/inventory/managedObjects/${id}`;
}

/** The whole object; `withChildren=false` leaves the references empty. */
export function renderObject(call: Call, object: ManagedObject): JsonObject {
  const self = objectUrl(call, object.id);
  const withReferences = call.query.get('withChildren') !== 'false';
  const document: JsonObject = {
    ...object.fragments,
    ...availabilityFragments(call.core, object),
    id: object.id,
    self,
    owner: object.owner,
    creationTime: formatTime(object.creationTimeMs),
    lastUpdated: formatTime(object.lastUpdatedMs),
  };
  for (const [name, ids] of Object.entries(object.children)) {
    document[name] = {
      references: withReferences ? references(call, object.id, name as ChildKind, ids) : [],
      self: `${self}/${name}`,
    };
  }
  for (const [name, kind] of Object.entries(parentNames)) {
    const ids = withReferences ? call.core.parentsOf(object.id, kind) : [];
    const list = ids.map((id) => ({ managedObject: summary(call, id), self: objectUrl(call, id) }));
    document[name] = { references: list, self: `${self}/${name}` };
  }
  return document;
}

/** References to children. */
function references(call: Call, parent: string, kind: ChildKind, ids: Iterable<string>): JsonObject[] {
  return [...ids].map((id) => reference(call, parent, kind, id));
}

/** One reference to a child. */
export function reference(call: Call, parent: string, kind: ChildKind, id: string): JsonObject {
  return { managedObject: summary(call, id), self: `${objectUrl(call, parent)}/${kind}/${id}` };
}

/** One reference to a child, with the whole object. */
export function fullReference(call: Call, parent: string, kind: ChildKind, child: ManagedObject): JsonObject {
  return { managedObject: renderObject(call, child), self: `${objectUrl(call, parent)}/${kind}/${child.id}` };
}

function summary(call: Call, id: string): JsonObject {
  const name = call.core.objects.get(id)?.fragments['name'];
  return { id, self: objectUrl(call, id), ...(name === undefined ? {} : { name }) };
}
