// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { eventsOf, findDevice, startEmulator } from 'fractus/emulator';
import { testOnRuntimes } from '../../../support/device.ts';
import { DeviceProcess } from '../../../support/device-process.ts';
import { THOROUGH } from '../../../support/thorough.ts';
import { until } from '../../../support/until.ts';

const emulator = await startEmulator();
test.after.always(() => emulator.close());

const HELLO = /listening for operations/;

/** Somebody's project, with an app that says in an event what it is. */
function createProject() {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-app-'));
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'greenhouse', version: '2.1.0' }));
  const write = (word: string, name = 'app.ts') => {
    const text = `import type { App } from 'fractus';
import { word } from './word.ts';
export const app: App = (board) => board.event('acme_Started', word);\n`;
    writeFileSync(path.join(folder, 'word.ts'), `export const word: string = '${word}';\n`);
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  return { folder, write };
}

const SETTING = `import { withSettings } from 'fractus/settings';
export const app = withSettings(
  { acme_word: { kind: 'text', value: 'none', meaning: 'What it says.' } },
  (board, settings) => board.event('acme_Started', settings.values.acme_word),
);\n`;

let devices = 0;

function start(t: ExecutionContext, app: string, runtime: string, more: readonly string[] = []) {
  const deviceId = `app-${++devices}`;
  const config = Object.entries(emulator.config).map(([key, value]) => `${key}=${value}`);
  const args = ['--app', app, '--runtime', runtime, ...more, ...config, `deviceId=${deviceId}`];
  const object = () => findDevice(emulator.platform, deviceId);
  const words = () => eventsOf(emulator.platform, object()?.id ?? '').map(({ fragments }) => fragments['text']);
  const device = new DeviceProcess(t, { args });
  /** Waits until the app has told the last of these words, and no others. */
  const told = async (...expected: readonly string[]) => {
    await until(
      () => words().length === expected.length,
      () => device.output,
    );
    t.deepEqual(words(), expected);
  };
  return { device, object, words, told };
}

testOnRuntimes('settings of an app are keys of the command line', async (t, runtime) => {
  const { folder } = createProject();
  const file = path.join(folder, 'set.ts');
  writeFileSync(file, SETTING);
  const { device, words } = start(t, file, runtime, ['acme_word=hello']);
  await until(
    () => words().includes('hello'),
    () => device.output,
  );
  const wrong = start(t, file, runtime, ['acme_wrd=hello']).device;
  t.is(await wrong.exit(), 2);
  t.regex(wrong.output, /acme_wrd: there is no such key; there are: .*acme_word/);
});

testOnRuntimes(
  "an app of one's own runs, under the name of its package, and again when it is saved",
  async (t, runtime) => {
    const { write } = createProject();
    const { device, object, told } = start(t, write('one'), runtime, ['--watch']);
    await device.saying(HELLO);
    await told('one');
    t.deepEqual(object()?.fragments['c8y_Firmware'], { name: 'greenhouse', version: '2.1.0', url: '' });
    t.regex(JSON.stringify(object()?.fragments['c8y_Agent']), /"name":"fractus"/);
    const { id } = object() ?? {};

    // Not the module of the app, but one that it imports.
    write('two');
    await device.saying(HELLO, 2);
    await told('one', 'two');
    t.is(object()?.id, id);
    t.is(device.output.match(/asking for credentials/g)?.length, 1, 'its flash stays');
    t.regex(device.output, /start 2 \(software\)/);
    device.child.kill('SIGTERM');
    t.is(await device.exit(), 0);
  },
);

