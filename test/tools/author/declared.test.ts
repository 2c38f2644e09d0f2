// SPDX-License-Identifier: Apache-2.0
/** What an author without a compiler declares wrong: each is told in one line, on the desk and in a test. */

import test from 'ava';
import { type App, type AppBoard, type AppChild, measurement } from 'fractus';
import { withSettings } from 'fractus/settings';
import { World } from 'fractus/test';

const AIR = measurement({ type: 'acme_Air', fragments: { acme_Air: { T: { of: 'temperature', unit: '°C' } } } });
const sensor = { sample: () => ({ temperature: 20 }) };
const RULE = { of: 'temperature', above: 30, type: 'acme_Hot', severity: 'MAJOR', text: 'Hot' };
const run = () => {};

/** Of JavaScript: any argument. */
type Loose = Readonly<Record<keyof AppBoard, (...args: readonly unknown[]) => unknown>>;
type LooseChild = Readonly<Record<keyof AppChild, (...args: readonly unknown[]) => unknown>>;

/** What the first start of a board with this app ends with; undefined: it goes on. */
function refusalOf(declare: (board: Loose) => unknown): string | undefined {
  const app: App = (board) => declare(board as unknown as Loose) as undefined;
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
    'sensor: there is no report; there are: reports, sensor, rules, intervalS; did you mean reports?',
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
    'sensor for acme_Air: a rule: there is no forMs; there are: of, above, below, back, forS, type, severity, text; did you mean forS?',
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
  [
    (board) => board.measure('acme_Steam', { acme_Steam: { T: { value: 96.5, units: '°C' } } }),
    'measurement acme_Steam: T: there is no units; there are: unit; did you mean unit?',
  ],
  [
    (board) => board.operation({ name: 'acme_Fill', run, timeout: 5000 }),
    'operation acme_Fill: there is no timeout; there are: inventory, recover, repeatable, timeoutMs, isPossible, begin; did you mean timeoutMs?',
  ],
  [
    (board) => board.operation({ name: 'acme_Fill', run, repeatable: 'no' }),
    'operation acme_Fill: repeatable: "no" is not allowed; allowed: true or false',
  ],
  [
    (board) => board.command({ name: 'cups', help: 'how many', run, repeatble: true }),
    'command cups: there is no repeatble; there are: repeatable; did you mean repeatable?',
  ],
  [
    (board) => board.child('pump', { hardware: { serial: '7' } }),
    'child pump: hardware: there is no serial; there are: model, revision, serialNumber; did you mean serialNumber?',
  ],
  [
    (board) => board.child('pump', { firmware: { name: 'pump', version: 2 } }),
    'child pump: firmware.version: 2 is not allowed; allowed: a text',
  ],
  [
    (board) => (board.child('pump', {}) as LooseChild).reachable('no'),
    'reachable: "no" is not allowed; allowed: true or false',
  ],
  [
    (board) => board.fragment('c8y_Hardware', { model: 'P1', serialnumber: '7' }),
    'fragment c8y_Hardware: there is no serialnumber; there are: revision, serialNumber; did you mean serialNumber?',
  ],
  [
    (board) => board.event('acme_Door', 'open', 5),
    "event acme_Door: its fragments: 5 is not allowed; allowed: an object, as { acme_Door: { state: 'open' } }",
  ],
  [
    (board) => board.alarm('acme_Hot', 'MAJOR', 'Hot', 'acme_Door'),
    'alarm acme_Hot: its fragments: "acme_Door" is not allowed; allowed: an object, as { acme_Door: { state: \'open\' } }',
  ],
  [(board) => board.clear(), 'clear: the type of the alarm: undefined is not allowed; allowed: a text'],
  [
    (board) => board.alsoKnownAs('c8y_IMEI', 490154203237518),
    'alsoKnownAs c8y_IMEI: its id: 490154203237518 is not allowed; allowed: a text',
  ],
  [(board) => board.removeOperation(run), 'removeOperation: its name: a function is not allowed; allowed: a text'],
  [
    (board) => board.removeSensor('thermometer'),
    'removeSensor: "thermometer" is not allowed; allowed: the sensor that was declared',
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

test('a misspelt member of measurement(), with what is allowed', (t) => {
  const loose = measurement as unknown as (definition: unknown) => unknown;
  const air = (series: unknown) => ({ type: 'acme_Air', fragments: { acme_Air: { T: series } } });
  const SERIES = "{ of: 'temperature', unit: '°C', decimals: 1 }";
  const WHOLE = "{ type: 'acme_Air', fragments: { acme_Air: { T: { of: 'temperature', unit: '°C' } } } }";
  for (const [definition, message] of [
    [undefined, `measurement: undefined is not allowed; allowed: ${WHOLE}`],
    [{ ...air({ of: 'a' }), time: 1 }, 'measurement: there is no time; there are: type, fragments; did you mean type?'],
    [{ fragments: {} }, 'measurement: its type: undefined is not allowed; allowed: a text'],
    [{ type: 'acme_Air' }, `measurement acme_Air: fragments: undefined is not allowed; allowed: ${WHOLE}`],
    [
      { type: 'acme_Air', fragments: { T: { of: 'a', unit: '°C' } } },
      `measurement acme_Air: T.of: "a" is not allowed; allowed: ${SERIES}`,
    ],
    [
      air({ of: 'a', units: '°C' }),
      'measurement acme_Air: acme_Air.T: there is no units; there are: of, unit, decimals; did you mean unit?',
    ],
    [
      air({ of: 'a', decimal: 1 }),
      'measurement acme_Air: acme_Air.T: there is no decimal; there are: of, unit, decimals; did you mean decimals?',
    ],
    [air({ of: 'a', color: 1 }), 'measurement acme_Air: acme_Air.T: there is no color; there are: of, unit, decimals'],
    [air({ unit: '°C' }), 'measurement acme_Air: acme_Air.T: of: undefined is not allowed; allowed: a text'],
    [air({ of: 'a', unit: 7 }), 'measurement acme_Air: acme_Air.T: unit: 7 is not allowed; allowed: a text'],
    [
      air({ of: 'a', decimals: '1' }),
      'measurement acme_Air: acme_Air.T: decimals: "1" is not allowed; allowed: 0 to 6',
    ],
  ] as const) {
    t.throws(() => loose(definition), { instanceOf: RangeError, message });
  }
});

test('an app that is async is refused with the reason', (t) => {
  const ASYNC =
    'RangeError: app: what it returns: a promise is not allowed; allowed: nothing, because an app is not async; a timer or an operation may be';
  t.is(
    refusalOf(async () => {}),
    ASYNC,
  );
  t.is(
    refusalOf(() => Promise.reject(new Error('no'))),
    ASYNC,
  );
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
    pump.measure('acme_Steam', {
      acme_Steam: { T: { value: 96.5 } },
      acme_Note: 'boiling',
      acme_More: { x: { values: 2 } },
    });
    pump.clear('acme_Hot');
    board.fragment('c8y_Hardware', { model: 'P1', colour: 'red' });
    // Its own members may be called anything.
    class Fill {
      readonly name = 'acme_Fill';
      readonly timeout = undefined;
      run() {}
    }
    board.operation(new Fill());
  });
  t.is(refusal, undefined);
});

