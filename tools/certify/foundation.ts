// SPDX-License-Identifier: Apache-2.0
/** The requirements for every device, and for its records. */

import { type Document, type Facts, fragment, isText, list } from './facts.ts';
import { absent, documentsOf, type Judgement, met, missed, type Row, shown } from './row.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const SEVERITIES = ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'];
/** Former names of operations; a device that declares them is not certified. */
const FORMER_OPERATIONS = ['c8y_SoftwareList', 'c8y_Software'];
const AREA = 'Foundation';

function textRow(name: string): Row {
  return {
    area: AREA,
    requirement: `${name}: a text`,
    judge: ({ object }) => (isText(object[name]) ? met(object[name]) : missed(`it is ${JSON.stringify(object[name])}`)),
  };
}

/** A fragment with members that are texts. */
function fragmentRow(name: string, members: readonly string[]): Row {
  return {
    area: AREA,
    requirement: members.length === 0 ? name : `${name}: ${members.join(', ')}`,
    judge({ object }) {
      const found = fragment(object, name);
      if (found === undefined) return missed('missing');
      const missing = members.filter((member) => !isText(found[member]));
      if (missing.length > 0) return missed(`no text: ${missing.join(', ')}`);
      return met(members.length === 0 ? 'present' : members.map((member) => found[member]).join(', '));
    },
  };
}

/** All records of a kind fulfil a requirement. @param problem undefined: the record fulfils it */
function recordsRow(
  what: 'measurements' | 'events' | 'alarms',
  requirement: string,
  problem: (record: Document) => string | undefined,
): Row {
  return {
    area: 'Records',
    requirement: `${what}: ${requirement}`,
    judge(facts) {
      const records = facts[what];
      if (records.length === 0) return absent('none');
      const wrong = records.find((record) => problem(record) !== undefined);
      if (wrong !== undefined) return missed(`${what.slice(0, -1)} ${wrong['id']}: ${problem(wrong)}`);
      return met(`${records.length} checked`);
    },
  };
}

function missingOf(record: Document, texts: readonly string[]): string | undefined {
  const missing = texts.find((name) => !isText(record[name]));
  if (missing !== undefined) return `${missing} is missing`;
  return TIME.test(String(record['time'])) ? undefined : `time is ${JSON.stringify(record['time'])}`;
}

/** Whether there is at least one `fragment.series.value`. */
function hasSeries(record: Document): boolean {
  return Object.keys(record).some((name) =>
    Object.values(fragment(record, name) ?? {}).some(
      (series) => typeof (series as Document | null)?.['value'] === 'number',
    ),
  );
}

function judgeOperations({ object }: Facts): Judgement {
  const names = list(object, 'c8y_SupportedOperations');
  const former = names.find((name) => FORMER_OPERATIONS.includes(String(name)));
  if (names.length === 0 || !names.every(isText)) return missed('no list of names');
  if (new Set(names).size < names.length) return missed('a name is listed twice');
  return former === undefined ? met(`${names.length} names`) : missed(`${former} is a former name`);
}

function judgeChildren({ object, children }: Facts): Judgement {
  if (children.length === 0) return absent('no children');
  const wrong = children.find(
    (child) => !isText(child['name']) || !isText(child['type']) || !fragment(child, 'c8y_IsDevice'),
  );
  if (wrong !== undefined) return missed(`child ${wrong['id']}: name, type or c8y_IsDevice is missing`);
  const agent = children.find((child) => child['com_cumulocity_model_Agent'] !== undefined);
  if (agent !== undefined) return missed(`child ${agent['id']} is marked as an agent`);
  const types = list(object, 'c8y_SupportedChildDeviceTypes');
  const unknown = children.find(({ type }) => !types.includes(type));
  if (unknown !== undefined) return missed(`c8y_SupportedChildDeviceTypes does not name ${unknown['type']}`);
  return met(`${children.length} children`);
}

