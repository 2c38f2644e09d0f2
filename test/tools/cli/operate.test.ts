// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { firmwareFile } from '../../../tools/moddable/firmware/firmware-file.ts';
import { fragmentOf } from '../../../tools/operate/words.ts';
import type { Json } from '../../../tools/platform/model.ts';
import { createObject, findDevice } from '../../../tools/platform/operator.ts';
import { Platform } from '../../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../../tools/platform/server.ts';
import { fragmentsOf } from '../../../tools/platform/stream/forms.ts';
import { TestDevice } from '../../support/device.ts';
import { DeviceProcess, FRACTUS, FRACTUS_OF_USERS } from '../../support/device-process.ts';
import { archive } from '../../support/mod-archives.ts';
import { until } from '../../support/until.ts';

const PASSWORD = 'the-operator-password';

/** A tenant, and how an operator of it runs the command. */
async function start(t: ExecutionContext, { tls = false } = {}) {
  const operator = { user: 'admin', password: PASSWORD };
  const platform = new Platform(machineOptions({ accept: true, operator }));
  const server = await startServer({ platform, tls });
  t.teardown(() => server.close());
  const env = { C8Y_BASEURL: server.url, C8Y_TENANT: platform.core.tenant, C8Y_USER: 'admin', C8Y_PASSWORD: PASSWORD };
  return {
    platform,
    server,
    async operate(args: string[], changes: Record<string, string> = {}) {
      const child = new DeviceProcess(t, { command: [...FRACTUS, 'operate'], args, env: { ...env, ...changes } });
      const code = await child.exit();
      t.false(child.output.includes(PASSWORD));
      return { code, output: child.output };
    },
  };
}

test('an operation of a running device: each status, the result, the reason', async (t) => {
  const { platform, server, operate } = await start(t);
  const bootstrapPassword = platform.core.bootstrap.password ?? '';
  const device = new TestDevice(t, {
    runtime: 'node',
    config: { url: server.url, bootstrapPassword, deviceId: 'board-1' },
  });
  await device.hears(/listening for operations/);
  const supported = await operate(['board-1']);
  t.is(supported.code, 0, supported.output);
  t.regex(supported.output, /^ {2}c8y_Restart\n {6}The operation is written down before/m);
  t.regex(supported.output, /^ {2}c8y_Command text=TEXT\n {6}A line for the shell/m);
  const help = await operate(['board-1', 'command', 'text=help']);
  t.is(help.code, 0, help.output);
  t.regex(help.output, /SUCCESSFUL\n[\s\S]*status: state of the device/);
  const failed = await operate(['c8y_Serial:board-1', 'c8y_Command', '{"text": "make coffee"}']);
  t.is(failed.code, 1);
  t.regex(failed.output, /FAILED\n[\s\S]*unknown command "make"/);
  const unknown = await operate([findDevice(platform, 'board-1')?.id ?? '', 'c8y_Relay', 'relayState=OPEN']);
  t.is(unknown.code, 2);
  t.regex(unknown.output, /not supported by the device; supported: c8y_Restart/);
});

test('a mod is uploaded, with its digest; another file is not', async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-operate-'));
  const [good, bad] = [path.join(directory, 'cellar.xsa'), path.join(directory, 'bad.xsa')];
  const bytes = archive(300);
  writeFileSync(good, bytes);
  writeFileSync(bad, 'no archive');
  const uploads: string[] = [];
  const upload = (_content: Uint8Array, file: string) => {
    uploads.push(file);
    return Promise.resolve('https://t.example/1');
  };
  const read = (...words: string[]) => fragmentOf('c8y_SoftwareUpdate', words, upload);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  t.deepEqual(await read(`file=${good}`, 'version=1.0'), [
    { action: 'install', name: 'cellar', softwareType: 'mod', sha256, url: 'https://t.example/1', version: '1.0' },
  ]);
  t.deepEqual(await read('name=cellar', 'action=delete'), [{ name: 'cellar', action: 'delete' }]);
  await t.throwsAsync(read('name=cellar', 'action=erase'), { message: /action: "erase" is not allowed/ });
  await t.throwsAsync(read(`file=${bad}`), { message: /is not an archive of mcrun/ });
  t.deepEqual(uploads, ['cellar.xsa']);
});

