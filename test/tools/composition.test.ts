// SPDX-License-Identifier: Apache-2.0
/** What an author has not chosen is not in the firmware. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'acorn';
import test from 'ava';
import * as parts from '../../src/agent/parts/index.ts';
import * as choices from '../../src/capabilities/index.ts';
import { findApp } from '../../tools/author/app.ts';
import { CHOICES, composed, PART_CHOICES, PROFILES, USUAL } from '../../tools/bench/composition.ts';
import { buildBundle } from '../../tools/build.ts';
import { internalNames } from '../../tools/lean/internal-names.ts';
import { buildForModdable } from '../../tools/moddable/bundle.ts';
import { THOROUGH } from '../support/thorough.ts';

/** A text that nothing but the capability has. */
const MARKS: Readonly<Record<(typeof CHOICES)[number], string>> = {
  restart: 'the device did not restart',
  configuration: 'allowed: key=value lines',
  sendConfiguration: 'c8y_SendConfiguration',
  measurementRequest: 'c8y_MeasurementRequestOperation',
  command: 'try the command help',
  firmware: 'this device takes whole images only',
  attachments: 'its text has 1 to 500 characters',
  signedFirmware: 'the firmware is not signed',
  onlyNewer: 'this device takes no older firmware',
  relay: 'relayState: allowed',
  relayArray: 'c8y_RelayArray: allowed',
  message: 'text: missing or not a text',
  network: 'this device has no mobile network',
  agentConfiguration: 'the file is not UTF-8 text',
  configurationFiles: 'c8y_DownloadConfigFile',
  logs: 'no crash is in the log',
  software: 'there is one place for software',
  parameters: 'nor can the former ones be applied',
  parameterSet: 'a set has at least one',
  deviceProfile: 'the profile is empty',
  shell: 'latest value of each sensor',
  remoteAccess: 'one session at a time',
  services: 'c8y_SupportedServiceCommands',
  enrolment: 'or its one-time password is wrong',
  childFirmware: 'installed: it must return name and version',
  childSoftware: 'installed: it must return a list',
  logFiles: 'it must return a text or a source',
  agentServices: 's after the restart',
};

/** What nothing but the part has, minified or not. */
const PART_MARKS: Readonly<Record<(typeof PART_CHOICES)[number], RegExp>> = {
  certificate: /no trusted CA of the tenant/,
  children: /declared twice/,
  escalation: /no answer for long: the link is reset/,
  // Places in its RAM.
  flashQueue: /\b(?:2 \*\* 52|4503599627370496|0x10000000000000)\b/,
  safeMode: /fractus_SafeMode/,
};

function marksIn(code: string): string[] {
  return CHOICES.filter((name) => code.includes(MARKS[name]));
}

function partsIn(code: string): string[] {
  return PART_CHOICES.filter((name) => PART_MARKS[name].test(code));
}

function project(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-composition-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
  return directory;
}

/** What a module exports, or imports of others, by name. */
function namesIn(code: string, kind: 'ExportNamedDeclaration' | 'ImportDeclaration', from: RegExp): string[] {
  return parse(code, { ecmaVersion: 'latest', sourceType: 'module' }).body.flatMap((node) => {
    if (node.type !== kind || !from.test(String(node.source?.value ?? ''))) return [];
    return node.specifiers.flatMap((each) => {
      const name = 'imported' in each ? each.imported : 'exported' in each ? each.exported : undefined;
      return name !== undefined && 'name' in name ? [name.name] : [];
    });
  });
}

test('there are as many choices as the module has', (t) => {
  const names = Object.keys(choices).filter((name) => name !== 'CAPABILITIES');
  t.deepEqual(names.sort(), [...CHOICES].sort());
  t.deepEqual(Object.keys(parts).sort(), ['PARTS', ...PART_CHOICES].sort());
  t.deepEqual(
    parts.PARTS.flatMap((part) => Object.keys(part)).sort(),
    [...PART_CHOICES].sort(),
    'they are called alike',
  );
});

test('what an app gives to the agent, and parts to the SDK, has its names on a board, where each is bundled apart', (t) => {
  const { members } = internalNames();
  const given = ['type', 'text', 'fileName', 'mediaType', 'source', 'open', 'read', 'isAgain', 'onEnd', 'send'];
  const toChildren = ['installed', 'install', 'remove', 'begin', 'write', 'end', 'abort', 'version', 'url'];
  const ofKeys = ['name', 'kind', 'value', 'least', 'most', 'choices', 'unit', 'runtime', 'secret', 'meaning'];
  const toPins = ['pin', 'hz', 'mode', 'initialValue', 'receive', 'transmit', 'port', 'baud', 'format'];
  t.deepEqual(
    [...given, ...toChildren, ...ofKeys, ...toPins].filter((name) => members.has(name)),
    [],
  );
});

