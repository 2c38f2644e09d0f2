// SPDX-License-Identifier: Apache-2.0
/** The operations that people send, described once: for the forms of the page, and for `fractus operate`. */

import type { Json, JsonObject } from '../model.ts';

export interface Field {
  /** Member of the operation's fragment; empty when the whole fragment is a list. */
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'password' | 'lines' | 'number' | 'time' | 'choice' | 'list';
  readonly value: string;
  readonly choices?: readonly string[];
}

export interface Form {
  /** The fragment, as in `c8y_SupportedOperations`. */
  readonly operation: string;
  readonly title: string;
  readonly meaning: string;
  /** The fragment is a list, and the fields form one element of it. */
  readonly isList?: true;
  readonly fields: readonly Field[];
  /** Members that few people need, for a command line. */
  readonly further?: readonly string[];
}

const text = (name: string, label: string, value = ''): Field => ({ name, label, kind: 'text', value });

const forms: readonly Form[] = [
  {
    operation: 'c8y_Command',
    title: 'Command',
    meaning: 'A line for the shell of the device; help lists what it knows.',
    fields: [text('text', 'Command', 'status')],
    further: ['deliveryType'],
  },
  {
    operation: 'c8y_Configuration',
    title: 'Configuration',
    meaning: 'Sets keys that may change at run time, one key=value a line.',
    fields: [{ name: 'config', label: 'Configuration', kind: 'lines', value: 'measurementInterval=3\n' }],
  },
  {
    operation: 'c8y_SendConfiguration',
    title: 'Send configuration',
    meaning: 'Has the device write its configuration into the inventory.',
    fields: [],
  },
  {
    operation: 'c8y_Restart',
    title: 'Restart',
    meaning: 'The operation is written down before, and reported after the start.',
    fields: [],
  },
  {
    operation: 'c8y_MeasurementRequestOperation',
    title: 'Measure now',
    meaning: 'Measures at once and sends it.',
    fields: [{ name: 'requestName', label: 'Request', kind: 'choice', value: 'LOG', choices: ['LOG'] }],
  },
  {
    operation: 'c8y_Relay',
    title: 'Relay',
    meaning: 'Opens or closes the relay.',
    fields: [{ name: 'relayState', label: 'State', kind: 'choice', value: 'CLOSED', choices: ['OPEN', 'CLOSED'] }],
  },
  {
    operation: 'c8y_RelayArray',
    title: 'Relays',
    meaning: 'Opens or closes each relay, in their order.',
    fields: [{ name: '', label: 'States', kind: 'list', value: 'OPEN CLOSED', choices: ['OPEN', 'CLOSED'] }],
  },
  {
    operation: 'c8y_Message',
    title: 'Message',
    meaning: 'A text for the display of the device.',
    fields: [text('text', 'Text', 'Hello')],
  },
  {
    operation: 'c8y_DownloadConfigFile',
    title: 'Replace a configuration file',
    meaning: 'The device fetches the file, checks it and puts it in force, or changes nothing.',
    fields: [text('type', 'Type', 'agent'), text('url', 'URL'), text('name', 'Name')],
  },
  {
    operation: 'c8y_UploadConfigFile',
    title: 'Get a configuration file',
    meaning: 'The device attaches the file to an event of its type.',
    fields: [text('type', 'Type', 'agent')],
  },
  {
    operation: 'c8y_LogfileRequest',
    title: 'Log file',
    meaning: 'Has the device upload a piece of its log.',
    fields: [
      text('logFile', 'Log', 'agent'),
      { name: 'dateFrom', label: 'From', kind: 'time', value: '' },
      { name: 'dateTo', label: 'To', kind: 'time', value: '' },
      text('searchText', 'Search'),
      { name: 'maximumLines', label: 'Lines', kind: 'number', value: '100' },
    ],
  },
  {
    operation: 'c8y_ServiceCommand',
    title: 'Service',
    meaning: 'Starts, stops or restarts the service to which it is sent.',
    fields: [
      { name: 'command', label: 'Command', kind: 'choice', value: 'RESTART', choices: ['START', 'STOP', 'RESTART'] },
      text('serviceName', 'Name'),
    ],
  },
  {
    operation: 'c8y_RemoteAccessConnect',
    title: 'Remote access',
    meaning:
      'Connects a host behind the device to the platform; "fractus remote" sends it, with a key of the platform.',
    fields: [
      text('hostname', 'Host'),
      { name: 'port', label: 'Port', kind: 'number', value: '22' },
      text('connectionKey', 'Key'),
    ],
  },
  {
    operation: 'c8y_Network',
    title: 'Network',
    meaning: 'Joins another Wi-Fi network, and keeps it when the platform is reached over it; otherwise it comes back.',
    fields: [text('name', 'Name'), { name: 'password', label: 'Password', kind: 'password', value: '' }],
  },
  {
    operation: 'c8y_Firmware',
    title: 'Firmware',
    meaning: 'Installs another firmware and keeps it when it works.',
    fields: [text('name', 'Name'), text('version', 'Version'), text('url', 'URL')],
    further: ['dependency', 'isPatch'],
  },
  {
    operation: 'c8y_DeviceProfile',
    title: 'Device profile',
    meaning: 'Firmware, software and configuration, one after the other.',
    fields: [
      text('profileName', 'Name'),
      text('profileId', 'Id'),
      {
        name: 'values',
        label: 'Parts (JSON)',
        kind: 'lines',
        value: '{"firmware": {}, "software": [], "configuration": []}',
      },
    ],
  },
  {
    operation: 'c8y_ParameterUpdate',
    title: 'Parameters',
    meaning: 'Changes values of a set that the app has declared, all of them or none.',
    fields: [text('set', 'Set'), { name: 'values', label: 'Values (JSON)', kind: 'lines', value: '{}' }],
  },
  {
    operation: 'c8y_SoftwareUpdate',
    title: 'Software',
    meaning: 'Installs a mod in the one place for it, or deletes it.',
    isList: true,
    fields: [
      text('name', 'Name'),
      text('version', 'Version'),
      text('url', 'URL'),
      { name: 'action', label: 'Action', kind: 'choice', value: 'install', choices: ['install', 'delete'] },
      text('softwareType', 'Type', 'mod'),
      text('sha256', 'SHA-256'),
    ],
  },
];