test('parameters stand beside the operation, under the name of their set', async (t) => {
  const read = async (...words: string[]) =>
    fragmentsOf(
      'c8y_ParameterUpdate',
      (await fragmentOf('c8y_ParameterUpdate', words, () => Promise.reject())) as Json,
    );
  const expected = { c8y_ParameterUpdate: {}, c8y_ParameterUpdate_acme_L: {}, acme_L: { high: 80, on: true } };
  t.deepEqual(await read('set=acme_L', 'high=80', 'on=true'), expected);
  t.deepEqual(await read('set=acme_L', 'values={"high": 80, "on": true}'), expected);
  t.deepEqual(await read('{"set": "acme_L", "values": {"high": 80, "on": true}}'), expected);
  t.deepEqual(await read('{}'), { c8y_ParameterUpdate: {} });
  for (const values of ['[]', '{', '5']) {
    await t.throwsAsync(read('set=acme_L', `values=${values}`), { message: /values: an object of JSON expected/ });
  }
});

test('name and id of a profile stand beside it', async (t) => {
  const read = async (...words: string[]) =>
    fragmentsOf('c8y_DeviceProfile', (await fragmentOf('c8y_DeviceProfile', words, () => Promise.reject())) as Json);
  const configuration = [{ type: 'agent', url: 'https://t.example/1' }];
  const expected = { profileName: 'winter', profileId: '7', c8y_DeviceProfile: { configuration } };
  t.deepEqual(await read('profileName=winter', 'profileId=7', `values=${JSON.stringify({ configuration })}`), expected);
  t.deepEqual(await read(JSON.stringify({ profileName: 'winter', profileId: '7', configuration })), expected);
  await t.throwsAsync(read('profileName=winter', 'values=5'), { message: /values: an object of JSON expected/ });
});

test('a network is what a fragment of the operation holds', async (t) => {
  const read = async (...words: string[]) =>
    fragmentsOf('c8y_Network', (await fragmentOf('c8y_Network', words, () => Promise.reject())) as Json);
  const fractus_WiFi = { name: 'Barn', password: '12345678' };
  t.deepEqual(await read('name=Barn', 'password=12345678'), { c8y_Network: { fractus_WiFi } });
  t.deepEqual(await read('name=Square'), { c8y_Network: { fractus_WiFi: { name: 'Square' } } });
  t.deepEqual(await read(JSON.stringify({ fractus_WiFi })), { c8y_Network: { fractus_WiFi } });
  t.deepEqual(await read('{"c8y_LAN": {"enabled": 1}}'), { c8y_Network: { c8y_LAN: { enabled: 1 } } });
});

test('members are what the description of their operation says, which the forms of the page are made from as well', async (t) => {
  const upload = () => Promise.reject(new Error('nothing is uploaded'));
  const read = (name: string, ...words: string[]) => fragmentOf(name, words, upload);
  t.deepEqual(await read('c8y_Command', 'text=42'), { text: '42' });
  t.deepEqual(await read('c8y_LogfileRequest', 'maximumLines=42', 'dateFrom=2026-11-29T14:00:00+01:00'), {
    maximumLines: 42,
    dateFrom: '2026-11-29T13:00:00.000Z',
  });
  for (const words of [['OPEN', 'CLOSED'], ['OPEN,CLOSED'], ['["OPEN", "CLOSED"]']]) {
    t.deepEqual(await read('c8y_RelayArray', ...words), ['OPEN', 'CLOSED']);
  }
  t.deepEqual(await read('c8y_Other', 'count=42', 'text=x'), { count: 42, text: 'x' });
  for (const [words, message] of [
    [['c8y_Relay', 'relayState=HALF'], /relayState: "HALF" is not allowed; allowed: OPEN, CLOSED/],
    [['c8y_RelayArray', 'HALF'], /a list: "HALF" is not allowed; allowed: OPEN, CLOSED/],
    [['c8y_LogfileRequest', 'maximumLines=many'], /maximumLines: a number expected/],
    [['c8y_LogfileRequest', 'dateTo=soon'], /dateTo: a time expected/],
  ] as const) {
    const [name, word] = words;
    await t.throwsAsync(read(name, word), { message });
  }
});