export const foundation: readonly Row[] = [
  textRow('name'),
  textRow('type'),
  fragmentRow('c8y_IsDevice', []),
  fragmentRow('com_cumulocity_model_Agent', []),
  fragmentRow('c8y_Agent', ['name', 'version']),
  fragmentRow('c8y_Hardware', ['model', 'revision', 'serialNumber']),
  fragmentRow('c8y_Firmware', ['name', 'version']),
  {
    area: AREA,
    requirement: 'an external id',
    judge: ({ externalIds: [first] }) => shown(first && `${first['type']} ${first['externalId']}`, 'none'),
  },
  {
    area: AREA,
    requirement: 'at least one measurement, event or alarm',
    judge: ({ measurements, events, alarms }) =>
      measurements.length + events.length + alarms.length > 0
        ? met(`${measurements.length} measurements, ${events.length} events, ${alarms.length} alarms`)
        : missed('none'),
  },
  {
    area: AREA,
    requirement: 'c8y_SupportedOperations: names, each once, no former names',
    judge: judgeOperations,
  },
  {
    area: AREA,
    requirement: 'c8y_RequiredAvailability: responseInterval in minutes',
    judge({ object }) {
      const minutes = fragment(object, 'c8y_RequiredAvailability')?.['responseInterval'];
      return typeof minutes === 'number' ? met(`${minutes} min`) : absent('the platform does not monitor it');
    },
  },
  recordsRow(
    'measurements',
    'type, time, a fragment with series and values',
    (record) => missingOf(record, ['type']) ?? (hasSeries(record) ? undefined : 'no series has a value'),
  ),
  recordsRow('events', 'type, text, time', (record) => missingOf(record, ['type', 'text'])),
  recordsRow('alarms', 'type, text, time, severity, status', (record) => {
    const severity = String(record['severity']);
    return (
      missingOf(record, ['type', 'text', 'status']) ??
      (SEVERITIES.includes(severity) ? undefined : `severity ${severity}`)
    );
  }),
  {
    area: 'Children',
    requirement: 'name, type and c8y_IsDevice of each, and c8y_SupportedChildDeviceTypes of the device',
    judge: judgeChildren,
  },
  {
    area: 'Services',
    requirement: 'name, serviceType and status of each, as child additions of type c8y_Service',
    judge({ services }) {
      if (services.length === 0) return absent('no services');
      const wrong = services.find((each) => !['name', 'serviceType', 'status'].every((name) => isText(each[name])));
      return wrong === undefined
        ? met(`${services.length} services`)
        : missed(`service ${wrong['id']}: a text is missing`);
    },
  },
  {
    area: 'Software',
    requirement: 'c8y_SupportedSoftwareTypes, and the list of software at the service: name, version, softwareType',
    judge({ object, software }) {
      const types = object['c8y_SupportedSoftwareTypes'];
      if (types === undefined) return absent('no advanced software management');
      if (!Array.isArray(types) || types.length === 0 || !types.every(isText)) return missed('no list of types');
      const known = software.filter(({ name, version }) => isText(name) && isText(version));
      const typed = known.find(({ softwareType }) => (types as unknown[]).includes(softwareType));
      if (known.length < software.length || typed === undefined) return missed('no list with one of these types');
      return met(`types ${types.join(', ')}; ${typed['name']} ${typed['version']}`);
    },
  },
  {
    area: 'Records',
    requirement: 'position: lat and lng in c8y_Position of the device, and of an event of type c8y_LocationUpdate',
    judge(facts) {
      const event = facts.events.find(({ type }) => type === 'c8y_LocationUpdate');
      const isIn = (document: Document | undefined) =>
        ['lat', 'lng'].every((name) => typeof fragment(document, 'c8y_Position')?.[name] === 'number');
      if (event === undefined && !documentsOf(facts).some(isIn)) return absent('no position');
      return isIn(event) && isIn(facts.object) ? met(`event ${event?.['id']}`) : missed('one of the two is missing');
    },
  },
  {
    area: AREA,
    requirement: 'c8y_Mobile: imei, iccid or msisdn',
    judge: ({ object }) =>
      object['c8y_Mobile'] === undefined ? absent('no modem') : met(JSON.stringify(object['c8y_Mobile'])),
  },
];
