// SPDX-License-Identifier: Apache-2.0
/**
 * Requirements for devices that declare an operation: they have carried it out, and its results are on the platform.
 */

import type { OperationRecord } from '../operate/tenant.ts';
import { type Document, type Facts, fragment, isText, list } from './facts.ts';
import { operationRow, type Row } from './row.ts';

/** Limit for a requested measurement, which must not wait for the next interval. */
const SOON_MS = 10_000;
/** The clock of a device may be late: it is set by a `Date`, which has whole seconds. */
const CLOCK_MS = 2000;

/** The newest event of a type that has an attachment. */
function attached({ events }: Facts, type: string): string | undefined {
  const event = events.find((each) => each['type'] === type && each['c8y_IsBinary'] !== undefined);
  return event && `event ${event['id']} with its attachment`;
}

/** Whether members of a fragment in the inventory equal those in the operation. */
function same(asked: Document | undefined, has: Document | undefined, names: readonly string[]): string | undefined {
  const isSame = names.every((name) => isText(has?.[name]) && (asked?.[name] ?? has[name]) === has[name]);
  return isSame ? names.map((name) => has?.[name]).join(', ') : undefined;
}

/** The event has the type of the operation; of an operation without a type, one of the declared types. */
function uploaded(facts: Facts, operation: OperationRecord): string | undefined {
  const types = list(facts.object, 'c8y_SupportedConfigurations').filter(isText);
  const asked = fragment(operation, 'c8y_UploadConfigFile')?.['type'];
  const wanted = types.filter((type) => !isText(asked) || type === asked);
  const [shown] = wanted.flatMap((type) => attached(facts, type) ?? []);
  return shown && `types ${types.join(', ')}; ${shown}`;
}

function downloaded({ object }: Facts, operation: OperationRecord): string | undefined {
  const asked = fragment(operation, 'c8y_DownloadConfigFile');
  const names = ['name', 'type', 'url', 'time'];
  if (isText(asked?.['type'])) return same(asked, fragment(object, `c8y_Configuration_${asked['type']}`), names);
  // The form without a type.
  const files = Object.keys(object).filter((name) => name.startsWith('c8y_Configuration_'));
  const [found] = files.flatMap((name) => same(asked, fragment(object, name), names) ?? []);
  const dump = fragment(object, 'c8y_ConfigurationDump')?.['id'];
  return found ?? (isText(dump) ? `c8y_ConfigurationDump ${dump}` : undefined);
}

/** With declared types of software, the list is at the service for advanced software management. */
function installed({ object, software }: Facts): string | undefined {
  const isByService = object['c8y_SupportedSoftwareTypes'] !== undefined;
  const packages = isByService ? software : (list(object, 'c8y_SoftwareList') as readonly Document[]);
  const isWhole = packages.every(({ name, version }) => isText(name) && isText(version));
  return isWhole && packages.length > 0
    ? packages.map(({ name, version }) => `${name} ${version}`).join(', ')
    : undefined;
}

function profiled({ object }: Facts): string | undefined {
  const profile = fragment(object, 'c8y_Profile');
  return profile?.['profileExecuted'] === true ? same(undefined, profile, ['profileName', 'profileId']) : undefined;
}

/** What Device management always sends. */
const LOG_MEMBERS = ['logFile', 'dateFrom', 'dateTo', 'maximumLines'];

function logged(facts: Facts, operation: OperationRecord): string | undefined {
  const { file, ...asked } = fragment(operation, 'c8y_LogfileRequest') ?? {};
  const isRepeated = LOG_MEMBERS.every((name) => asked[name] !== undefined);
  const isThere = isText(file) && facts.events.some(({ id }) => file.endsWith(`/event/events/${id}/binaries`));
  const types = list(facts.object, 'c8y_SupportedLogs');
  return isRepeated && isThere && types.length > 0
    ? `logs ${types.join(', ')}; ${attached(facts, 'c8y_LogfileRequest')}`
    : undefined;
}

function answered(_facts: Facts, operation: OperationRecord): string | undefined {
  const { text, result } = fragment(operation, 'c8y_Command') ?? {};
  return isText(text) && isText(result) ? `${text}: ${result.split('\n', 1)[0]}` : undefined;
}