test.serial('a bundle has what is chosen, and nothing else', async (t) => {
  const all = await composed(PROFILES.full);
  const few = await composed({ capabilities: ['restart'], parts: [] });
  t.deepEqual(marksIn(all), [...CHOICES]);
  t.deepEqual(marksIn(few), ['restart']);
  t.deepEqual(partsIn(all), [...PART_CHOICES]);
  t.deepEqual(partsIn(few), []);
  for (const part of THOROUGH ? PART_CHOICES : PART_CHOICES.slice(0, 1))
    t.deepEqual(partsIn(await composed({ capabilities: [], parts: [part] })), [part]);
  t.false(few.includes('If-Range'), 'no downloads without who needs them');
  t.true(few.length < all.length - 5000, `${few.length} of ${all.length}`);
});

test.serial('an app on the desk brings its choice along', async (t) => {
  const directory = project({
    'package.json': '{ "name": "chosen", "version": "1.0.0", "type": "module" }',
    'app.ts': `import type { App } from 'fractus';
import { restart } from 'fractus/capabilities';
export const capabilities = [restart];
export const app: App = () => {};`,
    'few.ts': `import { flashQueue } from 'fractus/parts';
export const parts = [flashQueue];
export const app = () => {};`,
    'bare.ts': 'export const parts = []; export const app = () => {};',
    'usual.ts': 'export const app = () => {};',
  });
  const apps = [
    ['app.ts', ['restart'], PART_CHOICES],
    ['few.ts', USUAL, ['flashQueue']],
    ['bare.ts', USUAL, []],
    ['usual.ts', USUAL, PART_CHOICES],
  ] as const;
  for (const [file, expected, withParts] of THOROUGH ? apps : apps.slice(0, 2)) {
    const app = await findApp(path.join(directory, file));
    const { path: bundle } = await buildBundle({
      entry: 'hal/xs/main.ts',
      outfile: path.join(directory, `${file}.js`),
      app,
    });
    const code = readFileSync(bundle, 'utf8');
    t.deepEqual(marksIn(code), [...expected], file);
    t.deepEqual(partsIn(code), [...withParts], file);
  }
});

const BOARDS = [
  ['start', "import { start } from 'fractus/board';\nexport default () => start(() => {});", USUAL, PART_CHOICES],
  [
    'startWith and two',
    `import { startWith } from 'fractus/board';
import { configuration, restart } from 'fractus/capabilities';
export default () => startWith(() => {}, { capabilities: [restart, configuration], parts: [] });`,
    ['restart', 'configuration'],
    [],
  ],
  [
    'startWith and signed firmware',
    `import { startWith } from 'fractus/board';
import { signedFirmware } from 'fractus/capabilities';
export default () => startWith(() => {}, { capabilities: [signedFirmware('B…')], parts: [] });`,
    ['firmware', 'signedFirmware'],
    [],
  ],
  [
    'the same from two sources',
    `import { startWith } from 'fractus/board';
import { restart } from 'fractus/capabilities';
import { app } from './app.ts';
export default () => startWith(app, { capabilities: [restart], parts: [] });`,
    ['restart'],
    [],
  ],
  [
    'startWith and none',
    "import { startWith } from 'fractus/board';\nexport default () => startWith(() => {}, { capabilities: [], parts: [] });",
    [],
    [],
  ],
  [
    'startWith and a part',
    `import { startWith } from 'fractus/board';
import { flashQueue } from 'fractus/parts';
export default () => startWith(() => {}, { capabilities: [], parts: [flashQueue] });`,
    [],
    ['flashQueue'],
  ],
  [
    'startWith and all parts',
    `import { startWith } from 'fractus/board';
import { PARTS } from 'fractus/parts';
export default () => startWith(() => {}, { capabilities: [], parts: PARTS });`,
    [],
    PART_CHOICES,
  ],
  [
    'all of the board',
    `import * as board from 'fractus/board';
export default () => board.start(() => {});`,
    CHOICES,
    PART_CHOICES,
  ],
  [
    'startWith and all there are',
    `import { startWith } from 'fractus/board';
import * as all from 'fractus/capabilities';
export default () => startWith(() => {}, { capabilities: [all.restart], parts: [] });`,
    CHOICES,
    [],
  ],
] as const;

for (const [i, [what, main, expected, withParts]] of BOARDS.entries()) {
  if (!THOROUGH && i % 4 !== 1) continue;
  test.serial(`the modules of a project's board have what its main module imports: ${what}`, async (t) => {
    const directory = project({
      'package.json': '{ "name": "chosen", "version": "1.0.0", "type": "module" }',
      'manifest.json': '{}',
      'main.ts': main,
      'app.ts': `import { restart } from 'fractus/capabilities';
export const app = () => void restart;`,
    });
    const built = await buildForModdable(directory);
    const code = readFileSync(path.join(built.directory, 'board.js'), 'utf8');
    t.deepEqual(marksIn(code), [...expected]);
    t.deepEqual(partsIn(code), [...withParts]);
    for (const name of expected.length < CHOICES.length ? expected : []) t.regex(code, new RegExp(`\\b${name}\\b`));
    const given = namesIn(code, 'ExportNamedDeclaration', /^/);
    for (const other of ['main', 'fractus', 'capabilities']) {
      const module = readFileSync(path.join(built.directory, `${other}.js`), 'utf8');
      for (const name of namesIn(module, 'ImportDeclaration', /fractus\/board$/))
        t.true(given.includes(name), `${other}: ${name}`);
    }
  });
}
