// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { buildProject } from '../../../../tools/moddable/bundle.ts';

const MAIN =
  "import { start } from 'fractus/board';\nimport { app } from './app.ts';\nexport default () => void start(app);\n";
const CALM = "import type { App } from 'fractus';\nexport const app: App = (board) => board.clear('acme_Jam');\n";

function createProject(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-check-'));
  for (const [name, text] of Object.entries({ 'main.ts': MAIN, 'app.ts': CALM, 'manifest.json': '{}', ...files })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

/** What is found in a project; nothing when it can be built. */
async function troublesIn(files: Readonly<Record<string, string>>): Promise<string[]> {
  try {
    await buildProject(createProject(files));
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

const FOUND = 'this would fail on a board:';

test('globals that a board lacks, with their places', async (t) => {
  const app = `
import type { App } from 'fractus';
interface Wide { readonly name: string; readonly count: number }
export const app: App = (board) => {
  const wide: Wide = { name: 'a', count: 1 };
  setTimeout(() => console.log(wide), 10);
  board.event('acme_Time', new Intl.NumberFormat('de').format(wide.count));
  board.event('acme_Weak', String(new WeakRef(wide)));
};
`;
  t.deepEqual(await troublesIn({ 'app.ts': app }), [
    FOUND,
    'app.ts:6:3: a board has no setTimeout; use hal.createTimer',
    'app.ts:6:20: a board has no console; use hal.log',
    'app.ts:7:32: a board has no Intl',
    'app.ts:8:39: a board has no WeakRef',
  ]);
});

test('parts that are not listed, or that there are not', async (t) => {
  const main = (options: string) => `import { startWith } from 'fractus/board';
import { escalatoin, flashQueue } from 'fractus/parts';
import { app } from './app.ts';
export default () => void startWith(app, ${options});
`;
  const unknown =
    'main.ts:2:10: fractus/parts has no escalatoin; it has PARTS, certificate, children, escalation, flashQueue, safeMode; did you mean escalation?';
  t.deepEqual(await troublesIn({ 'main.ts': main('{ capabilities: [] }') }), [
    FOUND,
    'main.ts:4:27: startWith: parts: missing; list those of fractus/parts, or []',
  ]);
  t.deepEqual(await troublesIn({ 'main.ts': main('{ capabilities: [], parts: [flashQueue, escalatoin] }') }), [
    FOUND,
    unknown,
  ]);
});

test('what a module declares itself, and what the language has, is no such thing', async (t) => {
  const app = `
import type { App } from 'fractus';
const console = { log: (text: string) => text };
function setTimeout(): number { return 1; }
export const app: App = (board) => {
  const fetch = (name: string) => name;
  const words = new Map([['a', JSON.stringify(Math.max(setTimeout(), 2))]]);
  words.set('b', fetch(console.log('c')));
  board.event('acme_Words', [...words.values()].join(), { acme_Words: { setInterval: Date.now() } });
};
`;
  t.deepEqual(await troublesIn({ 'app.ts': app }), []);
});

test('what lies in flash and is changed later', async (t) => {
  const app = `
import type { App } from 'fractus';
const seen = new Map<string, number>();
const bytes = new Uint8Array(4);
const names: ReadonlySet<string> = new Set(['a']);
const early = new Map<string, number>();
early.set('a', 1);
let count = 0;
export const app: App = (board) => {
  count += 1;
  seen.set('a', count);
  bytes[0] = count;
  bytes.fill(0);
  if (names.has('a') && early.get('a') === bytes[1]) board.clear('acme_Jam');
};
`;
  const why = 'at module level, so it is in flash and cannot change; create it in the app';
  t.deepEqual(await troublesIn({ 'app.ts': app }), [
    FOUND,
    `app.ts:11:3: seen is a Map ${why}`,
    `app.ts:12:3: bytes is a Uint8Array ${why}`,
    `app.ts:13:3: bytes is a Uint8Array ${why}`,
  ]);
});

test('keys that nobody knows, values that are not allowed, resources that are missing', async (t) => {
  const rules: readonly (readonly [config: Readonly<Record<string, string>>, trouble: RegExp])[] = [
    [{ mesurementInterval: '60' }, /manifest\.json: config: there is no key mesurementInterval/],
    [{ sendInterval: 'often' }, /manifest\.json: config: sendInterval: "often" is not allowed/],
    [
      { certificate: 'device.pem', ca: 'own.pem' },
      /^manifest\.json: config: certificate: the manifest has no data device\.pem$/,
    ],
  ];
  for (const [config, trouble] of rules) {
    const manifest = JSON.stringify({ config, data: { '*': './data/*' } });
    const [found, text = '', ...more] = await troublesIn({ 'manifest.json': manifest, 'data/own.pem': '' });
    t.is(found, FOUND);
    t.regex(text, trouble);
    t.deepEqual(more, []);
  }
});

test("parts of the machine that are the agent's", async (t) => {
  const app = `
import type { App, AppDevice } from 'fractus';
interface Shop { readonly store: Map<string, number> }
function look({ hal }: any, shop: Shop) {
  hal.store.set('credentials', new Uint8Array(1));
  shop.store.set('a', 1);
}
export const app: App = (board) => {
  const { hal } = board;
  const machine = board.hal as any;
  (board.hal as any).restart('why not');
  machine.watchdog.feed();
  const { flash, clock } = board.hal as any;
  hal.log('info', String(clock.ticks() + flash.sectors));
  board.restart('in order');
  look(board, { store: new Map() });
  const { hal: { indicator }, id } = board as any;
  board.clear(String(indicator) + id);
  machine.onLog(() => {});
  machine.verify(flash, flash, flash);
};
`;
  t.deepEqual(await troublesIn({ 'app.ts': app }), [
    FOUND,
    "app.ts:5:3: hal.store is the agent's: use fractus/state",
    "app.ts:11:4: hal.restart is the agent's: use board.restart",
    "app.ts:12:3: hal.watchdog is the agent's: the agent feeds it",
    "app.ts:13:9: hal.flash is the agent's: use fractus/state",
    "app.ts:17:16: hal.indicator is the agent's: the agent shows the state of the device",
    "app.ts:19:3: hal.onLog is the agent's: use logs",
    "app.ts:20:3: hal.verify is the agent's: use signedFirmware",
  ]);
});

test('capabilities of the board on a child, and of a child in the list of the board', async (t) => {
  const app = `
import type { App } from 'fractus';
import { childFirmware, logs as book, measurementRequest, message, network, restart, shell } from 'fractus/capabilities';
const software = () => ({ name: 'c8y_SoftwareUpdate', run() {} });
export const capabilities = [restart, book(), network(), childFirmware({} as any)];
class Meter {
  #child: any;
  constructor(board: any) {
    this.#child = board.child('meter', {});
    this.#child.operation(book());
  }
}
export const app: App = (board) => {
  const pump = board.child('pump', {});
  pump.operation(restart);
  pump.operation({ name: 'c8y_Restart', run() {} });
  pump.operation(software());
  pump.operation(measurementRequest);
  pump.operation(message(() => {}));
  board.child('fan', {}).operation(network());
  board.operation(restart);
  board.operation(shell());
  new Meter(board);
};
`;
  t.deepEqual(await troublesIn({ 'app.ts': app }), [
    FOUND,
    'app.ts:5:58: childFirmware is for a child; add it with child.operation',
    'app.ts:10:27: logs is for the board itself; for a child use logFiles(file)',
    'app.ts:15:18: restart is for the board itself; for a child use a capability of its own for c8y_Restart',
    'app.ts:20:36: network is for the board itself',
  ]);
  const main = `import { startWith } from 'fractus/board';
import { childSoftware } from 'fractus/capabilities';
import { app } from './app.ts';
export default () => void startWith(app, { capabilities: [childSoftware({} as any)], parts: [] });
`;
  t.deepEqual(await troublesIn({ 'main.ts': main }), [
    FOUND,
    'main.ts:4:59: childSoftware is for a child; add it with child.operation',
  ]);
});

const SETTLED = `
import { start } from 'fractus/board';
import { bme68x } from 'fractus/sensors';
import Serial from 'embedded:io/serial';
import { withSettings } from 'fractus/settings';
const PARTS = { thermometer: bme68x({ address: 0x77 }) };
const app = withSettings(
  {
    acme_delay: { kind: 'integer', least: 1, most: 600, value: 30, meaning: 'Until the alarm.' },
    acme_pin: { kind: 'text', value: '0000', secret: true, meaning: 'Of the door.' },
  },
  () => {},
);
export default () => {
  new Serial({ port: 1 });
  start(app, { sensors: PARTS });
};
`;

/** The package as npm installs it: what is a board's says so on a desk. */
const INSTALLED = {
  'node_modules/fractus/package.json':
    '{ "name": "fractus", "type": "module", "exports": { "./*": "./elsewhere.js" } }',
  'node_modules/fractus/elsewhere.js': "throw new Error('modules of a board');",
};

test("values of the app's own keys", async (t) => {
  const rules: readonly (readonly [config: Readonly<Record<string, unknown>>, trouble: RegExp | undefined])[] = [
    [{ acme_delay: 600, acme_pin: '1234', other_own: { deep: true } }, undefined],
    [{ acme_delay: 601 }, /config: acme_delay: "601" is not allowed; allowed: a whole number from 1 to 600/],
    [{ acme_delay: [] }, /config: acme_delay: not a text, number, true or false/],
    [{ acme_pin: 'a\u0001' }, /config: acme_pin: that value \(a secret, not shown\) is not allowed/],
    [{ acme_dely: 5 }, /config: there is no key acme_dely; settings of the app: acme_delay, acme_pin/],
  ];
  for (const [config, trouble] of rules) {
    const files = { 'manifest.json': JSON.stringify({ config }), 'main.ts': SETTLED };
    for (const all of [files, { ...files, ...INSTALLED }]) {
      const found = await troublesIn(all);
      t.is(found.length, trouble === undefined ? 0 : 2, found.join('\n'));
      if (trouble !== undefined) t.regex(found[1] ?? '', trouble);
    }
  }
});

test('a setting that makes no sense', async (t) => {
  const files = { 'manifest.json': '{}', 'main.ts': SETTLED.replace('value: 30', 'value: 0') };
  t.regex((await troublesIn(files))[1] ?? '', /^setting acme_delay: the value 0 is not allowed/);
});

test('a measurement with a misspelt member', async (t) => {
  const app = `
import { type App, measurement } from 'fractus';
const AIR = measurement({ type: 'acme_Air', fragments: { acme_Air: { T: { of: 'temperature', units: '°C' } } } });
export const app: App = (board) => board.sensor({ reports: AIR, sensor: { sample: () => ({ temperature: 20 }) } });
`;
  t.deepEqual(await troublesIn({ 'app.ts': app }), [
    FOUND,
    'measurement acme_Air: acme_Air.T: there is no units; there are: of, unit, decimals; did you mean unit?',
  ]);
});

test('an import of a module that a board does not have is told with its place', async (t) => {
  for (const name of ['node:fs', 'left-pad']) {
    const [trouble = ''] = await troublesIn({ 'app.ts': `import '${name}';\n${CALM}` });
    t.regex(trouble, new RegExp(`app\\.ts:1:8: Could not resolve "${name}"`));
  }
});

test('the examples have none of it', async (t) => {
  for (const example of ['weather-node', 'mod', 'modbus', 'one-wire', 'tracker']) {
    const folder = fileURLToPath(new URL(`../../../../examples/${example}`, import.meta.url));
    await t.notThrowsAsync(buildProject(folder));
  }
});