testOnRuntimes(
  'what an app declares wrong is told with its place, and the next one is waited for',
  async (t, runtime) => {
    const { write } = createProject();
    const file = write('one');
    const { device, told } = start(t, file, runtime, ['--watch']);
    await device.saying(HELLO);
    const misspelt =
      "import type { App } from 'fractus';\nexport const app: App = (board) =>\n  board.evnt('acme_Started', 'x');\n";
    writeFileSync(file, misspelt);
    await device.saying(/app\.ts:3:9: TypeError: board\.evnt is not a function/);
    writeFileSync(file, `${misspelt}throw new Error('too early');\n`);
    await device.saying(/app\.ts:4:7: Error: too early/);
    write('two');
    await told('one', 'two');
    device.child.kill('SIGTERM');
    t.is(await device.exit(), 0);
  },
  undefined,
  THOROUGH ? ['node', 'xs'] : ['node'],
);

test('a feature that a board lacks is reported with its place in the code, where XS stops', async (t) => {
  const { folder } = createProject();
  const file = path.join(folder, 'late.ts');
  writeFileSync(file, 'const soon = () => {};\nsetTimeout(soon, 10);\nexport const app = () => {};\n');
  const { device } = start(t, file, 'xs');
  await device.saying(/late\.ts:2:1: a board has no setTimeout; use hal\.createTimer/);
  t.is(await device.exit(), 1);
});

test('an app that cannot be built is reported with the place, and the board continues', async (t) => {
  const { folder, write } = createProject();
  const { device, told } = start(t, write('one'), 'node', ['--watch']);
  await device.saying(HELLO);
  writeFileSync(path.join(folder, 'word.ts'), 'export const word = ;\n');
  await device.saying(/word\.ts:1:21: Unexpected ";"/);
  write('two');
  await device.saying(HELLO, 2);
  await told('one', 'two');
});

test('a module that is not an app is refused in one line', async (t) => {
  const { folder } = createProject();
  const file = path.join(folder, 'bad.ts');
  const rules: readonly (readonly [source: string, trouble: RegExp])[] = [
    ['export const main = 1;', /bad\.ts: it exports no app; allowed: "export const app: App = …"/],
    ['export const app = 7;', /bad\.ts: its app is not a function/],
    [
      "import { start } from 'fractus/board'; export const app = () => start;",
      /bad\.ts:1:23: fractus\/board cannot be/,
    ],
    [
      'export const parts = 3; export const app = () => {};',
      /bad\.ts: its parts is not a list of members of fractus\/parts/,
    ],
    ['export const capabilities = [() => {}]; export const app = () => {};', /bad\.ts: its capabilities is not a list/],
    ["import './gone.ts'; export const app = () => {};", /bad\.ts:1:8: Could not resolve "\.\/gone\.ts"/],
  ];
  for (const [source, trouble] of rules) {
    writeFileSync(file, source);
    const { device } = start(t, file, 'node');
    t.is(await device.exit(), 2, source);
    t.regex(device.output, trouble);
  }
  const gone = start(t, path.join(folder, 'no.ts'), 'node');
  t.is(await gone.device.exit(), 2);
  t.regex(gone.device.output, /no\.ts: there is no such file/);
  const whole = start(t, folder, 'node').device;
  t.is(await whole.exit(), 2);
  t.regex(whole.output, /: a folder; allowed: the file of a module that exports app/);
  const alone = new DeviceProcess(t, { args: ['--watch', 'url=http://127.0.0.1:1'] });
  t.is(await alone.exit(), 2);
  t.regex(alone.output, /--watch: not allowed without --app/);
});

for (const runtime of ['node', 'xs']) {
  test(`${runtime}: a key whose part an app leaves out ends it before the first start`, async (t) => {
    const { folder } = createProject();
    const file = path.join(folder, 'few.ts');
    writeFileSync(file, 'export const parts = []; export const app = () => {};');
    const device = new DeviceProcess(t, {
      args: [
        '--runtime',
        runtime,
        '--app',
        file,
        'url=http://127.0.0.1:1',
        'bootstrapPassword=any',
        'progressTimeout=300',
      ],
    });
    t.is(await device.exit(), 2);
    t.regex(device.output, /progressTimeout: "300" needs the part escalation: list it in the parts of this firmware/);
  });
}
