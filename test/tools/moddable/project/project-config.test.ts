// SPDX-License-Identifier: Apache-2.0
/** A project's configuration: put together as mcconfig does, and checked where it stands. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { readDeviceArguments } from '../../../../tools/device/device-arguments.ts';
import { readBehaviour } from '../../../../tools/device/project-keys.ts';
import { partsOf } from '../../../../tools/moddable/project/composition.ts';
import { checkProjectConfig, projectConfig } from '../../../../tools/moddable/project/project-config.ts';
import { ROOT } from '../../../../tools/places.ts';
import { createAuthority } from '../../../../tools/platform/certificates.ts';

const root = mkdtempSync(path.join(tmpdir(), 'fractus-project-config-'));
test.after.always(() => rmSync(root, { recursive: true }));
let count = 0;

/** A directory with these manifests, the project's own among them. */
function project(manifests: Readonly<Record<string, unknown>>): string {
  const directory = path.join(root, String(count++));
  for (const [name, manifest] of Object.entries(manifests)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  }
  return directory;
}

const layered = project({
  'manifest.json': {
    include: ['./build/fractus/manifest.json', '$(MODDABLE)/examples/manifest_base.json', './common/manifest.json'],
    config: {
      type: 'acme_Project',
      measurementInterval: 300,
      acme_own: { deep: true },
      sntp: 'pool.ntp.org',
      name: '',
    },
    platforms: {
      esp32: { config: { startSpread: '30', led: '2' }, include: './board/manifest.json' },
      'esp32/nodemcu': { config: { startSpread: '31' } },
      '*/qtpyc3': { config: { queueSize: 32 } },
      lin: { config: { sendInterval: '9' } },
      '...': { config: { sendInterval: '7' } },
    },
  },
  'common/manifest.json': {
    include: '../deep.json',
    config: { type: 'acme_Common', url: 'https://example.com', sendChain: true, name: 'common' },
  },
  'deep.json': { include: './common/manifest.json', config: { url: 'https://deep.example', operationTimeout: 20 } },
  'board/manifest.json': { config: { pollTimeout: '60', type: 'acme_Board' } },
});

const common = {
  operationTimeout: '20',
  url: 'https://example.com',
  sendChain: 'yes',
  type: 'acme_Project',
  measurementInterval: '300',
};

test('what includes goes before what is included, a platform before all, the nearest one alone', (t) => {
  t.deepEqual(projectConfig(layered, 'esp32'), { ...common, pollTimeout: '60', startSpread: '30', led: '2' });
  t.deepEqual(projectConfig(layered, 'esp32/nodemcu'), { ...common, startSpread: '31' });
  t.deepEqual(projectConfig(layered, 'esp32/c3/qtpyc3'), { ...common, queueSize: '32' });
  t.deepEqual(projectConfig(layered, 'lin'), { ...common, sendInterval: '9' });
  t.deepEqual(projectConfig(layered, 'mac'), { ...common, sendInterval: '7' });
});

const refused: Readonly<Record<string, [Readonly<Record<string, unknown>>, RegExp]>> = {
  'a misspelt key': [
    { 'manifest.json': { config: { measurementIntervall: '5' } } },
    /manifest\.json: config: there is no key measurementIntervall/,
  ],
  'a value that is not allowed': [
    { 'manifest.json': { config: { measurementInterval: 0 } } },
    /manifest\.json: config: measurementInterval: "0" is not allowed; allowed: a whole number from 1 to 86400/,
  ],
  'a value of another kind': [
    { 'manifest.json': { config: { url: ['https://a.example'] } } },
    /manifest\.json: config: url: not a text, number, true or false/,
  ],
  'one of a platform that is not built': [
    { 'manifest.json': { platforms: { 'esp32/c3': { config: { led: 'blue' } } } } },
    /manifest\.json: platforms\.esp32\/c3\.config: led: "blue" is not allowed/,
  ],
  'one in what is included': [
    { 'manifest.json': { include: ['./more/extra.json'] }, 'more/extra.json': { config: { connections: 3 } } },
    /more\/extra\.json: config: connections: "3" is not allowed; allowed: 1 or 2/,
  ],
  'what is not there': [
    { 'manifest.json': { include: './more.json' } },
    /manifest\.json: include: there is no \.\/more\.json/,
  ],
  'no JSON': [{ 'manifest.json': '{"config": ' }, /manifest\.json is not JSON/],
  'no manifest': [{ 'other.json': {} }, /there is no .*manifest\.json/],
};
for (const [what, [manifests, message]] of Object.entries(refused)) {
  test(`${what}: the message names file and key`, (t) => {
    const directory = project(manifests);
    t.throws(() => checkProjectConfig(directory), { message });
    t.throws(() => readDeviceArguments(['--manifest', directory, 'url=https://a.example']), { message });
  });
}

