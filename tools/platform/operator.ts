// SPDX-License-Identifier: Apache-2.0
/** Actions of people on a tenant, as calls on an emulator in the same process. */

import { type Core, externalKey } from './core/core.ts';
import { addBinary } from './inventory/binaries.ts';
import { addObject, merge, removeObject } from './inventory/inventory.ts';
import type { AlarmRecord, DataRecord, EventRecord, JsonObject, ManagedObject, Operation } from './model.ts';
import { addOperation } from './operations/operations.ts';
import type { Platform } from './platform.ts';
import { accept, deviceUserName, register } from './tenant/credentials.ts';
import { createTenantAuthority, registerForCertificate } from './tenant/enrolment.ts';
import { trust } from './tenant/tenant.ts';
import { setOption } from './tenant/tenant-options.ts';

/** Registers a device, so that it may request credentials. */
export function registerDevice(platform: Platform, deviceId: string): void {
  register(platform.core, deviceId);
}

/** Accepts a device that has requested credentials. Throws when it has not, or when the security token is wrong. */
export function acceptDevice(platform: Platform, deviceId: string, securityToken?: string): void {
  const registration = platform.core.registrations.get(deviceId);
  if (registration === undefined) throw new RangeError(`${deviceId} is not registered`);
  accept(platform.core, registration, securityToken);
}

/**
 * Lets a device get a certificate of the tenant's own CA for a one-time password. Creates the CA if there is none. A
 * device that is registered again gets another certificate.
 */
export function registerEnrolment(platform: Platform, deviceId: string, oneTimePassword: string): void {
  if (platform.core.authorities.size === 0) createTenantAuthority(platform.core);
  registerForCertificate(platform.core, deviceId, oneTimePassword);
}

/** Creates a device user as if it had fetched its credentials; returns these. */
export function createDeviceUser(
  platform: Platform,
  deviceId: string,
  password = 'device-password',
): { tenantId: string; username: string; password: string } {
  const { core } = platform;
  const username = deviceUserName(deviceId);
  core.addUser({ tenant: core.tenant, name: username, kind: 'device', password, enabled: true });
  return { tenantId: core.tenant, username, password };
}

/** The object with this external id. */
export function findDevice(platform: Platform, externalId: string, type = 'c8y_Serial'): ManagedObject | undefined {
  const found = platform.core.externalIds.get(externalKey(type, externalId));
  return found === undefined ? undefined : platform.core.objects.get(found.objectId);
}

/** Creates an object, for another owner if given. */
export function createObject(platform: Platform, fragments: JsonObject, owner?: string): ManagedObject {
  return addObject(platform.core, owner ?? platform.core.operator.name, fragments);
}

/** Uploads a file, as for a firmware; it is served at `/inventory/binaries/<id>`. */
export function createBinary(platform: Platform, bytes: Uint8Array, name = 'file'): ManagedObject {
  const { core } = platform;
  return addBinary(core, core.operator.name, { name }, { bytes, mediaType: 'application/octet-stream' });
}

/** Changes an object as a person does: fragments, or the owner (when a physical device is replaced). */
export function updateObject(
  platform: Platform,
  id: string,
  changes: { readonly fragments?: JsonObject; readonly owner?: string },
): void {
  const object = objectOf(platform.core, id);
  if (changes.fragments !== undefined) merge(object.fragments, changes.fragments);
  if (changes.owner !== undefined) object.owner = changes.owner;
  platform.core.objects.touch(id);
}

/** Deletes an object with all its data. */
export function deleteObject(platform: Platform, id: string): void {
  removeObject(platform.core, objectOf(platform.core, id));
}

/** Binds an external id to an object, whatever it was bound to before. */
export function bindExternalId(platform: Platform, objectId: string, externalId: string, type = 'c8y_Serial'): void {
  platform.core.externalIds.set(externalKey(type, externalId), { type, externalId, objectId });
}

/** Frees an external id. */
export function unbindExternalId(platform: Platform, externalId: string, type = 'c8y_Serial'): void {
  platform.core.externalIds.delete(externalKey(type, externalId));
}

/** Creates an operation; subscribers get it at once. */
export function createOperation(platform: Platform, deviceId: string, fragments: JsonObject): Operation {
  return addOperation(platform.core, objectOf(platform.core, deviceId).id, fragments);
}

/** Cancels an operation that has not ended, as a person does. */
export function cancelOperation(platform: Platform, id: string): void {
  const operation = platform.core.operations.get(id);
  if (operation === undefined) throw new RangeError(`no operation ${id}`);
  if (operation.status === 'SUCCESSFUL' || operation.status === 'FAILED') return;
  operation.status = 'FAILED';
  operation.failureReason = 'cancelled';
  operation.statusRequest = 0;
  operation.history.push({ status: 'FAILED', timeMs: platform.core.now() });
  platform.core.operations.touch(id);
}

/** Sets an operation back to PENDING, like a platform that has lost its last minutes; it is not pushed. */
export function takeBack(platform: Platform, id: string): void {
  const operation = platform.core.operations.get(id);
  if (operation === undefined) throw new RangeError(`no operation ${id}`);
  operation.status = 'PENDING';
  operation.statusRequest = 0;
  operation.history.push({ status: 'PENDING', timeMs: platform.core.now() });
  platform.core.operations.touch(id);
}

/** Trusts a CA, PEM. */
export function trustAuthority(
  platform: Platform,
  pem: string,
  options: { readonly autoRegistration?: boolean; readonly name?: string } = {},
): void {
  const { autoRegistration = true, name = 'test' } = options;
  trust(platform.core, { name, pem, autoRegistration });
}

/** Sets a tenant option, as `oauth.internal`, `device-token.lifespan.seconds`. Throws the platform's 422. */
export function setTenantOption(platform: Platform, category: string, key: string, value: string | number): void {
  setOption(platform.core, category, key, value);
}

/** Measurements of a source, in order of arrival. */
export function measurementsOf(platform: Platform, sourceId: string): DataRecord[] {
  return [...platform.core.measurements.of(sourceId)];
}

/** Events of a source, in order of arrival. */
export function eventsOf(platform: Platform, sourceId: string): EventRecord[] {
  return [...platform.core.events.of(sourceId)];
}

/** Alarms of a source in the order they were raised. */
export function alarmsOf(platform: Platform, sourceId: string): AlarmRecord[] {
  return [...platform.core.alarms.of(sourceId)];
}

/** Changes an alarm as a person does: clears it, acknowledges it, sets another severity. */
export function updateAlarm(platform: Platform, alarm: AlarmRecord, changes: JsonObject): void {
  merge(alarm.fragments, changes);
  platform.core.alarms.settle(alarm);
}

/** Objects of an owner, oldest first. */
export function objectsOf(platform: Platform, owner: string): ManagedObject[] {
  return [...platform.core.objects.values()].filter((object) => object.owner === owner);
}

function objectOf(core: Core, id: string): ManagedObject {
  const object = core.objects.get(id);
  if (object === undefined) throw new RangeError(`no managed object ${id}`);
  return object;
}