function measured({ measurements }: Facts, operation: OperationRecord): string | undefined {
  const askedMs = Date.parse(String(operation['creationTime']));
  const isNear = (ms: number) => ms >= askedMs - CLOCK_MS && ms <= askedMs + SOON_MS;
  const found = measurements.find(({ time }) => isNear(Date.parse(String(time))));
  return found && `measurement ${found['id']}`;
}

function switched({ object }: Facts, operation: OperationRecord): string | undefined {
  return same(fragment(operation, 'c8y_Relay'), fragment(object, 'c8y_Relay'), ['relayState']);
}

function switchedAll({ object }: Facts, operation: OperationRecord): string | undefined {
  const asked = JSON.stringify(operation['c8y_RelayArray']);
  return JSON.stringify(object['c8y_RelayArray']) === asked ? asked : undefined;
}

function remote({ object }: Facts): string | undefined {
  const hosts = list(object, 'c8y_RemoteAccessList') as readonly Document[];
  return hosts.length > 0 ? hosts.map(({ name }) => name).join(', ') : undefined;
}

function joined({ object }: Facts): string | undefined {
  const network = fragment(object, 'c8y_Network');
  return network && Object.keys(network).length > 0 ? Object.keys(network).join(', ') : undefined;
}

function commanded(_facts: Facts, _operation: OperationRecord, service: Document): string | undefined {
  const commands = list(service, 'c8y_SupportedServiceCommands');
  return isText(service['status']) && commands.length > 0
    ? `${commands.join(', ')}; status ${service['status']}`
    : undefined;
}

function parametrised({ object, events }: Facts, operation: OperationRecord): string | undefined {
  const set =
    Object.keys(operation)
      .find((name) => name.startsWith('c8y_ParameterUpdate_'))
      ?.slice(20) ?? '';
  const event = events.find((each) => each['type'] === 'c8y_ParameterUpdate' && each[set] !== undefined);
  return event !== undefined && fragment(object, set) !== undefined ? `${set}, event ${event['id']}` : undefined;
}

const inventory = 'the inventory shows the requested values';

export const operations: readonly Row[] = [
  operationRow('c8y_Restart', 'SUCCESSFUL after the restart'),
  operationRow('c8y_Configuration', 'c8y_Configuration holds the whole text in force', ({ object }) => {
    const { config } = fragment(object, 'c8y_Configuration') ?? {};
    return isText(config) ? `${config.split('\n').length - 1} lines` : undefined;
  }),
  operationRow('c8y_SendConfiguration', 'c8y_Configuration holds the whole text in force', ({ object }) =>
    isText(fragment(object, 'c8y_Configuration')?.['config']) ? 'present' : undefined,
  ),
  operationRow(
    'c8y_UploadConfigFile',
    'c8y_SupportedConfigurations, and an event of that type with the file',
    uploaded,
  ),
  operationRow('c8y_DownloadConfigFile', 'c8y_Configuration_TYPE: name, type, url, time', downloaded),
  operationRow('c8y_SoftwareUpdate', 'the list of software: name and version of each package', installed),
  operationRow('c8y_Firmware', `${inventory}: name, version`, ({ object }, operation) =>
    same(fragment(operation, 'c8y_Firmware'), fragment(object, 'c8y_Firmware'), ['name', 'version']),
  ),
  operationRow('c8y_DeviceProfile', 'c8y_Profile: profileName, profileId, profileExecuted', profiled),
  operationRow(
    'c8y_LogfileRequest',
    'c8y_SupportedLogs; the operation repeats the request, with the file',
    logged,
    LOG_MEMBERS,
  ),
  operationRow('c8y_Command', 'the operation repeats the text, with the result', answered),
  operationRow('c8y_MeasurementRequestOperation', 'measurements taken for the operation', measured),
  operationRow('c8y_Relay', inventory, switched),
  operationRow('c8y_RelayArray', inventory, switchedAll),
  operationRow('c8y_Message', 'the text is shown'),
  operationRow(
    'c8y_RemoteAccessConnect',
    'a connection was made, and c8y_RemoteAccessList, which the platform makes, has its host',
    remote,
  ),
  operationRow('c8y_Network', 'c8y_Network holds all parts that the device has', joined),
  operationRow('c8y_ServiceCommand', 'c8y_SupportedServiceCommands and status of the service', commanded),
  operationRow('c8y_ParameterUpdate', 'the set is in the inventory, and in an event', parametrised),
];