/** The form of a fragment, named with or without `c8y_`, in any case. */
export function formOf(operation: string): Form | undefined {
  const wanted = operation.toLowerCase();
  return forms.find((each) => [wanted, `c8y_${wanted}`].includes(each.operation.toLowerCase()));
}

/**
 * Converts the typed value of a field into the member of the operation.
 * @throws RangeError that says what is allowed
 */
export function memberOf(field: Field, typed: string): Json {
  const { name, kind, choices = [] } = field;
  if (kind === 'list') {
    const elements = typed.split(/[\s,]+/).filter((each) => each !== '');
    return elements.map((each) => memberOf({ ...field, kind: 'choice', name: 'a list' }, each));
  }
  if (kind === 'choice' && !choices.includes(typed)) {
    throw new RangeError(`${name}: "${typed}" is not allowed; allowed: ${choices.join(', ')}`);
  }
  if (kind === 'number') {
    if (typed.trim() === '' || !Number.isFinite(Number(typed))) throw new RangeError(`${name}: a number expected`);
    return Number(typed);
  }
  if (kind === 'time') {
    const ms = Date.parse(typed);
    if (Number.isNaN(ms)) throw new RangeError(`${name}: a time expected, as 2026-11-29T14:03:22+01:00`);
    return new Date(ms).toISOString();
  }
  return typed;
}

/** The fragment of an operation. Empty fields are left out. @throws RangeError that says what is allowed */
export function fragmentOf({ fields, isList }: Form, typed: Readonly<Record<string, string>>): Json {
  const [only] = fields;
  if (only?.kind === 'list') return memberOf(only, typed[only.name] ?? '');
  const filled = fields.filter(({ name }) => (typed[name] ?? '') !== '');
  const members = Object.fromEntries(filled.map((field) => [field.name, memberOf(field, typed[field.name] ?? '')]));
  return isList === true ? [members] : members;
}

/**
 * The fragments of an operation, which may have others next to its own.
 * @param value value of its own fragment, as typed
 * @throws RangeError that says what is allowed
 */
export function fragmentsOf(operation: string, value: Json): JsonObject {
  if (operation === 'c8y_Network' && isObject(value) && ('name' in value || 'password' in value))
    return { [operation]: { fractus_WiFi: value } };
  const isBeside = operation === 'c8y_DeviceProfile' || operation === 'c8y_ParameterUpdate';
  if (!isBeside || !isObject(value)) return { [operation]: value };
  const { set, profileName, profileId, values = '{}', ...members } = value;
  const given = typeof values === 'string' ? parse(values) : values;
  if (!isObject(given)) throw new RangeError('values: an object of JSON expected, as {"high": 80}');
  const all = { ...given, ...members };
  if (operation === 'c8y_DeviceProfile') {
    const name = profileName === undefined ? {} : { profileName };
    return { ...name, ...(profileId !== undefined && { profileId }), [operation]: all };
  }
  if (set === undefined) return { [operation]: value };
  return { [operation]: {}, [`${operation}_${String(set)}`]: {}, [String(set)]: all };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

const words: Readonly<Record<Field['kind'], string>> = {
  text: 'TEXT',
  password: 'TEXT',
  lines: 'TEXT',
  number: 'NUMBER',
  time: 'TIME',
  choice: '',
  list: '',
};

/** The usage for a command line, for example `relayState=OPEN|CLOSED`, or `OPEN|CLOSED …` of a list. */
export function usageOf({ fields }: Form): string {
  return fields
    .map(({ name, kind, choices }) => {
      const value = choices === undefined ? words[kind] : choices.join('|');
      return kind === 'list' ? `${value} …` : `${name}=${value}`;
    })
    .join(' ');
}
