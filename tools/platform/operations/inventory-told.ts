// SPDX-License-Identifier: Apache-2.0
/** Rules for the inventory updates of a device before it ends an operation. */

import type { Call } from '../calls/call.ts';
import { isObject, member } from '../http/http.ts';
import { installedSoftware, servicePath } from '../inventory/software.ts';
import type { Json, JsonObject, Operation } from '../model.ts';
import { checkResults } from './results-told.ts';

/** Checks the inventory when a device ends an operation. */
export function checkTold(call: Call, operation: Operation, document: JsonObject): void {
  const { core, isDevice } = call;
  const object = core.objects.get(operation.deviceId);
  const { status } = document;
  if (isDevice && object !== undefined && status === 'EXECUTING') noteParameters(operation, object.fragments);
  if (!isDevice || object === undefined || (status !== 'SUCCESSFUL' && status !== 'FAILED')) return;
  const paths = [`/inventory/managedObjects/${operation.deviceId}`, servicePath];
  if (paths.some((path) => core.ledger.isRefusedSince(operation.deliveries[0] ?? 0, path))) return;
  checkProfile(call, operation, object.fragments, status === 'SUCCESSFUL');
  if (status === 'FAILED') return;
  checkSoftwareList(call, operation, object.fragments);
  checkParameters(call, operation, object.fragments);
  checkNetwork(call, operation, object.fragments);
  checkResults({ call, operation, document, told: object.fragments });
}

/** The inventory must contain the whole software list before the end: with installed and without deleted software. */
function checkSoftwareList(call: Call, operation: Operation, told: JsonObject): void {
  const packages = member(operation.fragments, 'c8y_SoftwareUpdate');
  if (!Array.isArray(packages)) return;
  // A device with declared software types uses the service.
  const isByService = call.core.settings.advancedSoftware && told['c8y_SupportedSoftwareTypes'] !== undefined;
  const list = isByService ? installedSoftware(call.core, operation.deviceId) : told['c8y_SoftwareList'];
  const isList = Array.isArray(list) && list.every((each) => isText(each, 'name') && isText(each, 'version'));
  const wanted = packages.filter(isObject);
  const isInstalled = ({ action }: JsonObject) => action !== 'delete' && action !== 'uninstall';
  const trouble = (each: JsonObject): boolean => {
    const found = isList && list.find((other) => isObject(other) && other['name'] === each['name']);
    const version = String(each['version']).split('::')[0];
    if (isInstalled(each)) return !isObject(found) || found['version'] !== version;
    return isObject(found) && !wanted.some((other) => isInstalled(other) && other['name'] === each['name']);
  };
  const wrong = wanted.filter(trouble).map(({ name }) => String(name));
  if (!isList || wrong.length > 0)
    call.breach('software-list', `operation ${operation.id}: ${isList ? wrong.join(', ') : 'no list'}`);
}

function isText(value: Json | undefined, name: string): boolean {
  return isObject(value) && typeof value[name] === 'string' && value[name] !== '';
}

/** The fragment of each parameter set must contain the requested values. */
function checkParameters(call: Call, operation: Operation, told: JsonObject): void {
  if (member(operation.fragments, 'c8y_ParameterUpdate') === undefined) return;
  const marks = Object.keys(operation.fragments).filter((name) => name.startsWith(parameterMark));
  for (const name of marks.map((mark) => mark.slice(parameterMark.length))) {
    const [asked, shown] = [member(operation.fragments, name), member(told, name)];
    if (!isObject(asked)) continue;
    const isTold = (key: string) => isObject(shown) && JSON.stringify(shown[key]) === JSON.stringify(asked[key]);
    const left = Object.keys(asked).filter((key) => !isTold(key));
    if (left.length > 0) call.breach('parameter-update', `operation ${operation.id}: ${name}.${left.join(', ')}`);
    else if (JSON.stringify(shown) !== setsBefore.get(operation)?.get(name)) expectEvent(call, operation, name);
  }
}

/** The parameter sets in the inventory when their operation began, as JSON. */
const setsBefore = new WeakMap<Operation, Map<string, string>>();

function noteParameters(operation: Operation, told: JsonObject): void {
  if (member(operation.fragments, 'c8y_ParameterUpdate') === undefined || setsBefore.has(operation)) return;
  setsBefore.set(operation, new Map(Object.entries(told).map(([name, value]) => [name, JSON.stringify(value)])));
}

/** Expects an event with the changed set. Events wait in a queue of the device, so it may come after the end. */
function expectEvent(call: Call, operation: Operation, name: string): void {
  const { core, user } = call;
  // The request that set EXECUTING.
  const since = operation.statusRequest;
  const isThere = () =>
    [...core.events.of(operation.deviceId)].some(
      ({ fragments, creationTimeMs }) =>
        creationTimeMs >= operation.creationTimeMs &&
        fragments['type'] === 'c8y_ParameterUpdate' &&
        isObject(member(fragments, name)),
    );
  core.scheduler.set(() => {
    if (isThere() || core.ledger.lostSince(since, user.name)) return;
    call.breach('parameter-update', `operation ${operation.id}: no event with ${name}`);
  }, eventMs);
}

const eventMs = 120_000;

const parameterMark = 'c8y_ParameterUpdate_';

/** The fragment must contain the requested values in addition to its others, but never a Wi-Fi password. */
function checkNetwork(call: Call, operation: Operation, told: JsonObject): void {
  const asked = member(operation.fragments, 'c8y_Network');
  if (!isObject(asked)) return;
  const shown = member(told, 'c8y_Network');
  for (const [name, part] of Object.entries(asked)) {
    if (!isObject(part)) continue;
    const there = isObject(shown) ? member(shown, name) : undefined;
    const isTold = (key: string) => isObject(there) && JSON.stringify(there[key]) === JSON.stringify(part[key]);
    const left = Object.keys(part).filter((key) => key !== 'password' && !isTold(key));
    if (left.length > 0) call.breach('network-told', `operation ${operation.id}: ${name}.${left.join(', ')}`);
    else if (name === 'fractus_WiFi' && isObject(there) && Object.hasOwn(there, 'password'))
      call.breach('network-told', `operation ${operation.id}: the password is in the inventory`);
  }
}

function checkProfile(call: Call, operation: Operation, told: JsonObject, isSuccessful: boolean): void {
  const profile = member(operation.fragments, 'c8y_DeviceProfile');
  if (!isObject(profile)) return;
  const wanted = (name: string) => member(profile, name) ?? member(operation.fragments, name);
  const shown = member(told, 'c8y_Profile');
  const isMeant =
    isObject(shown) && ['profileName', 'profileId'].every((name) => shown[name] === String(wanted(name) ?? ''));
  const isExecuted = isMeant && shown['profileExecuted'] === true;
  if (isExecuted !== isSuccessful) call.breach('device-profile', `operation ${operation.id}: ${JSON.stringify(shown)}`);
}
