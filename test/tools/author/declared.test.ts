// SPDX-License-Identifier: Apache-2.0
/** What an author without a compiler declares wrong: each is told in one line, on the desk and in a test. */

import test from 'ava';
import { type App, type AppBoard, measurement } from 'fractus';
import { withSettings } from 'fractus/settings';
import { World } from 'fractus/test';

const AIR = measurement({ type: 'acme_Air', fragments: { acme_Air: { T: { of: 'temperature', unit: '°C' } } } });
const sensor = { sample: () => ({ temperature: 20 }) };
const RULE = { of: 'temperature', above: 30, type: 'acme_Hot', severity: 'MAJOR', text: 'Hot' };
const run = () => {};

/** Of JavaScript: any argument. */
type Loose = Readonly<Record<keyof AppBoard, (...args: readonly unknown[]) => unknown>>;

/** What the first start of a board with this app ends with; undefined: it goes on. */
function refusalOf(declare: (board: Loose) => void): string | undefined {
  const app: App = (board) => declare(board as unknown as Loose);
  const world = new World({ app, machine: { sensors: { thermometer: sensor } } });
  try {
    world.connect();
    world.finish();
    return undefined;
  } catch (error) {
    return /: (\w*Error: .*)/.exec((error as Error).message)?.[1];
  }
}

const ruled = (more: object) => (board: Loose) => board.sensor({ reports: AIR, sensor, rules: [{ ...RULE, ...more }] });

const WRONG: readonly (readonly [declare: (board: Loose) => void, refusal: string])[] = [
  [(board) => board.sensor(), 'sensor: undefined is not allowed; allowed: { reports, sensor }'],
  [
    (board) => board.sensor({ report: AIR, sensor }),
    'sensor: there is no report; there are: reports, sensor, rules, intervalS',
  ],
  [
    (board) => board.sensor({ reports: { type: 'acme_Air', fragments: {} }, sensor }),
    'sensor: reports: { type, fragments } is not allowed; allowed: what measurement() gives',
  ],
  [
    (board) => board.sensor({ reports: AIR }),
    'sensor for acme_Air: sensor: undefined is not allowed; allowed: an object with sample(); this board has: thermometer',
  ],
  [
    (board) => board.sensor({ reports: AIR, sensor: {} }),
    'sensor for acme_Air: sample: undefined is not allowed; allowed: a function',
  ],
  [
    (board) => board.sensor({ reports: AIR, sensor, intervalS: '10' }),
    'sensor for acme_Air: intervalS: "10" is not allowed; allowed: a number',
  ],
  [
    (board) => board.sensor({ reports: AIR, sensor, rules: RULE }),
    'sensor for acme_Air: rules: { of, above, type, severity, text } is not allowed; allowed: a list',
  ],
  [ruled({ above: '30' }), 'rule acme_Hot: above: "30" is not allowed; allowed: a number'],
  [
    ruled({ severity: 'major' }),
    'rule acme_Hot: severity: "major" is not allowed; allowed: CRITICAL, MAJOR, MINOR, WARNING',
  ],
  [ruled({ type: undefined }), 'sensor for acme_Air: type of a rule: undefined is not allowed; allowed: a text'],
  [ruled({ text: undefined }), 'rule acme_Hot: text: undefined is not allowed; allowed: a text'],
  [ruled({ forS: -1 }), 'rule acme_Hot: forS: -1 is not allowed; allowed: 0 or more seconds'],
  [
    ruled({ forMs: 1 }),
    'sensor for acme_Air: a rule: there is no forMs; there are: of, above, below, back, forS, type, severity, text',
  ],
  [(board) => board.operation('acme_Fill', run), 'operation: "acme_Fill" is not allowed; allowed: { name, run }'],
  [(board) => board.operation({ run }), 'operation: its name: undefined is not allowed; allowed: a text'],
  [
    (board) => board.operation({ name: 'acme_Fill' }),
    'operation acme_Fill: run: undefined is not allowed; allowed: a function',
  ],
  [
    (board) => board.operation({ name: 'acme_Fill', run, inventory: { acme_Fill: {} } }),
    'operation acme_Fill: inventory: { acme_Fill } is not allowed; allowed: a function',
  ],
  [
    (board) => board.operation({ name: 'acme_Fill', run, timeoutMs: '5' }),
    'operation acme_Fill: timeoutMs: "5" is not allowed; allowed: a number',
  ],
  [(board) => board.child(7, {}), 'child: its id: 7 is not allowed; allowed: a text'],
  [(board) => board.child('pump'), "child pump: undefined is not allowed; allowed: an object, as { name: 'Pump' }"],
  [
    (board) => (board.child('pump', {}) as Loose).event('acme_Door'),
    'event acme_Door: its text: undefined is not allowed; allowed: a text',
  ],
  [
    (board) => board.alarm('MAJOR', 'acme_Hot', 'Hot'),
    'alarm MAJOR: severity: "acme_Hot" is not allowed; allowed: CRITICAL, MAJOR, MINOR, WARNING',
  ],
  [
    (board) => board.measure('acme_Steam', { acme_Steam: { T: 96.5 } }),
    "measurement acme_Steam: { acme_Steam } is not allowed; allowed: at least one series, as { acme_Steam: { T: { value: 96.5, unit: '°C' } } }",
  ],
  [
    (board) => board.measure('acme_Steam', { acme_Steam: { T: { value: '96.5' } } }),
    'measurement acme_Steam: value of T: "96.5" is not allowed; allowed: a number',
  ],
  [(board) => board.position('51', 6), 'position: latitude: "51" is not allowed; allowed: a number'],
  [(board) => board.software('acme', 2), 'software acme: its version: 2 is not allowed; allowed: a text'],
  [
    (board) => board.command({ name: 'cups', help: 'how many' }),
    'command cups: run: undefined is not allowed; allowed: a function',
  ],
];

