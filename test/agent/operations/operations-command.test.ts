// SPDX-License-Identifier: Apache-2.0

import type { App } from '../../../src/index.ts';
import type { JsonObject, Operation } from '../../../tools/platform/model.ts';
import { measurementsOf } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { bodyOf, createSettled, objectOf, settle } from '../scene.ts';
import { order, runToEnd, statuses, testOnBoth, updates } from './operating.ts';

const mostBytes = 4096;

/** Sends a command; returns its operation after the end. */
function command(world: World, fragment: JsonObject | string): Operation {
  const c8y_Command = typeof fragment === 'string' ? { text: fragment } : fragment;
  const operation = order(world, { c8y_Command });
  runToEnd(world, [operation]);
  return operation;
}

function resultOf(operation: Operation): string {
  return String((operation.fragments['c8y_Command'] as JsonObject)['result']);
}

/** A board with a command that answers `answer`. */
function speaking(answer: string): App {
  return (board) => board.command({ name: 'say', help: 'says it', run: () => answer });
}

testOnBoth('help lists all commands, including those of the app', (t, config) => {
  const app: App = (board) => {
    board.command({ name: 'echo', help: 'says what it is told', run: (args) => args });
  };
  const world = createSettled(t, { app, config });
  const operation = command(world, 'help');
  t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'SUCCESSFUL']);
  const lines = resultOf(operation).split('\n');
  t.deepEqual(
    lines.map((line) => line.split(': ')[0]),
    ['help', 'status', 'inventory', 'echo', ''],
  );
  t.true(lines.includes('echo: says what it is told'));
  t.is(resultOf(command(world, 'echo  one  two ')), 'one  two');
  t.is(resultOf(command(world, 'echo')), '');
});

testOnBoth('status shows the state of the device, without a secret', (t, config) => {
  const world = createSettled(t, { config });
  const text = resultOf(command(world, ' status '));
  const { deviceId, user } = world.device;
  t.regex(text, /^agent: fractus [0-9.]+, up [0-9]+ s, start 1 \(power-on\)\n/);
  t.true(
    text.includes(`device: ${deviceId} as ${user}, managed object ${objectOf(world).id}, 0 children and services\n`),
    text,
  );
  t.regex(text, /network: up, 192\.0\.2\.10, -60 dBm\n/);
  t.regex(text, /queue: 0 waiting, 0 lost\n/);
  t.regex(text, /alarms: 0 active\n/);
  t.false(text.includes(world.platform.core.findUser('t1000', user)?.password ?? text));
});

for (const [what, text, reason] of [
  ['unknown', 'reboot now', 'unknown command "reboot"; try the command help'],
  ['of another case', 'HELP', 'unknown command "HELP"; try the command help'],
  ['empty', '', 'text: missing; try the command help'],
  ['blank', ' \t\n', 'text: missing; try the command help'],
  ['very long', 'x'.repeat(2000), `unknown command "${'x'.repeat(60)}"; try the command help`],
  ['a property of objects', 'constructor', 'unknown command "constructor"; try the command help'],
] as const) {
  testOnBoth(`a command that is ${what} ends FAILED and names help`, (t, config) => {
    const world = createSettled(t, { config });
    const operation = command(world, text);
    t.deepEqual(statuses(operation), ['PENDING', 'EXECUTING', 'FAILED']);
    t.is(operation.failureReason, reason);
    t.deepEqual(Object.keys(bodyOf(updates(world, operation.id).at(-1))), ['status', 'failureReason']);
  });
}

for (const [what, fragment] of [
  ['nothing', {}],
  ['a number', { text: 7 }],
  ['an object', { text: {} }],
  ['null', { text: null }],
] as const) {
  testOnBoth(`a command whose text is ${what} ends FAILED`, (t, config) => {
    const world = createSettled(t, { config });
    t.is(command(world, fragment).failureReason, 'text: missing; try the command help');
  });
}

