// SPDX-License-Identifier: Apache-2.0
/** What `fractus certify` sees, and that it sees what is not there. */

import test from 'ava';
import { type Document, type Facts, readFacts } from '../../tools/certify/facts.ts';
import { judgeAll, ROWS } from '../../tools/certify/report.ts';
import { liveAll } from '../../tools/certify/specimen.ts';
import { type OperationRecord, Tenant } from '../../tools/operate/tenant.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../tools/platform/server.ts';
import { TestDevice } from '../support/device.ts';
import { DeviceProcess, FRACTUS } from '../support/device-process.ts';

const PASSWORD = 'the-operator-password';

async function factsOfAll(): Promise<Facts> {
  const { platform, device } = liveAll();
  const { tenant, name } = platform.core.operator;
  const server = await startServer({ platform });
  try {
    return await readFacts(new Tenant(server.url, `${tenant}/${name}:${PASSWORD}`), device.deviceId);
  } finally {
    await server.close();
  }
}

const facts = factsOfAll();

test('a device with all that there is, and a life with each operation: every row that applies is met', async (t) => {
  const judged = judgeAll(await facts);
  t.deepEqual(
    judged.filter(({ result }) => result !== 'met').map(({ row, result }) => [row.requirement, result]),
    [['c8y_Mobile: imei, iccid or msisdn', 'absent']],
  );
  t.is(new Set(ROWS.map(({ requirement }) => requirement)).size, ROWS.length);
});

/** Of the own object one member is another one. */
const withMember =
  (name: string, value: unknown) =>
  (whole: Facts): Facts => ({
    ...whole,
    object: { ...whole.object, [name]: value },
  });
/** The operation of this name has other members. */
const withOperation =
  (name: string, change: (record: OperationRecord) => Document) =>
  (whole: Facts): Facts => ({
    ...whole,
    operations: whole.operations.map((each) => (each[name] === undefined ? each : (change(each) as OperationRecord))),
  });
const without =
  (what: 'externalIds' | 'services', type?: string) =>
  (whole: Facts): Facts => ({
    ...whole,
    [what]: whole[what].map((each) => ({ ...each, status: undefined })).filter(() => type !== undefined),
  });
const withoutEvents =
  (type: string) =>
  (whole: Facts): Facts => ({
    ...whole,
    events: whole.events.filter((each) => each['type'] !== type),
  });
const withRecord =
  (what: 'measurements' | 'events' | 'alarms', record: Document) =>
  (whole: Facts): Facts => ({
    ...whole,
    [what]: [...whole[what], record],
  });

const TIME = '2026-01-04T10:01:01.800Z';
const HARM: Readonly<Record<string, (whole: Facts) => Facts>> = {
  'name: a text': withMember('name', ''),
  'type: a text': withMember('type', 7),
  c8y_IsDevice: withMember('c8y_IsDevice', undefined),
  com_cumulocity_model_Agent: withMember('com_cumulocity_model_Agent', []),
  'c8y_Agent: name, version': withMember('c8y_Agent', { name: 'fractus' }),
  'c8y_Hardware: model, revision, serialNumber': withMember('c8y_Hardware', {
    model: 'm',
    revision: 1,
    serialNumber: 's',
  }),
  'c8y_Firmware: name, version': withMember('c8y_Firmware', {}),
  'an external id': without('externalIds'),
  'at least one measurement, event or alarm': (whole) => ({ ...whole, measurements: [], events: [], alarms: [] }),
  'c8y_SupportedOperations: names, each once, no former names': withMember('c8y_SupportedOperations', [
    'c8y_SoftwareList',
  ]),
  'measurements: type, time, a fragment with series and values': withRecord('measurements', {
    type: 'a',
    time: TIME,
    b: { c: {} },
  }),
  'events: type, text, time': withRecord('events', { type: 'a', text: 'b', time: 'yesterday' }),
  'alarms: type, text, time, severity, status': withRecord('alarms', {
    type: 'a',
    text: 'b',
    time: TIME,
    status: 'ACTIVE',
    severity: 'BAD',
  }),
  'name, type and c8y_IsDevice of each, and c8y_SupportedChildDeviceTypes of the device': withMember(
    'c8y_SupportedChildDeviceTypes',
    ['other'],
  ),
  'name, serviceType and status of each, as child additions of type c8y_Service': without('services', 'all'),
  'position: lat and lng in c8y_Position of the device, and of an event of type c8y_LocationUpdate': withMember(
    'c8y_Position',
    { lat: 51.2 },
  ),
  'c8y_SupportedSoftwareTypes, and the list of software at the service: name, version, softwareType': withMember(
    'c8y_SupportedSoftwareTypes',
    ['yum'],
  ),
  c8y_Configuration: withMember('c8y_Configuration', {}),
  c8y_SendConfiguration: withMember('c8y_Configuration', {}),
  c8y_UploadConfigFile: withMember('c8y_SupportedConfigurations', ['other']),
  c8y_DownloadConfigFile: withMember('c8y_Configuration_agent', { name: 'of today', type: 'agent', time: TIME }),
  c8y_SoftwareUpdate: (whole) => ({ ...whole, software: [{ name: 'cellar' }] }),
  c8y_Firmware: withMember('c8y_Firmware', { name: 'fractus', version: '1.0.0' }),
  c8y_DeviceProfile: withMember('c8y_Profile', { profileName: 'winter', profileId: '7', profileExecuted: false }),
  c8y_LogfileRequest: withoutEvents('c8y_LogfileRequest'),
  c8y_Command: withOperation('c8y_Command', (each) => ({ ...each, c8y_Command: { text: 'status' } })),
  c8y_MeasurementRequestOperation: (whole) => ({ ...whole, measurements: [] }),
  c8y_Relay: withMember('c8y_Relay', { relayState: 'OPEN' }),
  c8y_RelayArray: withMember('c8y_RelayArray', ['OPEN', 'OPEN']),
  c8y_RemoteAccessConnect: withMember('c8y_RemoteAccessList', undefined),
  c8y_Network: withMember('c8y_Network', {}),
  c8y_ServiceCommand: without('services', 'all'),
  c8y_ParameterUpdate: withoutEvents('c8y_ParameterUpdate'),
};

