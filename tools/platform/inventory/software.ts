// SPDX-License-Identifier: Apache-2.0
/**
 * The service for advanced software management: installed software as additions of the device. Not every tenant has it.
 */

import type { Call } from '../calls/call.ts';
import { objectOf, requireOwner } from '../calls/documents.ts';
import { pageOf } from '../calls/paging.ts';
import type { Route } from '../calls/router.ts';
import type { Core } from '../core/core.ts';
import { type Answer, invalid, isObject, notFound } from '../http/http.ts';
import type { JsonObject, ManagedObject } from '../model.ts';
import { addObject, removeObject } from './inventory.ts';

export const servicePath = '/service/advanced-software-mgmt/software';
const media = 'application/json';
/** Type and owner of the service's objects. */
const TYPE = 'c8y_InstalledSoftware';
const OWNER = 'service_advanced-software-mgmt';
const MEMBERS = ['name', 'version', 'softwareType', 'url'] as const;

export const softwareRoutes: readonly Route[] = [
  { method: 'GET', path: servicePath, handle: list },
  { method: 'POST', path: servicePath, consumes: [media], handle: replace },
  { method: 'PUT', path: servicePath, consumes: [media], handle: append },
  { method: 'DELETE', path: servicePath, consumes: [media], handle: remove },
];

/** The software of a device, according to the service. */
export function installedSoftware(core: Core, deviceId: string): JsonObject[] {
  return entriesOf(core, deviceId).map(shown);
}

function entriesOf(core: Core, deviceId: string): ManagedObject[] {
  const additions = [...(core.objects.get(deviceId)?.children.childAdditions ?? [])];
  return additions
    .map((id) => core.objects.get(id))
    .filter((each): each is ManagedObject => each?.fragments['type'] === TYPE);
}

function shown({ fragments }: ManagedObject): JsonObject {
  const known = MEMBERS.filter((name) => fragments[name] !== undefined);
  return Object.fromEntries(known.map((name) => [name, fragments[name] ?? null]));
}

/**
 * The device of a query, if the caller may write for it. Throws the platform's 404 when the tenant lacks the service.
 */
function deviceOf(call: Call): ManagedObject {
  if (!call.core.settings.advancedSoftware) throw notFound('microservice', 'advanced-software-mgmt is not there');
  const device = objectOf(call, call.query.get('deviceId') ?? '');
  if (call.isDevice) requireOwner(call, device.id);
  return device;
}

/** The software in the body, each piece once. Throws the platform's 422. */
function softwareOf(call: Call): JsonObject[] {
  const body = call.json();
  const refuse = (what: string) => {
    call.breach('software-service', what);
    return invalid(what);
  };
  if (!Array.isArray(body)) throw refuse('the body is no list');
  const keys = new Set<string>();
  return body.map((each) => {
    if (!isObject(each)) throw refuse('an element is no object');
    for (const name of ['name', 'version'] as const)
      if (typeof each[name] !== 'string' || each[name] === '') throw refuse(`an element without ${name}`);
    const other = MEMBERS.find((name) => each[name] !== undefined && typeof each[name] !== 'string');
    if (other !== undefined) throw refuse(`${other} is no text`);
    const key = keyOf(each);
    if (keys.has(key)) throw refuse(`${String(each['name'])} is there twice`);
    keys.add(key);
    return each;
  });
}

function keyOf(software: JsonObject): string {
  return JSON.stringify([software['name'], software['version']]);
}

function list(call: Call): Answer {
  const device = deviceOf(call);
  const asked = [
    ['name', 'name'],
    ['version', 'version'],
    ['type', 'softwareType'],
  ] as const;
  const items = installedSoftware(call.core, device.id).filter((each) =>
    asked.every(([query, member]) => [null, each[member]].includes(call.query.get(query))),
  );
  return pageOf(call, { items, name: 'softwareList', media, render: (each) => each });
}

function keep(call: Call, device: ManagedObject, software: readonly JsonObject[]): void {
  const { core } = call;
  for (const each of software) {
    const known = MEMBERS.filter((name) => each[name] !== undefined);
    const fragments = Object.fromEntries(known.map((name) => [name, each[name] ?? null]));
    const { id } = addObject(core, OWNER, { type: TYPE, ...fragments });
    device.children.childAdditions.add(id);
  }
  core.objects.touch(device.id);
}

function drop(call: Call, device: ManagedObject, isGone: (software: JsonObject) => boolean): void {
  for (const entry of entriesOf(call.core, device.id)) if (isGone(shown(entry))) removeObject(call.core, entry);
  call.core.objects.touch(device.id);
}

/** Replaces the whole list. */
function replace(call: Call): Answer {
  const device = deviceOf(call);
  const software = softwareOf(call);
  drop(call, device, () => true);
  keep(call, device, software);
  return { status: 201, media, body: {} };
}

/** Adds to the list; an entry with the same name and version is replaced. */
function append(call: Call): Answer {
  const device = deviceOf(call);
  const software = softwareOf(call);
  const keys = software.map(keyOf);
  drop(call, device, (each) => keys.includes(keyOf(each)));
  keep(call, device, software);
  return { status: 200, media, body: {} };
}

function remove(call: Call): Answer {
  const device = deviceOf(call);
  const keys = softwareOf(call).map(keyOf);
  drop(call, device, (each) => keys.includes(keyOf(each)));
  return { status: 204 };
}
