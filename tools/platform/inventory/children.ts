// SPDX-License-Identifier: Apache-2.0
/** References from objects to their children (guide step 5). */

import type { Call } from '../calls/call.ts';
import { objectOf, requireOwner } from '../calls/documents.ts';
import { pageOf } from '../calls/paging.ts';
import type { Route } from '../calls/router.ts';
import { type Answer, isObject, missingFields, notFound, PlatformError } from '../http/http.ts';
import type { ChildKind, Json, ManagedObject } from '../model.ts';
import { createObject } from './inventory.ts';
import { checkChild } from './inventory-rules.ts';
import { fullReference, objectUrl, reference, renderObject } from './inventory-view.ts';

const kinds: readonly ChildKind[] = ['childDevices', 'childAssets', 'childAdditions'];
const single = 'managedobjectreference';
const collection = 'managedobjectreferencecollection';

export const childRoutes: readonly Route[] = kinds.flatMap((kind): Route[] => {
  const all = `/inventory/managedObjects/{id}/${kind}`;
  return [
    { method: 'GET', path: all, handle: (call) => list(call, kind) },
    { method: 'POST', path: all, consumes: [single, collection, 'managedobject'], handle: (call) => add(call, kind) },
    { method: 'GET', path: `${all}/{child}`, handle: (call) => read(call, kind) },
    { method: 'DELETE', path: `${all}/{child}`, handle: (call) => remove(call, kind) },
  ];
});

function list(call: Call, kind: ChildKind): Answer {
  const parent = objectOf(call, call.param(0));
  return pageOf(call, {
    items: [...parent.children[kind]],
    name: 'references',
    media: collection,
    render: (id) => fullReference(call, parent.id, kind, objectOf(call, id)),
  });
}

function add(call: Call, kind: ChildKind): Answer {
  const parent = objectOf(call, call.param(0));
  requireOwner(call, parent.id);
  const document = call.document();
  const { managedObject, references } = document;
  if (Array.isArray(references)) {
    for (const item of references) link(call, parent, kind, isObject(item) ? item['managedObject'] : undefined);
    const all = [...parent.children[kind]].map((id) => reference(call, parent.id, kind, id));
    return { status: 201, media: collection, body: { references: all, self: `${objectUrl(call, parent.id)}/${kind}` } };
  }
  if (managedObject !== undefined || call.bodyType.includes(single)) {
    const child = link(call, parent, kind, managedObject);
    const body = reference(call, parent.id, kind, child.id);
    return { status: 201, media: single, body, headers: { Location: String(body['self']) } };
  }
  const child = createObject(call, document);
  connect(call, parent, kind, child);
  const body = renderObject(call, child);
  return { status: 201, media: 'managedobject', body, headers: { Location: String(body['self']) } };
}

function link(call: Call, parent: ManagedObject, kind: ChildKind, target: Json | undefined): ManagedObject {
  const id = isObject(target) ? target['id'] : undefined;
  if (typeof id !== 'string' && typeof id !== 'number') {
    call.breach('mandatory-field', 'reference without managedObject.id');
    throw missingFields(['managedObject.id']);
  }
  const child = objectOf(call, String(id));
  connect(call, parent, kind, child);
  return child;
}

function connect(call: Call, parent: ManagedObject, kind: ChildKind, child: ManagedObject): void {
  if (child.id === parent.id) {
    throw new PlatformError(422, 'inventory/Invalid Data', `managedObject ${child.id} cannot be its own child`);
  }
  if (kind === 'childDevices') checkChild(call, child);
  parent.children[kind].add(child.id);
  call.core.objects.touch(parent.id);
}

function read(call: Call, kind: ChildKind): Answer {
  const parent = objectOf(call, call.param(0));
  const id = call.param(1);
  if (!parent.children[kind].has(id)) throw notFound('inventory', `managedObject ${id} is not a child of ${parent.id}`);
  return { status: 200, media: single, body: fullReference(call, parent.id, kind, objectOf(call, id)) };
}

function remove(call: Call, kind: ChildKind): Answer {
  const parent = objectOf(call, call.param(0));
  requireOwner(call, parent.id);
  const id = call.param(1);
  if (!parent.children[kind].delete(id)) {
    throw new PlatformError(422, 'inventory/Invalid Data', `managedObject ${id} is not a child of ${parent.id}`);
  }
  call.core.objects.touch(parent.id);
  return { status: 204 };
}
