// SPDX-License-Identifier: Apache-2.0
/** Rules for the results that a device must have shown when it reports SUCCESSFUL. */

import type { Call } from '../calls/call.ts';
import { isObject, member } from '../http/http.ts';
import type { Json, JsonObject, Operation } from '../model.ts';
import type { Rule } from '../rules.ts';

interface End {
  readonly call: Call;
  readonly operation: Operation;
  /** The last update of the operation. */
  readonly document: JsonObject;
  /** The fragments of the device in the inventory. */
  readonly told: JsonObject;
}

/** Checks that what the operation has asked for is in the inventory, in an event or in the operation. */
export function checkResults(end: End): void {
  const { fragments } = end.operation;
  for (const [name, check] of checks) {
    const asked = member(fragments, name);
    if (asked !== undefined) check(end, asked);
  }
  const profile = member(fragments, 'c8y_DeviceProfile');
  if (!isObject(profile)) return;
  checkFirmware(end, member(profile, 'firmware'));
  const files = member(profile, 'configuration');
  if (Array.isArray(files)) for (const file of files) checkDownload(end, file);
}

const checks: readonly (readonly [string, (end: End, asked: Json) => void])[] = [
  ['c8y_Firmware', checkFirmware],
  ['c8y_Configuration', checkConfiguration],
  ['c8y_DownloadConfigFile', checkDownload],
  ['c8y_UploadConfigFile', checkUpload],
  ['c8y_Relay', checkRelay],
  ['c8y_RelayArray', checkRelays],
  ['c8y_Command', checkCommand],
  ['c8y_ServiceCommand', checkService],
];

function breach({ call, operation }: End, rule: Rule, what: string): void {
  call.breach(rule, `operation ${operation.id}: ${what}`);
}

/** A power cut may have lost what the device has not shown yet; the result itself is kept. */
function hasForgotten({ call, operation }: End): boolean {
  return call.core.ledger.isForgiven(operation.statusRequest, call.user.name);
}

function checkFirmware(end: End, asked: Json | undefined): void {
  if (!isObject(asked)) return;
  const shown = member(end.told, 'c8y_Firmware');
  for (const name of ['name', 'version']) {
    const wanted = asked[name];
    if (typeof wanted !== 'string' || wanted.trim() === '' || (isObject(shown) && shown[name] === wanted)) continue;
    breach(end, 'firmware-told', `c8y_Firmware.${name} is not ${wanted}`);
    return;
  }
}

/** All lines must be there; a device may add others, and drop comments. */
function checkConfiguration(end: End, asked: Json): void {
  const text = isObject(asked) ? asked['config'] : undefined;
  if (typeof text !== 'string') return;
  const fragment = member(end.told, 'c8y_Configuration');
  const shown = isObject(fragment) ? fragment['config'] : undefined;
  const there = typeof shown === 'string' ? linesOf(shown) : [];
  const left = linesOf(text).filter((line) => !there.includes(line));
  if (typeof shown !== 'string' || left.length > 0)
    breach(end, 'configuration-told', `c8y_Configuration without ${left[0] ?? 'a text'}`);
}

/** The lines with a value, with their numbers and spaces in one form. */
function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/\s+/g, '').replace(/=0+(?=\d)/, '='));
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

function checkDownload(end: End, asked: Json): void {
  if (!isObject(asked) || hasForgotten(end)) return;
  const { type, url } = asked;
  const isTold = ([name, shown]: [string, Json]) =>
    name.startsWith(FILE) &&
    isObject(shown) &&
    (typeof type !== 'string' || (name === FILE + type && shown['type'] === type)) &&
    shown['url'] === String(url).trim();
  // The older form, without a type.
  const isDump = typeof type !== 'string' && isObject(member(end.told, DUMP));
  if (!isDump && !Object.entries(end.told).some(isTold))
    breach(end, 'configuration-file', `no ${FILE}${type ?? 'TYPE'} with this url`);
}

const FILE = 'c8y_Configuration_';
const DUMP = 'c8y_ConfigurationDump';

function checkUpload(end: End, asked: Json): void {
  const { core } = end.call;
  const { deviceId, creationTimeMs } = end.operation;
  const type = isObject(asked) ? asked['type'] : undefined;
  const supported = member(end.told, 'c8y_SupportedConfigurations');
  const types = typeof type === 'string' ? [type] : Array.isArray(supported) ? supported : [];
  const isSent = [...core.events.of(deviceId)].some(
    (event) =>
      types.includes(event.fragments['type'] ?? null) &&
      event.creationTimeMs >= creationTimeMs &&
      event.binary !== undefined,
  );
  const isDumped = () => [...core.objects.values()].some(({ fragments }) => fragments['type'] === DUMP);
  if (!isSent && (typeof type === 'string' || !isDumped()))
    breach(end, 'configuration-file', `no event of the type ${type ?? types.join(' or ')} with the file`);
}

function checkRelay(end: End, asked: Json): void {
  const shown = member(end.told, 'c8y_Relay');
  const state = isObject(asked) ? asked['relayState'] : undefined;
  if (!isObject(shown) || shown['relayState'] !== state)
    breach(end, 'relay-told', `c8y_Relay.relayState is not ${String(state)}`);
}

function checkRelays(end: End, asked: Json): void {
  const states = JSON.stringify(asked);
  if (JSON.stringify(member(end.told, 'c8y_RelayArray')) !== states)
    breach(end, 'relay-told', `c8y_RelayArray is not ${states}`);
}

function checkCommand(end: End): void {
  const { call, operation, document } = end;
  // The update with the result may have come, and its answer not; a restart loses the result.
  if (hasForgotten(end) || call.core.ledger.isHindered(call.request.path)) return;
  const fragment = member(document, 'c8y_Command');
  if (!isObject(fragment) || typeof fragment['result'] !== 'string')
    call.breach('command-result', `operation ${operation.id}`);
}

function checkService(end: End, asked: Json): void {
  const command = isObject(asked) ? asked['command'] : undefined;
  const status = member(end.told, 'status');
  const wrong = command === 'STOP' ? 'up' : 'down';
  if (typeof status !== 'string' || status === '' || status === wrong)
    breach(end, 'service-told', `status ${String(status)} after ${String(command)}`);
}