for (const wrong of [null, 'help', 5, [], ['help'], true]) {
  testOnBoth(`a c8y_Command that is ${JSON.stringify(wrong)} ends FAILED`, (t, config) => {
    const world = createSettled(t, { config });
    const operation = order(world, { c8y_Command: wrong });
    runToEnd(world, [operation]);
    t.is(operation.status, 'FAILED');
    t.truthy(operation.failureReason);
  });
}

testOnBoth('the last update repeats the whole fragment unchanged', (t, config) => {
  const world = createSettled(t, { app: speaking('said'), config });
  const fragment = {
    text: 'say "Ä\\\n\u0007😀"',
    result: 'an old one',
    deliveryType: 'SMS',
    more: { deep: [1, 2.5e-7, null, true, { a: 'b' }] },
    ['odd "name"']: '\u2028',
    '': 0,
  };
  const operation = command(world, fragment);
  t.is(operation.status, 'SUCCESSFUL');
  const sent = bodyOf(updates(world, operation.id).at(-1));
  t.deepEqual(sent, { status: 'SUCCESSFUL', c8y_Command: { ...fragment, result: 'said' } });
  t.deepEqual(operation.fragments, { c8y_Command: { ...fragment, result: 'said' } });
});

for (const [what, character] of [
  ['ASCII', 'x'],
  ['two bytes', 'ä'],
  ['three bytes', '€'],
  ['four bytes', '😀'],
  ['lone surrogates', '\ud800€'],
  ['lone low surrogates', '\udc00'],
  ['escapes', '"'],
  ['line ends', '\n'],
] as const) {
  testOnBoth(`a result has at most 4 KB, between characters: ${what}`, (t, config) => {
    const size = Buffer.byteLength(character);
    for (const spare of [-size, 0, 1, size, 3000]) {
      const text = character.repeat(Math.ceil((mostBytes + spare) / size));
      const world = createSettled(t, { app: speaking(text), config });
      const operation = command(world, 'say');
      t.is(operation.status, 'SUCCESSFUL');
      const result = resultOf(operation);
      const bytes = Buffer.byteLength(result);
      const whole = Buffer.byteLength(text) <= mostBytes;
      t.true(bytes <= mostBytes, `${bytes} bytes`);
      t.true(whole ? bytes === Buffer.byteLength(text) : bytes > mostBytes - 8, `${bytes} bytes`);
      t.true(Buffer.from(text).toString('utf8').startsWith(result), 'the beginning of it');
    }
  });
}

testOnBoth('a result of control characters is cut where its JSON grows too large', (t, config) => {
  for (const character of ['\u0001', '\n', '"\u0000']) {
    const text = character.repeat(5000);
    const world = createSettled(t, { app: speaking(text), config });
    const result = resultOf(command(world, 'say'));
    t.true(text.startsWith(result));
    t.true(result.length >= 1000 && result.length <= mostBytes, `${result.length} bytes`);
  }
});

testOnBoth('a command that throws ends FAILED with the error text', (t, config) => {
  const app: App = (board) => {
    board.command({
      name: 'valve',
      help: 'opens or closes',
      run(args) {
        throw new RangeError(`valve ${args}: try open or close`);
      },
    });
  };
  const world = createSettled(t, { app, config });
  t.is(command(world, 'valve what').failureReason, 'valve what: try open or close');
});

testOnBoth('a command of the app may replace a standard one', (t, config) => {
  const app: App = (board) => board.command({ name: 'status', help: 'mine', run: () => 'fine' });
  const world = createSettled(t, { app, config });
  t.is(resultOf(command(world, 'status')), 'fine');
  const help = resultOf(command(world, 'help')).split('\n');
  t.deepEqual(
    help.filter((line) => line.startsWith('status')),
    ['status: mine'],
  );
});

testOnBoth('c8y_MeasurementRequestOperation: all sensors report now, whichever it names', (t, config) => {
  for (const fragment of [{}, { requestName: 'LOG' }, { requestName: 5 }, null, 'x'] as const) {
    const world = createSettled(t, { config: { ...config, measurementInterval: '3600', sendInterval: '3600' } });
    const { id } = objectOf(world);
    const before = measurementsOf(world.platform, id).length;
    world.run(10_000);
    const operation = order(world, { c8y_MeasurementRequestOperation: fragment });
    runToEnd(world, [operation]);
    world.run(10_000);
    t.is(operation.status, 'SUCCESSFUL');
    t.is(measurementsOf(world.platform, id).length, before + 1);
  }
});

