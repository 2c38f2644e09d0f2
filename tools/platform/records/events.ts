// SPDX-License-Identifier: Apache-2.0
/** Events and their attachments (guide step 10). */

import type { Call } from '../calls/call.ts';
import { checkNames, requireFields, requireOwner, sourceOf, timeOf } from '../calls/documents.ts';
import { fileOf } from '../calls/multipart.ts';
import { pageOf } from '../calls/paging.ts';
import { operators, type Route } from '../calls/router.ts';
import { type Core, copyJson } from '../core/core.ts';
import { attachmentNamed } from '../http/headers.ts';
import { type Answer, invalid, notFound, PlatformError } from '../http/http.ts';
import { signOfLife } from '../inventory/availability.ts';
import { merge } from '../inventory/inventory.ts';
import type { EventRecord, JsonObject } from '../model.ts';
import { formatTime } from '../time.ts';
import { newestFirst, renderRecord, selectRecords } from './records.ts';

const media = 'event';
const path = '/event/events';
const one = `${path}/{id}`;
const attachment = `${one}/binaries`;

export const eventRoutes: readonly Route[] = [
  { method: 'POST', path, consumes: [media], handle: create },
  { method: 'GET', path, handle: list },
  { method: 'DELETE', path, users: operators, handle: removeAll },
  { method: 'GET', path: one, handle: (call) => ({ status: 200, media, body: render(call, find(call)) }) },
  { method: 'PUT', path: one, consumes: [media], handle: update },
  { method: 'DELETE', path: one, handle: remove },
  { method: 'POST', path: attachment, handle: (call) => attach(call, false) },
  { method: 'PUT', path: attachment, handle: (call) => attach(call, true) },
  { method: 'GET', path: attachment, handle: download },
  { method: 'DELETE', path: attachment, handle: detach },
];

function create(call: Call): Answer {
  const { core } = call;
  const document = call.document();
  requireFields(call, document, ['source', 'type', 'text', 'time']);
  const timeMs = timeOf(call, document);
  const source = sourceOf(call, document, media);
  const { source: _source, time: _time, id: _id, self: _self, ...fragments } = document;
  checkNames(call, fragments, 'fragment');
  signOfLife(call, source);
  const event: EventRecord = core.events.keep({
    id: core.nextId(),
    sourceId: source.id,
    creationTimeMs: core.now(),
    lastUpdatedMs: core.now(),
    timeMs,
    fragments: copyJson(fragments),
    attachments: 0,
    binary: undefined,
  });
  if (fragments['type'] === parameterEvent) {
    const { type: _type, text: _text, ...values } = event.fragments;
    merge(source.fragments, copyJson(values));
    core.objects.touch(source.id);
  }
  const body = render(call, event);
  return { status: 201, media, body, headers: { Location: String(body['self']) } };
}

function list(call: Call): Answer {
  const items = newestFirst(call, selectRecords(call, call.core.events));
  return pageOf(call, { items, name: 'events', media: 'eventcollection', render: (event) => render(call, event) });
}

function removeAll(call: Call): Answer {
  for (const event of selectRecords(call, call.core.events)) call.core.events.delete(event.id);
  return { status: 204 };
}

/** Changes text and custom fragments only. Other fields that clients of people repeat are ignored. */
function update(call: Call): Answer {
  const event = find(call);
  requireOwner(call, event.sourceId);
  const document = call.document();
  const { id: _id, self: _self, creationTime: _creationTime, lastUpdated: _lastUpdated, ...changes } = document;
  const fixed = ['source', 'type', 'time'].filter((name) => changes[name] !== undefined);
  if (fixed.length > 0 && call.isDevice) throw invalid(`Event fields cannot be changed: ${fixed.join(',')}`);
  for (const name of fixed) delete changes[name];
  checkNames(call, changes, 'fragment');
  merge(event.fragments, changes);
  event.lastUpdatedMs = call.core.now();
  call.core.events.touch(event.id);
  return { status: 200, media, body: render(call, event) };
}

function remove(call: Call): Answer {
  const event = find(call);
  requireOwner(call, event.sourceId);
  call.core.events.delete(event.id);
  return { status: 204 };
}

/** One attachment per event: POST adds it, PUT replaces it. */
function attach(call: Call, isReplacing: boolean): Answer {
  const event = find(call);
  requireOwner(call, event.sourceId);
  if (!isReplacing && event.binary !== undefined)
    throw new PlatformError(409, 'Duplicate', 'Attachment already exists');
  if (isReplacing && event.binary === undefined) throw noAttachment();
  const { bytes, mediaType, name } = fileOf(call);
  if (bytes.length > maxAttachmentBytes) throw new PlatformError(413, 'event/Too Large', 'Attachment is too large');
  makeRoom(call.core, event, bytes.length);
  event.binary = { bytes: bytes.slice(), mediaType, name };
  event.attachments += 1;
  event.lastUpdatedMs = call.core.now();
  const info = { name: name ?? null, length: bytes.length, type: mediaType };
  event.fragments['c8y_IsBinary'] = info;
  const self = `${call.base}${path}/${event.id}/binaries`;
  return {
    status: 201,
    media: 'application/json',
    body: { ...info, self, source: `${call.base}${path}/${event.id}` },
    headers: { Location: self },
  };
}

/** Drops the oldest attachments of a device when they take too many bytes; the events stay. */
function makeRoom(core: Core, event: EventRecord, length: number): void {
  let bytes = length;
  for (const other of core.events.of(event.sourceId)) if (other !== event) bytes += other.binary?.bytes.length ?? 0;
  for (const other of core.events.of(event.sourceId)) {
    if (bytes <= maxAttachedBytes) return;
    if (other === event || other.binary === undefined) continue;
    bytes -= other.binary.bytes.length;
    other.binary = undefined;
    delete other.fragments['c8y_IsBinary'];
    core.onFull?.(
      `attachment of event ${other.id}: the device has more than ${maxAttachedBytes} bytes of them, it goes`,
    );
  }
}

function download(call: Call): Answer {
  const { binary } = find(call);
  if (binary === undefined) throw noAttachment();
  const headers = binary.name === undefined ? {} : { 'Content-Disposition': attachmentNamed(binary.name) };
  return { status: 200, media: binary.mediaType, body: binary.bytes, headers };
}

function detach(call: Call): Answer {
  const event = find(call);
  requireOwner(call, event.sourceId);
  if (event.binary === undefined) throw noAttachment();
  event.binary = undefined;
  delete event.fragments['c8y_IsBinary'];
  return { status: 204 };
}

function noAttachment(): PlatformError {
  return new PlatformError(404, 'Not Found', 'Attachment not found');
}

function find(call: Call): EventRecord {
  const event = call.core.events.get(call.param(0));
  if (event !== undefined) return event;
  throw notFound(media, `Finding event from database failed : No event for gid '${call.param(0)}'!`);
}

function render(call: Call, event: EventRecord): JsonObject {
  return { ...renderRecord(call, event, `${path}/${event.id}`), lastUpdated: formatTime(event.lastUpdatedMs) };
}

/** Type of the event whose fragments are copied to the device. */
const parameterEvent = 'c8y_ParameterUpdate';
const maxAttachmentBytes = 50 * 1024 * 1024;
/** Per device. */
const maxAttachedBytes = 4 * maxAttachmentBytes;