/** Rows that only ask for a good end. */
const ENDS = ['c8y_Restart', 'c8y_Message'];

test('each row is missed when the thing that it asks for is not there', async (t) => {
  const whole = await facts;
  const nameOf = (requirement: string) => (requirement in HARM ? requirement : (requirement.split(':', 1)[0] ?? ''));
  for (const row of ROWS) {
    const name = nameOf(row.requirement);
    const harm = ENDS.includes(name) ? withOperation(name, (each) => ({ ...each, status: 'FAILED' })) : HARM[name];
    if (harm === undefined) {
      t.true(['c8y_Mobile', 'c8y_RequiredAvailability'].includes(name), row.requirement);
      continue;
    }
    t.is(row.judge(harm(whole)).result, 'missed', row.requirement);
  }
});

test('an operation of a child counts for that child only, and so does its data', async (t) => {
  const whole = await facts;
  const [child] = whole.ofChildren as [Facts];
  const results = (changed: Facts, of = '') =>
    judgeAll(changed)
      .filter(({ row, result }) => row.requirement.startsWith(of) && result === 'missed')
      .map(({ row }) => row.requirement.split(': ', 2).join(' '));
  const ofChild = (change: (facts: Facts) => Facts): Facts => ({ ...whole, ofChildren: [change(child)] });
  t.is(judgeAll(whole).filter(({ row }) => row.requirement.startsWith('meter: ')).length, 14);
  // Nothing of the board stands in for what the child has not done.
  t.is(results(ofChild((each) => ({ ...each, operations: whole.operations }))).length, 14);
  t.deepEqual(results({ ...whole, operations: child.operations }, 'c8y_Message'), ['c8y_Message the text is shown']);
  t.deepEqual(results(ofChild(withMember('c8y_Relay', {}))), ['meter c8y_Relay']);
  t.deepEqual(results(ofChild(withoutEvents('c8y_LogfileRequest'))), ['meter c8y_LogfileRequest']);
  t.is(judgeAll({ ...whole, ofChildren: [] }).length, ROWS.length);
});

test('a request of a log that says too little is told what it lacks', async (t) => {
  const row = ROWS.find(({ requirement }) => requirement.startsWith('c8y_LogfileRequest'));
  const short = withOperation('c8y_LogfileRequest', (each) => {
    const { logFile, file, maximumLines } = each['c8y_LogfileRequest'] as Document;
    return { ...each, c8y_LogfileRequest: { logFile, file, maximumLines } };
  });
  const { result, evidence } = row?.judge(short(await facts)) ?? {};
  t.is(result, 'missed');
  t.regex(String(evidence), /^operation \d+ is SUCCESSFUL, but it was sent without dateFrom, dateTo$/);
});

