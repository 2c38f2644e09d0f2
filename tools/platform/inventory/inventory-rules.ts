// SPDX-License-Identifier: Apache-2.0
/** Rules for devices that create and change managed objects. */

import type { Call } from '../calls/call.ts';
import { isObject } from '../http/http.ts';
import type { JsonObject, ManagedObject } from '../model.ts';

const agentFragment = 'com_cumulocity_model_Agent';
const serviceType = 'c8y_Service';

/** Mandatory content of an agent device (certification requirements, foundation). */
const foundation: Readonly<Record<string, readonly string[]>> = {
  name: [],
  type: [],
  c8y_IsDevice: [],
  c8y_Agent: ['name', 'version'],
  c8y_Hardware: ['model', 'revision', 'serialNumber'],
  c8y_Firmware: ['name', 'version'],
};

/** Checks an object that a device creates. */
export function checkCreation(call: Call, document: JsonObject): void {
  if (!call.isDevice) return;
  if (document['type'] === serviceType) checkService(call, document);
  if (document['c8y_IsDevice'] === undefined) return;
  const { core, user } = call;
  if ((core.unknownIds.get(user.name)?.size ?? 0) === 0) {
    call.breach('create-without-lookup', 'no external id of this user answered 404 before');
  }
  const serial = serialOf(document);
  for (const object of core.objects.values()) {
    if (object.owner !== user.name || object.fragments['c8y_IsDevice'] === undefined) continue;
    if (serial !== undefined && serialOf(object.fragments) === serial) {
      call.breach('second-object', `object ${object.id} of ${user.name} has the serial number ${serial} too`);
    } else if (document[agentFragment] !== undefined && object.fragments[agentFragment] !== undefined) {
      call.breach('agent-on-child', `${user.name} already has the agent object ${object.id}`);
    }
  }
  if (document[agentFragment] !== undefined) checkFoundation(call, document);
}

/** Checks a change of an object by a device. `maintained` are the fields that belong to the platform. */
export function checkChange(
  call: Call,
  object: ManagedObject,
  document: JsonObject,
  maintained: readonly string[],
): void {
  if (!call.isDevice) return;
  if (document['name'] !== undefined) call.breach('name-updated', `name of object ${object.id}`);
  const readOnly = maintained.filter((name) => document[name] !== undefined);
  if (readOnly.length > 0) call.breach('read-only-field', `object ${object.id}: ${readOnly.join(', ')}`);
  if (isObject(document[agentFragment]) && call.core.parentsOf(object.id, 'childDevices').length > 0) {
    call.breach('agent-on-child', `object ${object.id} is a child`);
  }
}

/** Checks a child that a device links. */
export function checkChild(call: Call, child: ManagedObject): void {
  if (child.fragments['type'] === serviceType) call.breach('service', `service ${child.id} becomes a child device`);
  if (child.fragments[agentFragment] !== undefined) call.breach('agent-on-child', `object ${child.id} becomes a child`);
}

function checkService(call: Call, document: JsonObject): void {
  const missing = ['name', 'serviceType', 'status'].filter((name) => isEmpty(document[name]));
  if (missing.length > 0) call.breach('service', `a service without ${missing.join(', ')}`);
  if (document['c8y_IsDevice'] !== undefined) call.breach('service', 'a service that is a device');
  if ((call.core.unknownIds.get(call.user.name)?.size ?? 0) === 0) {
    call.breach('create-without-lookup', 'no external id of this user answered 404 before');
  }
}

function checkFoundation(call: Call, document: JsonObject): void {
  const missing: string[] = [];
  for (const [name, members] of Object.entries(foundation)) {
    const value = document[name];
    if (value === undefined || value === null || value === '') missing.push(name);
    else if (members.length > 0) {
      const content = isObject(value) ? value : {};
      missing.push(...members.filter((member) => isEmpty(content[member])).map((member) => `${name}.${member}`));
    }
  }
  if (missing.length > 0) call.breach('certification', `agent object without ${missing.join(', ')}`);
}

function isEmpty(value: unknown): boolean {
  return typeof value !== 'string' || value === '';
}

function serialOf(document: JsonObject): string | undefined {
  const hardware = document['c8y_Hardware'];
  const serial = isObject(hardware) ? hardware['serialNumber'] : undefined;
  return typeof serial === 'string' ? serial : undefined;
}