test('a firmware is uploaded, and ordered by the name and version in its head', async (t) => {
  const { platform, operate } = await start(t);
  const { id } = createObject(platform, {
    c8y_IsDevice: {},
    com_cumulocity_model_Agent: {},
    c8y_SupportedOperations: ['c8y_Firmware'],
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-operate-'));
  const file = path.join(folder, 'weather.fractus');
  const image = Uint8Array.of(0xe9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 1, 2, 3);
  const content = firmwareFile(image, { name: 'weather', version: '2.0.0' });
  writeFileSync(file, content);
  const { code, output } = await operate(['--timeout', '1', id, 'firmware', `file=${file}`]);
  t.is(code, 1);
  t.regex(output, /not ended within 1 s; the device continues with it/);
  const [operation] = [...platform.core.operations.values()];
  const { name, version, url } = (operation?.fragments['c8y_Firmware'] ?? {}) as Record<string, string>;
  t.deepEqual([name, version], ['weather', '2.0.0']);
  const binary = platform.core.objects.get(url?.split('/').pop() ?? '')?.binary;
  t.deepEqual(Buffer.from(binary?.bytes ?? []), content);
});

test('an impossible operation gets a reason, and nothing is sent', async (t) => {
  const { platform, operate } = await start(t);
  const { id } = createObject(platform, {
    c8y_IsDevice: {},
    com_cumulocity_model_Agent: {},
    c8y_SupportedOperations: ['c8y_Command', 'c8y_Firmware'],
  });
  const cases: [string[], Record<string, string>, number, RegExp][] = [
    [[], {}, 2, /DEVICE: missing/],
    [[id, '--bogus'], {}, 2, /bogus/],
    [[id, '--timeout', 'soon'], {}, 2, /--timeout: "soon" is not allowed/],
    [[id], { C8Y_BASEURL: '' }, 2, /C8Y_BASEURL: missing/],
    [[id], { C8Y_BASEURL: 'nowhere' }, 2, /C8Y_BASEURL: "nowhere" is not allowed; allowed: the root/],
    [['--url', 'https://a:b@c', id], {}, 2, /--url: is not allowed; allowed: the root/],
    [[id], { C8Y_PASSWORD: 'wrong' }, 1, /HTTP 401/],
    [[id], { C8Y_BASEURL: 'http://127.0.0.1:2' }, 1, /ECONNREFUSED|bad port/],
    [['nobody'], {}, 1, /there is no device "nobody"/],
    [['4711'], {}, 1, /there is no device "4711"/],
    [[id, 'command', 'help'], {}, 2, /"help" is not allowed; allowed: KEY=VALUE/],
    [[id, 'command', '{oops'], {}, 2, /\{oops is not JSON/],
    [[id, 'command', 'text=a', 'text=b'], {}, 2, /text: given twice; allowed: each member once/],
    [[id, 'firmware', 'file=/'], {}, 2, /file: \/: a folder; allowed: a file/],
    [[id, 'command', 'txt=help'], {}, 2, /c8y_Command has no member "txt"; allowed: text, deliveryType; or one JSON/],
    [[id, 'relay', 'relayState=OPEN'], {}, 2, /relay: not supported by the device; supported: c8y_Command/],
    [[id, 'firmware', 'file=/nowhere'], {}, 2, /file: \/nowhere: there is no such file/],
    [[id, 'firmware', `file=${FRACTUS_OF_USERS[0]}`], {}, 2, /is not a firmware/],
  ];
  for (const [args, changes, expected, text] of cases) {
    const { code, output } = await operate(args, changes);
    t.is(code, expected, `${args}: ${output}`);
    t.regex(output, text);
  }
  t.is(platform.core.operations.size, 0);
});

test('errors that do not depend on the device are reported without a platform', async (t) => {
  const { operate } = await start(t);
  const nobody = { C8Y_BASEURL: 'http://127.0.0.1:2' };
  for (const [words, text] of [
    [['command', '{oops'], /\{oops is not JSON/],
    [['acme_Fill', '{oops'], /\{oops is not JSON/],
    [['acme_Fill', 'liters'], /"liters" is not allowed; allowed: KEY=VALUE/],
    [['command', 'txt=help'], /c8y_Command has no member "txt"; .*; did you mean text\?/],
    [['relay', 'relayState=OPNE'], /relayState: "OPNE" is not allowed; allowed: OPEN, CLOSED; did you mean OPEN\?/],
    [['firmware', 'file=/nowhere'], /file: \/nowhere: there is no such file/],
    [['c8y_ParameterUpdate', 'set=acme_L', 'values=['], /values: an object of JSON expected/],
  ] as const) {
    const { code, output } = await operate(['board-1', ...words], nobody);
    t.is(code, 2, output);
    t.regex(output, text);
  }
});

test('a tenant with a CA of its own: the error tells how to trust it', async (t) => {
  const { operate, server } = await start(t, { tls: true });
  const refused = await operate(['board-1']);
  t.is(refused.code, 1);
  t.regex(refused.output, /certificate.*; a CA of its own: set NODE_EXTRA_CA_CERTS to its file/);
  const ca = path.join(mkdtempSync(path.join(tmpdir(), 'fractus-operate-')), 'ca.pem');
  writeFileSync(ca, server.authority ?? '');
  t.regex((await operate(['board-1'], { NODE_EXTRA_CA_CERTS: ca })).output, /there is no device "board-1"/);
});

test('an operation that somebody else ends is told as it is', async (t) => {
  const { platform, operate } = await start(t);
  const { id } = createObject(platform, {
    c8y_IsDevice: {},
    com_cumulocity_model_Agent: {},
    c8y_SupportedOperations: ['c8y_Command'],
  });
  const running = operate([id, 'command', 'text="5"']);
  await until(() => platform.core.operations.size > 0, 'no operation comes');
  const [operation] = [...platform.core.operations.values()];
  t.deepEqual(operation?.fragments['c8y_Command'], { text: '5' });
  if (operation !== undefined) Object.assign(operation, { status: 'FAILED', failureReason: 'no coffee' });
  const { code, output } = await running;
  t.is(code, 1);
  t.regex(output, /no coffee/);
});

test('a log is downloaded and printed, also by another name of the platform; nobody else is asked', async (t) => {
  const { platform, server, operate } = await start(t);
  const { id } = createObject(platform, {
    c8y_IsDevice: {},
    com_cumulocity_model_Agent: {},
    c8y_SupportedOperations: ['c8y_LogfileRequest'],
  });
  const event = platform.core.events.keep({
    id: platform.core.nextId(),
    sourceId: id,
    creationTimeMs: 0,
    lastUpdatedMs: 0,
    timeMs: 0,
    fragments: { type: 'c8y_LogfileRequest' },
    attachments: 1,
    binary: { bytes: Buffer.from('# agent: 1 lines\nthe line\n'), mediaType: 'text/plain', name: 'agent.log' },
  });
  const cases: [string, number, RegExp][] = [
    [`${server.url}/event/events/${event.id}/binaries`, 0, /SUCCESSFUL\n# agent: 1 lines\nthe line\n$/],
    [`https://t1000.example.com/event/events/${event.id}/binaries`, 0, /\nthe line\n$/],
    [`${server.url}/event/events/4711/binaries`, 1, /\/event\/events\/4711\/binaries: HTTP 404/],
    ['https://files.example/agent.log', 1, /the result is at https:\/\/files\.example\/agent\.log/],
  ];
  for (const [file, expected, text] of cases) {
    const before = platform.core.operations.size;
    const running = operate([id, 'logfilerequest', 'logFile=agent', 'maximumLines=5']);
    await until(() => platform.core.operations.size > before, 'no operation comes');
    const operation = [...platform.core.operations.values()].at(-1);
    t.deepEqual(operation?.fragments['c8y_LogfileRequest'], { logFile: 'agent', maximumLines: 5 });
    const c8y_LogfileRequest = { logFile: 'agent', maximumLines: 5, file };
    if (operation !== undefined) Object.assign(operation, { status: 'SUCCESSFUL', fragments: { c8y_LogfileRequest } });
    const { code, output } = await running;
    t.is(code, expected, output);
    t.regex(output, text);
  }
});