test('a command of a service counts for that service only', async (t) => {
  const whole = await facts;
  const [driver] = whole.services as [Document];
  const other = { ...driver, id: '1', name: 'radio' };
  const row = ROWS.find(({ requirement }) => requirement.startsWith('c8y_ServiceCommand'));
  t.deepEqual(row?.judge({ ...whole, services: [driver, other] }), {
    result: 'missed',
    evidence: 'service radio: declared, but no operation was SUCCESSFUL',
  });
});

test('forms of an operation: without a type, without a url, with the list of software in the inventory', async (t) => {
  const whole = await facts;
  const judge = (name: string, changed: Facts) =>
    ROWS.find(({ requirement }) => requirement.startsWith(`${name}:`))?.judge(changed).result;
  const { c8y_Configuration_agent: file } = whole.object as Readonly<Record<string, Document>>;
  const untyped = (url: unknown) =>
    withOperation('c8y_DownloadConfigFile', (each) => ({ ...each, c8y_DownloadConfigFile: { url } }))(whole);
  t.is(judge('c8y_DownloadConfigFile', untyped(file?.['url'])), 'met');
  t.is(judge('c8y_DownloadConfigFile', untyped('https://elsewhere')), 'missed');
  const dumped = withMember('c8y_ConfigurationDump', { id: '7' })(untyped('https://elsewhere'));
  t.is(judge('c8y_DownloadConfigFile', dumped), 'met');
  const upload = (asked: Document, types: readonly string[]) =>
    withMember(
      'c8y_SupportedConfigurations',
      types,
    )(withOperation('c8y_UploadConfigFile', (each) => ({ ...each, c8y_UploadConfigFile: asked }))(whole));
  t.is(judge('c8y_UploadConfigFile', upload({ type: 'recipe' }, ['agent', 'recipe'])), 'missed', 'another type');
  t.is(judge('c8y_UploadConfigFile', upload({}, ['recipe', 'agent'])), 'met');
  const { url: _url, ...firmware } = whole.object['c8y_Firmware'] as Document;
  t.is(judge('c8y_Firmware', withMember('c8y_Firmware', firmware)(whole)), 'met');
  const standard = withMember('c8y_SupportedSoftwareTypes', undefined)({ ...whole, software: [] });
  t.is(judge('c8y_SoftwareUpdate', standard), 'met');
  t.is(judge('c8y_SoftwareUpdate', withMember('c8y_SoftwareList', [])(standard)), 'missed');
});

test('what a device does not declare does not apply; what it has never done is missed', async (t) => {
  const whole = await facts;
  for (const row of ROWS.filter(({ area }) => area === 'Operations')) {
    const { result } = row.judge({ ...whole, operations: [] });
    t.is(result, 'missed', row.requirement);
    const bare = { ...whole, services: [], object: { ...whole.object, c8y_SupportedOperations: [] } };
    t.is(row.judge(bare).result, 'absent', row.requirement);
  }
});

test('a running device by the command line: what it has not done yet, and what nobody may do', async (t) => {
  const platform = new Platform(machineOptions({ accept: true, operator: { user: 'admin', password: PASSWORD } }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const bootstrapPassword = platform.core.bootstrap.password ?? '';
  const device = new TestDevice(t, {
    runtime: 'node',
    config: { url: server.url, bootstrapPassword, deviceId: 'board-1' },
  });
  await device.hears(/listening for operations/);
  const env = { C8Y_BASEURL: server.url, C8Y_TENANT: platform.core.tenant, C8Y_USER: 'admin', C8Y_PASSWORD: PASSWORD };
  const certify = async (args: string[], changes: Record<string, string> = {}) => {
    const child = new DeviceProcess(t, { command: [...FRACTUS, 'certify'], args, env: { ...env, ...changes } });
    const code = await child.exit();
    t.false(child.output.includes(PASSWORD));
    return { code, output: child.output };
  };
  const looked = await certify(['board-1']);
  t.is(looked.code, 1, looked.output);
  t.regex(looked.output, /met {13}c8y_IsDevice\n/);
  t.regex(looked.output, /MISSED {10}c8y_Restart: .*\n *declared, but no operation was SUCCESSFUL/);
  t.regex(looked.output, /does not apply {2}c8y_Relay: .*\n *not declared/);
  for (const [args, changes, code, text] of [
    [[], {}, 2, /DEVICE: missing, or more than one; allowed: one/],
    [['a', 'b'], {}, 2, /DEVICE: missing, or more than one; allowed: one/],
    [['nobody'], {}, 1, /there is no device "nobody"/],
    [['board-1'], { C8Y_PASSWORD: 'wrong' }, 1, /HTTP 401/],
  ] as const) {
    const { code: exit, output } = await certify([...args], changes);
    t.is(exit, code, output);
    t.regex(output, text);
  }
});