test('each of them, by its name, with what is given and what is expected', (t) => {
  for (const [declare, refusal] of WRONG) t.is(refusalOf(declare), `RangeError: ${refusal}`);
});

test('what is right is no trouble', (t) => {
  const refusal = refusalOf((board) => {
    board.sensor({ reports: AIR, sensor, rules: [{ ...RULE, back: 28, forS: 0 }], intervalS: 10 });
    board.operation({ name: 'acme_Fill', inventory: () => ({}), run, timeoutMs: 5 });
    board.command({ name: 'cups', help: 'how many', run: () => '1' });
    const pump = board.child('pump', { name: 'Pump', hardware: { model: 'P1' } }) as Loose;
    pump.event('acme_Door', 'open', { acme_Door: {} });
    pump.alarm('acme_Hot', 'MINOR', 'Hot');
    pump.software('acme', undefined);
    pump.position(51.2, 6.8);
    pump.measure('acme_Steam', { acme_Steam: { T: { value: 96.5 } }, acme_Note: 'boiling' });
  });
  t.is(refusal, undefined);
});

test('settings', (t) => {
  const settings = withSettings as unknown as (settings: unknown, run: unknown) => App;
  const meaning = 'Until the alarm.';
  for (const [setting, message] of [
    [
      { kind: 'number', value: 1, meaning },
      'setting acme_x: the kind number is not allowed; allowed: integer, choice, text',
    ],
    [{ value: 1, meaning }, 'setting acme_x: the kind undefined is not allowed; allowed: integer, choice, text'],
    [{ kind: 'choice', value: 'eco', meaning }, 'setting acme_x: the value eco is none of its choices'],
    [
      { kind: 'integer', min: 0, max: 9, value: 1, meaning },
      'setting acme_x: the value 1 is not allowed; allowed: a whole number from least (undefined) to most (undefined), below 10^9',
    ],
  ] as const) {
    t.throws(() => settings({ acme_x: setting }, run), { instanceOf: RangeError, message });
  }
});
