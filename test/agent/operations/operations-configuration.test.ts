// SPDX-License-Identifier: Apache-2.0

import type { ExecutionContext } from 'ava';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { bodyOf, calls, createSettled, createWorld, gaps, logged, objectOf, settle } from '../scene.ts';
import { bayeux, order, runToEnd, testOnBoth, updates } from './operating.ts';

const start = 'measurementInterval=60\nsendInterval=0\npollTimeout=300\noperationTimeout=300\n';

/** The text that the inventory shows. */
function shown(world: World): unknown {
  return (objectOf(world).fragments['c8y_Configuration'] as { config?: unknown } | undefined)?.config;
}

/** Sends a configuration; returns its operation after the end. */
function configure(world: World, config: string) {
  const operation = order(world, { c8y_Configuration: { config } });
  runToEnd(world, [operation]);
  return operation;
}

/** Checks that measurements are this many seconds apart. */
function checkInterval(t: ExecutionContext, world: World, seconds: number, spareMs = 100): void {
  const since = world.platform.core.now();
  world.run(seconds * 5000);
  const records = [...world.platform.core.measurements.values()].filter(({ creationTimeMs }) => creationTimeMs > since);
  const [first = 0, second = 0, third = NaN] = records.map(({ timeMs }) => timeMs).slice(-3);
  for (const gap of [second - first, third - second]) t.true(Math.abs(gap - seconds * 1000) <= spareMs, `${gap} ms`);
}

testOnBoth('the inventory has the full text from the creation on', (t, config) => {
  const world = createSettled(t, { config });
  t.is(shown(world), start);
  const creation = bodyOf(calls(world, 'POST', '/inventory/managedObjects')[0]);
  t.deepEqual(creation['c8y_Configuration'], { config: start });
  const operations = objectOf(world).fragments['c8y_SupportedOperations'] as string[];
  t.true(operations.includes('c8y_Configuration') && operations.includes('c8y_SendConfiguration'));
});

testOnBoth('the start values come from the command line', (t, config) => {
  const world = createSettled(t, { config: { ...config, measurementInterval: '7', pollTimeout: '60' } });
  t.is(shown(world), 'measurementInterval=7\nsendInterval=0\npollTimeout=60\noperationTimeout=300\n');
  checkInterval(t, world, 7);
});

for (const [what, text, full] of [
  ['LF', 'measurementInterval=20\nsendInterval=40\n', 'measurementInterval=20\nsendInterval=40\n'],
  ['CRLF', 'measurementInterval=20\r\nsendInterval=40\r\n', 'measurementInterval=20\nsendInterval=40\n'],
  ['no end of the last line', 'measurementInterval=20', 'measurementInterval=20\nsendInterval=0\n'],
  ['spaces', '  measurementInterval \t=  20  \n', 'measurementInterval=20\nsendInterval=0\n'],
  ['blank lines', '\n\n \nmeasurementInterval=20\n\t\n\n', 'measurementInterval=20\nsendInterval=0\n'],
  [
    'comments',
    '#sendInterval=9\n  # Ä 😀 ünïcode\nmeasurementInterval=20',
    '#sendInterval=9\n# Ä 😀 ünïcode\nmeasurementInterval=20\nsendInterval=0\n',
  ],
  ['leading zeros', 'measurementInterval=0020', 'measurementInterval=20\nsendInterval=0\n'],
  ['a comment only', '# nothing', '# nothing\nmeasurementInterval=60\nsendInterval=0\n'],
] as const) {
  testOnBoth(`a text is taken: ${what}`, (t, config) => {
    const world = createSettled(t, { config });
    const operation = configure(world, text);
    t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
    t.is(shown(world), `${full}pollTimeout=300\noperationTimeout=300\n`);
    world.device.reboot();
    settle(world);
    t.is(shown(world), `${full}pollTimeout=300\noperationTimeout=300\n`, 'also after a restart');
  });
}

testOnBoth('the operator gets the text back as written, with its comments in place', (t, config) => {
  const world = createSettled(t, { config });
  const text =
    '# winter\nmeasurementInterval=20\n# not so often\nsendInterval=40\npollTimeout=300\noperationTimeout=300\n';
  t.is(configure(world, text).status, 'SUCCESSFUL');
  t.is(shown(world), text);
  const again = configure(world, `${text}# the end\n`);
  t.is(again.status, 'SUCCESSFUL');
  t.is(shown(world), `${text}# the end\n`);
  world.device.reboot();
  settle(world);
  t.is(shown(world), `${text}# the end\n`);
});