test('a secret is not shown', (t) => {
  const directory = project({ 'manifest.json': { config: { bootstrapPassword: 'hunter2\n' } } });
  const { message = '' } = t.throws(() => checkProjectConfig(directory)) ?? {};
  t.regex(message, /bootstrapPassword: that value \(a secret, not shown\) is not allowed/);
  t.false(message.includes('hunter2'));
});

test('a device on the desk has the keys of the agent; those given on the command line go before', (t) => {
  const read = readDeviceArguments(['--manifest', layered, 'measurementInterval=2', 'bootstrapPassword=x']);
  t.deepEqual({ ...read.config }, { ...common, sendInterval: '9', measurementInterval: '2', bootstrapPassword: 'x' });
});

test('a show has its own way in, and several boards are not one device', (t) => {
  const directory = project({
    'manifest.json': {
      config: { url: 'https://a.example', auth: 'certificate', deviceId: 'd', externalId: 'e', type: 't' },
    },
  });
  t.deepEqual(readBehaviour(directory, 1), { deviceId: 'd', externalId: 'e', type: 't' });
  t.deepEqual(readBehaviour(directory, 2), { type: 't' });
  t.deepEqual(readBehaviour(undefined, 1), {});
});

test('a resource of the board is a file of the project', async (t) => {
  const { certificate } = await createAuthority('Platform');
  const directory = project({
    'manifest.json': { data: { '*': './trust/*' }, config: { url: 'https://a.example', ca: 'own.pem' } },
    'trust/own.pem': certificate,
  });
  const read = readDeviceArguments(['--manifest', directory]);
  t.is(read.config['ca'], 'ca');
  t.is(Buffer.from(read.resources['ca'] ?? []).toString(), certificate);
});

test('a key needs its part: what the main module starts with, where that is known', async (t) => {
  const manifest = { config: { progressTimeout: '300' } };
  for (const [main, needs] of [
    ['startWith(() => {}, { capabilities: [], parts: [] })', true],
    ['startWith(() => {}, { capabilities: [], parts: [escalation] })', false],
    ['startWith(() => {}, { capabilities: [], parts: PARTS })', false],
    ['start(() => {})', false],
  ] as const) {
    const directory = project({
      'manifest.json': manifest,
      'main.ts': `import { ${main.slice(0, main.indexOf('('))} } from 'fractus/board';
import { ${main.includes('PARTS') ? 'PARTS' : 'escalation, flashQueue'} } from 'fractus/parts';
export default () => ${main};`,
    });
    const check = async () => checkProjectConfig(directory, undefined, await partsOf(directory));
    if (needs) await t.throwsAsync(check, { message: /progressTimeout: "300" needs the part escalation/ });
    else await t.notThrowsAsync(check);
  }
});

test('a light of the SDK, and the manifest of this package with it, are none of our keys', (t) => {
  const directory = project({ 'manifest.json': { config: { led: { rainbow: false }, type: 'acme_Lamp' } } });
  t.deepEqual(projectConfig(directory, 'esp32'), { type: 'acme_Lamp' });
  t.notThrows(() => checkProjectConfig(ROOT));
  const wrong = project({ 'manifest.json': { config: { startSpread: {} } } });
  t.throws(() => checkProjectConfig(wrong), { message: /startSpread: not a text, number, true or false/ });
});
