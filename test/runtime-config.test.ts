// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { CONFIG_KEYS, ConfigError, type Runtime } from '../src/config.ts';
import { configurationText, parseConfigurationText } from '../src/runtime-config.ts';
import fc from './support/property.ts';

const start: Runtime = { measurementInterval: 60, sendInterval: 0, pollTimeout: 300, operationTimeout: 120 };
const keys = CONFIG_KEYS.filter((key) => key.runtime === true);

function refusal(text: string): ConfigError {
  try {
    parseConfigurationText(text, start);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`not refused: ${JSON.stringify(text)}`);
}

test('the text holds every key that may change at run time, and nothing else', (t) => {
  t.is(configurationText(start), 'measurementInterval=60\nsendInterval=0\npollTimeout=300\noperationTimeout=120\n');
  t.deepEqual(
    Object.keys(start),
    keys.map(({ name }) => name),
  );
});

for (const [what, text, expected] of [
  ['nothing: everything returns to its start value', '', {}],
  ['one key', 'measurementInterval=5', { measurementInterval: 5 }],
  ['several, in any order', 'pollTimeout=7\nmeasurementInterval=5\n', { measurementInterval: 5, pollTimeout: 7 }],
  ['CRLF', 'measurementInterval=5\r\npollTimeout=7\r\n', { measurementInterval: 5, pollTimeout: 7 }],
  ['spaces round the equals sign and the line', '  measurementInterval \t=  5  ', { measurementInterval: 5 }],
  [
    'blank lines and comments',
    '\n\r\n  \n#sendInterval=9\n  # x\nmeasurementInterval=5\n\n',
    { measurementInterval: 5 },
  ],
  ['a last line without end', '# x\nsendInterval=3', { sendInterval: 3 }],
  ['a byte order mark', '\ufeffsendInterval=3', { sendInterval: 3 }],
] as const) {
  test(`a text is read: ${what}`, (t) => {
    t.deepEqual(parseConfigurationText(text, start), { ...start, ...expected });
  });
}

for (const [what, text, key, message] of [
  ['no equals sign', '# x\nmeasurementInterval 5', 'config', /^line 2: "measurementInterval 5" .*allowed: key=value$/],
  ['no key', '=5', 'config', /^line 1: "=5" .*allowed: key=value$/],
  [
    'an unknown key',
    'sampleInterval=5',
    'sampleInterval',
    /^sampleInterval: there is no such key; allowed: measurementInterval, /,
  ],
  ['a key in another case', 'MeasurementInterval=5', 'MeasurementInterval', /there is no such key/],
  [
    'a key that is fixed',
    'url=https://evil.example',
    'url',
    /^url: cannot be changed while the device runs; allowed: measurementInterval, /,
  ],
  [
    'a value that is too small',
    'measurementInterval=0',
    'measurementInterval',
    /^measurementInterval: "0" .*allowed: a whole number from 1 to 86400 \(s\)$/,
  ],
  ['a value that is too large', 'pollTimeout=7201', 'pollTimeout', /^pollTimeout: "7201" .*from 1 to 7200/],
  ['no value', 'measurementInterval=', 'measurementInterval', /^measurementInterval: "" .*allowed: a whole number/],
  ['a value that is no number', 'measurementInterval=fast', 'measurementInterval', /"fast"/],
  ['two equals signs', 'measurementInterval=5=6', 'measurementInterval', /"5=6"/],
  ['a comment behind a value', 'measurementInterval=5 # often', 'measurementInterval', /"5 # often"/],
  [
    'a key given twice',
    'sendInterval=5\nsendInterval=5',
    'sendInterval',
    /^sendInterval: given twice \(line 2\); allowed: each key once$/,
  ],
  ['a carriage return within a line', 'sendInterval=5\rpollTimeout=7', 'sendInterval', /"5\?pollTimeout=7"/],
  ['a NUL', 'sendInterval=5\u0000', 'sendInterval', /"5\?"/],
  [
    'a text that is too long',
    '#'.repeat(3001),
    'config',
    /^config: 3001 characters are too many; allowed: up to 3000$/,
  ],
] as const) {
  test(`a text is refused as a whole: ${what}`, (t) => {
    const error = refusal(text);
    t.is(error.key, key);
    t.regex(error.message, message);
  });
}

test('a refusal names no secret and no control character, and is short', (t) => {
  const secret = refusal('bootstrapPassword=opensesame');
  t.notRegex(secret.message, /opensesame/);
  t.regex(secret.message, /^bootstrapPassword: cannot be changed/);
  const long = refusal(`${'k'.repeat(500)}\u001b=1`);
  t.notRegex(long.message, /[\u0000-\u001f]/);
  t.true(long.message.length < 250);
});

test('what is written is read again, and only a valid text is taken', (t) => {
  const runtime = fc.record({
    measurementInterval: fc.integer({ min: 1, max: 86_400 }),
    sendInterval: fc.integer({ min: 0, max: 86_400 }),
    pollTimeout: fc.integer({ min: 1, max: 7200 }),
    operationTimeout: fc.integer({ min: 1, max: 86_400 }),
  });
  fc.assert(
    fc.property(runtime, (values) => {
      t.deepEqual(parseConfigurationText(configurationText(values), start), values);
    }),
  );
  const line = fc
    .tuple(fc.constantFrom(...CONFIG_KEYS.map(({ name }) => name), 'x', ''), fc.string())
    .map((pair) => pair.join('='));
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string({ unit: 'binary' })), { maxLength: 5 }), (lines) => {
      const before = { ...start };
      try {
        const values = parseConfigurationText(lines.join('\n'), start);
        for (const key of keys) {
          const value = Number(values[key.name]);
          t.true(value >= (key.least ?? 0) && value <= (key.most ?? 0));
        }
      } catch (error) {
        t.true(error instanceof ConfigError, String(error));
      }
      t.deepEqual(start, before, 'the start values stay');
    }),
  );
});