for (const comment of ['x'.repeat(2900), '😀'.repeat(900), '"'.repeat(1850), '\u0001'.repeat(600)]) {
  testOnBoth(
    `comments that are too large to be shown do not hide the values (${comment.charCodeAt(0)})`,
    (t, config) => {
      const world = createSettled(t, { config });
      const operation = configure(world, `# ${comment}\nmeasurementInterval=20\n`);
      t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
      t.regex(String(shown(world)), /measurementInterval=20\nsendInterval=0\n/);
      world.device.reboot();
      settle(world);
      t.regex(String(shown(world)), /measurementInterval=20\nsendInterval=0\n/);
      checkInterval(t, world, 20);
    },
  );
}

testOnBoth('an app does not hide the current text unless it provides the operation itself', (t, config) => {
  const refused: string[] = [];
  const world = createSettled(t, {
    config,
    app: (board) => {
      try {
        board.fragment('c8y_Configuration', { config: 'all is well' });
      } catch (error) {
        refused.push(String(error));
      }
      board.child('c', {}).fragment('c8y_Configuration', { config: 'of the child' });
    },
  });
  t.deepEqual(refused, ['RangeError: fragment c8y_Configuration: its operation sends it']);
  t.is(shown(world), start);
});

const allowed = 'measurementInterval, sendInterval, pollTimeout, operationTimeout';

for (const [what, text, reason] of [
  [
    'below',
    'measurementInterval=0',
    'measurementInterval: "0" is not allowed; allowed: a whole number from 1 to 86400 (s)',
  ],
  ['above', 'pollTimeout=7201', 'pollTimeout: "7201" is not allowed; allowed: a whole number from 1 to 7200 (s)'],
  [
    'no number',
    'sendInterval=soon',
    'sendInterval: "soon" is not allowed; allowed: a whole number from 0 to 86400 (s)',
  ],
  ['negative', 'sendInterval=-1', 'sendInterval: "-1" is not allowed; allowed: a whole number from 0 to 86400 (s)'],
  ['a fraction', 'sendInterval=1.5', 'sendInterval: "1.5" is not allowed; allowed: a whole number from 0 to 86400 (s)'],
  ['hex', 'sendInterval=0x10', 'sendInterval: "0x10" is not allowed; allowed: a whole number from 0 to 86400 (s)'],
  ['empty', 'sendInterval=', 'sendInterval: "" is not allowed; allowed: a whole number from 0 to 86400 (s)'],
  [
    'a control character',
    'sendInterval=1\u00070',
    'sendInterval: "1?0" is not allowed; allowed: a whole number from 0 to 86400 (s)',
  ],
  [
    'twice',
    'sendInterval=1\nmeasurementInterval=5\nsendInterval=1',
    'sendInterval: given twice (line 3); allowed: each key once',
  ],
  ['unknown', 'intervall=5', `intervall: there is no such key; allowed: ${allowed}`],
  ['another case', 'SendInterval=5', `SendInterval: there is no such key; allowed: ${allowed}`],
  ['a key of the start', 'deviceId=x', `deviceId: cannot be changed while the device runs; allowed: ${allowed}`],
  [
    'a secret',
    'bootstrapPassword=x',
    `bootstrapPassword: cannot be changed while the device runs; allowed: ${allowed}`,
  ],
  ['no equals', 'sendInterval 5', 'line 1: "sendInterval 5" is not allowed; allowed: key=value'],
  ['no key', 'measurementInterval=5\n =5', 'line 2: "=5" is not allowed; allowed: key=value'],
  ['a prototype', '__proto__=5', `__proto__: there is no such key; allowed: ${allowed}`],
] as const) {
  testOnBoth(`a bad line fails the operation and changes nothing: ${what}`, (t, config) => {
    const world = createSettled(t, { config });
    t.is(configure(world, 'measurementInterval=33\n').status, 'SUCCESSFUL');
    const before = shown(world);
    const operation = configure(
      world,
      `operationTimeout=100\n${text}`.replace(/^operationTimeout=100\n(?=.*line)/, ''),
    );
    t.is(operation.status, 'FAILED');
    const expected = reason.replace(/line (\d)/, (_all, line) => `line ${Number(line) + 1}`);
    t.is(operation.failureReason, expected);
    t.is(shown(world), before);
    checkInterval(t, world, 33);
    world.device.reboot();
    settle(world);
    t.is(shown(world), before);
  });
}

for (const [what, fragment] of [
  ['no text', {}],
  ['a number', { config: 5 }],
  ['null', { config: null }],
  ['an object', { config: { measurementInterval: 5 } }],
  ['nothing but white space', { config: ' \r\n\t\n' }],
] as const) {
  testOnBoth(`an operation with ${what} for a configuration fails`, (t, config) => {
    const world = createSettled(t, { config });
    configure(world, 'measurementInterval=20\n');
    const operation = order(world, { c8y_Configuration: fragment });
    runToEnd(world, [operation]);
    t.is(operation.failureReason, 'config: missing, empty or not a text; allowed: key=value lines');
    t.is(shown(world), start.replace('=60', '=20'));
  });
}