/** Fragments that do not fit into the device's memory, one for each way to be too large. */
const enormous: readonly (readonly [string, JsonObject, string])[] = [
  ['a long text', { c8y_Command: { text: `help ${'x'.repeat(5000)}` } }, 'c8y_Command'],
  ['a very long text', { c8y_Configuration: { config: '#'.repeat(200_000) } }, 'c8y_Configuration'],
  [
    'many members',
    { c8y_Command: Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`m${i}`, i])) },
    'c8y_Command',
  ],
  [
    'something deep',
    { c8y_Command: { text: 'help', deep: JSON.parse(`${'['.repeat(60)}1${']'.repeat(60)}`) } },
    'c8y_Command',
  ],
];

for (const [what, fragments, name] of enormous) {
  testOnBoth(`an operation with ${what} ends FAILED and says what is too large and how much is not`, (t, config) => {
    const world = createSettled(t, { config });
    const pushed = order(world, fragments);
    const next = order(world, { c8y_Command: { text: 'help' } });
    runToEnd(world, [pushed, next]);
    world.device.powerCut();
    const listed = order(world, fragments);
    world.device.start();
    settle(world);
    runToEnd(world, [listed]);
    for (const operation of [pushed, listed]) {
      t.is(operation.status, 'FAILED');
      t.is(operation.failureReason, `${name}: larger than this device can take; allowed: about 4000 bytes`);
    }
    t.is(next.status, 'SUCCESSFUL');
  });
}

testOnBoth('large fragments beside the requested one do not matter', (t, config) => {
  const world = createSettled(t, { config });
  const operation = order(world, {
    description: 'y'.repeat(20_000),
    c8y_Command: { text: 'help' },
    x_More: { list: Array.from({ length: 3000 }, (_, i) => i) },
  });
  runToEnd(world, [operation]);
  t.is(operation.status, 'SUCCESSFUL');
  t.true(resultOf(operation).startsWith('help: '));
});

testOnBoth('unknown fragments are skipped, and known ones are complete, in any order', (t, config) => {
  const world = createSettled(t, { config });
  const text = 'measurementInterval=30\nsendInterval=0\npollTimeout=20\noperationTimeout=120\n# the office at the end';
  const log = Array.from({ length: 60 }, (_, i) => ({ time: `2026-11-28T10:00:${i}.000Z`, status: 'DELIVERED' }));
  const steps = Array.from({ length: 100 }, (_, step) => ({ step, note: 'prepare the device for the night' }));
  for (const beside of [
    { delivery: { log } },
    { description: 'x'.repeat(5000) },
    { com_example_Workflow: { steps } },
  ]) {
    for (const fragments of [
      { ...beside, c8y_Configuration: { config: text } },
      { c8y_Configuration: { config: text }, ...beside },
    ]) {
      const operation = order(world, fragments);
      runToEnd(world, [operation]);
      t.is(operation.failureReason, undefined);
      t.is(operation.status, 'SUCCESSFUL');
    }
  }
});

testOnBoth(
  'among a thousand fragments the known one is carried out; without it the operation ends FAILED',
  (t, config) => {
    const world = createSettled(t, { config });
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`x_Fragment_number_${i}`, { i }]));
    const known = order(world, { ...many, c8y_Command: { text: 'help' } });
    const pushed = order(world, many);
    const next = order(world, { c8y_Command: { text: 'help' } });
    runToEnd(world, [known, pushed, next]);
    world.device.powerCut();
    const listed = order(world, many);
    world.device.start();
    runToEnd(world, [listed]);
    t.deepEqual([known.status, next.status], ['SUCCESSFUL', 'SUCCESSFUL']);
    t.deepEqual([pushed.status, listed.status], ['FAILED', 'FAILED']);
    t.truthy(pushed.failureReason);
  },
);
