// SPDX-License-Identifier: Apache-2.0
/** Files in the inventory: `/inventory/binaries`. */

import { createHash } from 'node:crypto';
import type { Call } from '../calls/call.ts';
import { objectOf, requireOwner } from '../calls/documents.ts';
import { fileOf, formOf } from '../calls/multipart.ts';
import { pageOf } from '../calls/paging.ts';
import type { Route } from '../calls/router.ts';
import type { Core } from '../core/core.ts';
import { type Answer, notFound, PlatformError } from '../http/http.ts';
import type { JsonObject, ManagedObject } from '../model.ts';
import { addObject, removeObject } from './inventory.ts';
import { renderObject } from './inventory-view.ts';

const media = 'managedobject';
const path = '/inventory/binaries';
const one = `${path}/{id}`;

export const binaryRoutes: readonly Route[] = [
  { method: 'GET', path, handle: list },
  { method: 'POST', path, consumes: ['multipart/form-data'], handle: create },
  { method: 'GET', path: one, handle: download },
  { method: 'PUT', path: one, handle: replace },
  { method: 'DELETE', path: one, handle: remove },
];

function list(call: Call): Answer {
  const items = [...call.core.objects.values()].filter((object) => object.binary !== undefined);
  return pageOf(call, {
    items,
    name: 'managedObjects',
    media: 'managedobjectcollection',
    render: (object) => render(call, object),
  });
}

function create(call: Call): Answer {
  const { bytes, mediaType, name, object: document } = formOf(call);
  const fragments = { type: mediaType, ...document, name: name ?? 'binary' };
  const object = addBinary(call.core, call.user.name, fragments, { bytes, mediaType });
  const body = render(call, object);
  return { status: 201, media, body, headers: { Location: String(body['self']) } };
}

/** Stores a file. Throws the platform's 413. */
export function addBinary(
  core: Core,
  owner: string,
  fragments: JsonObject,
  { bytes, mediaType }: { readonly bytes: Uint8Array; readonly mediaType: string },
): ManagedObject {
  checkRoom(core, bytes.length);
  const object = addObject(core, owner, fragments);
  store(object, bytes, mediaType);
  return object;
}

function replace(call: Call): Answer {
  const object = find(call);
  requireOwner(call, object.id);
  const { bytes, mediaType } = fileOf(call);
  checkRoom(call.core, bytes.length - (object.binary?.bytes.length ?? 0));
  store(object, bytes, mediaType);
  object.lastUpdatedMs = call.core.now();
  return { status: 201, media, body: render(call, object) };
}

function store(object: ManagedObject, bytes: Uint8Array, mediaType: string): void {
  object.binary = { bytes: bytes.slice(), mediaType };
  Object.assign(object.fragments, { c8y_IsBinary: {}, length: bytes.length, contentType: mediaType });
}

/** Throws 413 when there is no room: files are never dropped, because they may still be installed. */
function checkRoom(core: Core, length: number): void {
  let bytes = length;
  for (const { binary } of core.objects.values()) bytes += binary?.bytes.length ?? 0;
  if (bytes > maxBytes)
    throw new PlatformError(413, 'inventory/Too Large', `The emulator keeps ${maxBytes} bytes of files`);
}

const maxBytes = 1024 ** 3;

/** Answers the whole content, or the requested range if the content is unchanged (RFC 9110 §14, §13.1.5). */
function download(call: Call): Answer {
  const { binary } = find(call);
  const bytes = binary?.bytes ?? new Uint8Array(0);
  const type = binary?.mediaType ?? 'application/octet-stream';
  const tag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`;
  const range = /^bytes=(\d+)-(\d*)$/.exec(call.request.headers['range'] ?? '');
  const condition = call.request.headers['if-range'];
  if (range === null || (condition !== undefined && condition !== tag)) {
    return { status: 200, media: type, body: bytes, headers: { ETag: tag } };
  }
  const from = Number(range[1]);
  const to = Math.min(range[2] === '' ? bytes.length - 1 : Number(range[2]), bytes.length - 1);
  if (from > to) return { status: 416, headers: { 'Content-Range': `bytes */${bytes.length}` } };
  const headers = { 'Content-Range': `bytes ${from}-${to}/${bytes.length}`, ETag: tag };
  return { status: 206, media: type, body: bytes.subarray(from, to + 1), headers };
}

function remove(call: Call): Answer {
  const object = find(call);
  requireOwner(call, object.id);
  removeObject(call.core, object);
  return { status: 204 };
}

function find(call: Call): ManagedObject {
  const object = objectOf(call, call.param(0));
  if (object.binary === undefined) throw notFound('inventory', `Object ${object.id} is no binary`);
  return object;
}

function render(call: Call, object: ManagedObject): JsonObject {
  return { ...renderObject(call, object), self: `${call.base}${path}/${object.id}` };
}