testOnBoth('a text replaces the whole one: a key that is left out returns to its start value', (t, config) => {
  const world = createSettled(t, { config: { ...config, measurementInterval: '90' } });
  configure(world, 'measurementInterval=10\nsendInterval=30\n');
  checkInterval(t, world, 10);
  configure(world, 'sendInterval=0\n');
  t.is(shown(world), 'sendInterval=0\nmeasurementInterval=90\npollTimeout=300\noperationTimeout=300\n');
  world.run(90_000);
  checkInterval(t, world, 90);
});

testOnBoth(
  'operation overrides command line overrides default, also after a restart with another command line',
  (t, config) => {
    const world = createSettled(t, { config });
    configure(world, 'sendInterval=20\n');
    world.device.config = { ...world.device.config, measurementInterval: '45', sendInterval: '5' };
    world.device.reboot();
    settle(world);
    t.is(shown(world), 'sendInterval=20\nmeasurementInterval=45\npollTimeout=300\noperationTimeout=300\n');
  },
);

for (const [what, stored] of [
  ['truncated', 'measurementInterval=15\nsendInt'],
  ['out of bounds', 'measurementInterval=0\n'],
  ['no text', '\u0000\u0001\u0002'],
]) {
  testOnBoth(`a stored configuration that is ${what} is passed over with a word`, (t, config) => {
    const world = createWorld(t, { config });
    world.device.machine.flash.values.set('runtime', Buffer.from(stored ?? ''));
    world.start();
    settle(world);
    t.is(shown(world), start);
    t.true(logged(world, /stored (configuration is not used|state runtime is damaged)/));
  });
}

testOnBoth('from a stored configuration of another version the known keys stay in force', (t, config) => {
  const world = createWorld(t, { config });
  world.device.machine.flash.values.set('runtime', Buffer.from('measurementInterval=15\nsomethingElse=1\n'));
  world.start();
  settle(world);
  t.is(shown(world), start.replace('=60', '=15'));
});

testOnBoth('flash that refuses the configuration: FAILED and unchanged', (t, config) => {
  const world = createSettled(t, { config });
  world.device.machine.flash.refusing = true;
  const operation = configure(world, 'measurementInterval=10');
  t.is(operation.failureReason, 'the flash refuses the configuration: nothing has changed');
  t.is(shown(world), start);
  checkInterval(t, world, 60);
});

testOnBoth('a text of three thousand characters is accepted, a longer one is refused with its length', (t, config) => {
  const world = createSettled(t, { config });
  const text = `${'# a comment that says little\n'.repeat(100)}measurementInterval=12`;
  t.is(configure(world, text).status, 'SUCCESSFUL');
  t.is(shown(world), start.replace('60', '12'));
  const operation = configure(world, `${text}\n${'#'.repeat(200)}`);
  t.regex(operation.failureReason ?? '', /3123 characters are too many; allowed: up to 3000/);
  t.is(shown(world), start.replace('60', '12'));
});

testOnBoth('c8y_SendConfiguration writes the text to the inventory again', (t, config) => {
  const world = createSettled(t, { config });
  delete objectOf(world).fragments['c8y_Configuration'];
  const operation = order(world, { c8y_SendConfiguration: {} });
  runToEnd(world, [operation]);
  t.is(operation.status, 'SUCCESSFUL');
  t.is(shown(world), start);
  const put = calls(world, 'PUT', '/inventory/managedObjects/*').at(-1);
  const done = updates(world, operation.id).at(-1);
  t.true((put?.number ?? 0) < (done?.number ?? 0), 'before the final status');
});

testOnBoth('a new pollTimeout is in force at the next poll', (t, config) => {
  const world = createSettled(t, { config });
  configure(world, 'pollTimeout=40');
  world.run(10_000);
  t.is(bayeux(world, 'handshake').length, 2);
  const before = world.requests;
  world.run(200_000);
  const polls = bayeux(world, 'connect', before);
  if (config.connections === '2') for (const gap of gaps(polls)) t.true(gap >= 40_000 && gap < 41_000, `${gap} ms`);
  t.true(polls.length >= 4);
  configure(world, 'pollTimeout=200');
  world.run(1_000_000);
  t.is(bayeux(world, 'handshake', before).length, 1);
});

testOnBoth('sendInterval: measurements are collected and sent together', (t, config) => {
  const world = createSettled(t, { config: { ...config, measurementInterval: '10' } });
  configure(world, 'measurementInterval=10\nsendInterval=60');
  world.run(120_000);
  const before = world.requests;
  world.run(600_000);
  const batches = calls(world, 'POST', '/measurement/measurements', before);
  t.is(batches.length, 10);
  const sizes = batches.map((batch) => (bodyOf(batch)['measurements'] as unknown[]).length);
  t.true(sizes.every((size) => size >= 5 && size <= 7));
  t.is(
    sizes.reduce((sum, size) => sum + size),
    60,
  );
});