test('a setting that makes no sense is refused with what is allowed', (t) => {
  const settings = withSettings as unknown as (settings: unknown, run: unknown) => App;
  const meaning = 'Until the alarm.';
  for (const [setting, message] of [
    [undefined, 'setting acme_x: undefined is not allowed; allowed: { kind, value, meaning }'],
    [
      { kind: 'number', value: 1, meaning },
      'setting acme_x: kind: "number" is not allowed; allowed: integer, choice, text',
    ],
    [{ value: 1, meaning }, 'setting acme_x: kind: undefined is not allowed; allowed: integer, choice, text'],
    [{ kind: 'choice', value: 'eco', meaning }, 'setting acme_x: the value eco is not one of its choices'],
    [
      { kind: 'integer', least: 0, max: 9, value: 1, meaning },
      'setting acme_x: there is no max; there are: kind, least, most, value, unit, meaning, remote',
    ],
    [
      { kind: 'integer', least: 0, value: 1, meaning },
      'setting acme_x: the value 1 is not allowed; allowed: a whole number from least (0) to most (undefined), below 10^9',
    ],
    [
      { kind: 'text', value: 'a', Secret: true, meaning },
      'setting acme_x: there is no Secret; there are: kind, value, secret, meaning, remote; did you mean secret?',
    ],
    [{ kind: 'text', value: 'a' }, 'setting acme_x: meaning: undefined is not allowed; allowed: a text'],
    [
      { kind: 'text', value: 'a', remote: 'no', meaning },
      'setting acme_x: remote: "no" is not allowed; allowed: true or false',
    ],
  ] as const) {
    t.throws(() => settings({ acme_x: setting }, run), { instanceOf: RangeError, message });
  }
});
