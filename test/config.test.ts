// SPDX-License-Identifier: Apache-2.0

import { inspect } from 'node:util';
import test from 'ava';
import { allowed, CONFIG_KEYS, Config, ConfigError, type ConfigKey, configKey, parseConfig } from '../src/config.ts';
import { mac, refusal, url } from './config-scene.ts';
import fc from './support/property.ts';

function keyOf(name: string): ConfigKey {
  const key = configKey(name);
  if (key === undefined) throw new Error(`no key ${name}`);
  return key;
}

test('a value that is not a text is refused, with its key', (t) => {
  const numbers = { url, queueSize: 100 } as unknown as Readonly<Record<string, string>>;
  const error = t.throws(() => parseConfig(numbers, mac), { instanceOf: ConfigError });
  t.is(error.message, 'queueSize: the value is not a text; put it in quotes');
});

/** A value that is not the default, and what it becomes. */
const given: Readonly<Record<string, readonly [string, (config: Config) => unknown, unknown]>> = {
  url: ['http://127.0.0.1:8080', (c) => c.endpoint.authority, '127.0.0.1:8080'],
  tokenUrl: ['https://tokens.example', (c) => c.tokenEndpoint.authority, 'tokens.example'],
  auth: ['basic', (c) => c.certificateAuth, false],
  bootstrapUser: ['t1/boot/strap', (c) => c.text('bootstrapUser'), 't1/boot/strap'],
  bootstrapPassword: ['p:ä ß', (c) => c.given('bootstrapPassword'), 'p:ä ß'],
  securityToken: ['tok en', (c) => c.given('securityToken'), 'tok en'],
  certificate: ['/a/b.pem', (c) => c.given('certificate'), '/a/b.pem'],
  privateKey: ['/a/k.pem', (c) => c.given('privateKey'), '/a/k.pem'],
  sendChain: ['no', (c) => c.text('sendChain'), 'no'],
  ca: ['ca.pem', (c) => c.ca, 'ca.pem'],
  deviceId: ['Pümp?7', (c) => c.deviceId, 'Pümp?7'],
  externalId: ['acme-7', (c) => c.externalId, 'acme-7'],
  externalIdType: ['acme_Id', (c) => c.text('externalIdType'), 'acme_Id'],
  name: ['Pump 7 "left"', (c) => c.name, 'Pump 7 "left"'],
  type: ['acme_Pump', (c) => c.text('type'), 'acme_Pump'],
  requiredAvailability: ['0', (c) => c.requiredAvailabilityMin, 0],
  measurementInterval: ['86400', (c) => c.runtime.measurementInterval, 86_400],
  sendInterval: ['5', (c) => c.runtime.sendInterval, 5],
  pollTimeout: ['7200', (c) => c.runtime.pollTimeout, 7200],
  connections: ['1', (c) => c.connections, 1],
  queueSize: ['16', (c) => c.queueSize, 16],
  writeBehind: ['60', (c) => c.writeBehindMs, 60_000],
  startSpread: ['7', (c) => c.startSpreadMs, 7000],
  operationTimeout: ['007', (c) => c.runtime.operationTimeout, 7],
  progressTimeout: ['60', (c) => c.progressTimeoutMs, 60_000],
  rebootstrapAfter: ['0', (c) => c.rebootstrapAfterMs, 0],
  allowPlain: ['yes', (c) => c.endpoint.secure, true],
};

const control = '\n\r\t\u0000\u001b\u007f';

/** Values that no key of a kind takes. */
const wrong: Readonly<Record<ConfigKey['kind'], readonly string[]>> = {
  integer: ['', ' ', '-1', '1.5', '1e3', '0x10', '99999999999', '١', 'ten', '5 ', ' 5', '+5', '5s', '600000'],
  choice: ['', 'YES', 'maybe', 'yes ', 'no,yes', '3'],
  url: [
    '',
    'example.com',
    'ftp://example.com',
    'https://',
    'https:///x',
    'https://example.com/path',
    'https://example.com?x',
    'https://example.com#x',
    'https://example.com:0',
    'https://example.com:65536',
    'https://example.com:port',
    'https://exa mple.com',
    'https://exämple.com',
    'https://example.com\r\nHost: evil',
    'HTTPS//example.com',
    'https://[::1',
    'https://[:::1]',
    'https://[1:2:3]',
    'https://[127.0.0.1]',
    'https://[1:2:3:4:5:6:7:8:9]',
  ],
  user: ['', 'tenant', '/user', 'tenant/', 'ten:ant/user', 'tenant/us:er', 'a/b\n'],
  id: ['', '.', '..', 'a b', 'a/b', 'a\\b', 'a$b', 'a\tb', 'a\u00a0b', 'a\nb', 'a\u007fb', 'x'.repeat(257)],
  text: ['', ...control, `a${control}b`, 'x'.repeat(1025)],
};

test('a url alone is enough: all other keys have defaults', (t) => {
  const config = parseConfig({ url }, mac);
  t.deepEqual(config.endpoint, {
    secure: true,
    host: 'example.cumulocity.com',
    port: 443,
    authority: 'example.cumulocity.com',
  });
  t.deepEqual(config.tokenEndpoint, {
    secure: true,
    host: 'example.cumulocity.com',
    port: 8443,
    authority: 'example.cumulocity.com:8443',
  });
  t.false(config.certificateAuth);
  t.is(config.text('bootstrapUser'), 'management/devicebootstrap');
  for (const each of ['bootstrapPassword', 'securityToken', 'certificate', 'privateKey', 'ca'] as const) {
    t.is(config.given(each), undefined, each);
  }
  t.is(config.text('sendChain'), 'yes');
  t.is(config.deviceId, 'esp32-30aea4123456');
  t.is(config.externalId, 'esp32-30aea4123456');
  t.is(config.text('externalIdType'), 'c8y_Serial');
  t.is(config.name, 'ESP32 esp32-30aea4123456');
  t.is(config.text('type'), 'c8y_ESP32');
  t.is(config.requiredAvailabilityMin, 10);
  t.is(config.connections, 2);
  t.is(config.queueSize, 256);
  t.is(config.writeBehindMs, 0);
  t.is(config.startSpreadMs, 5000);
  t.deepEqual(config.runtime, { measurementInterval: 60, sendInterval: 0, pollTimeout: 300, operationTimeout: 300 });
});

test('every key has an effect', (t) => {
  t.deepEqual(
    Object.keys(given),
    CONFIG_KEYS.map(({ name }) => name),
  );
  for (const [name, [value, get, expected]] of Object.entries(given)) {
    t.deepEqual(get(parseConfig({ url, [name]: value }, mac)), expected, name);
  }
});

test('the definition is sound: names are unique, defaults and bounds fit, everything has a meaning', (t) => {
  t.is(new Set(CONFIG_KEYS.map(({ name }) => name)).size, CONFIG_KEYS.length);
  for (const key of CONFIG_KEYS) {
    t.regex(key.name, /^[a-z][A-Za-z]+$/);
    t.true(key.meaning.endsWith('.'), key.name);
    if (key.value !== undefined) t.notThrows(() => parseConfig({ url, [key.name]: key.value }, mac), key.name);
    t.is(key.choices !== undefined, key.kind === 'choice', key.name);
    t.is(key.least !== undefined && key.most !== undefined, key.kind === 'integer', key.name);
    t.false(key.secret === true && key.runtime === true, `${key.name}: a secret is not shown in the inventory`);
  }
  t.true(keyOf('bootstrapPassword').secret);
  t.true(keyOf('securityToken').secret);
});

for (const key of CONFIG_KEYS) {
  test(`${key.name}: a bad value is refused with the key, the value and what is allowed`, (t) => {
    for (const value of wrong[key.kind]) {
      const { message, key: named } = refusal({ [key.name]: value });
      t.is(named, key.name, value);
      t.true(message.startsWith(`${key.name}: `), message);
      t.true(message.includes(`allowed: ${allowed(key)}`), message);
      t.notRegex(message, /[\u0000-\u001f\u007f]/);
      t.true(message.length < 400);
      if (key.secret === true) t.true(message.includes('a secret, not shown'), message);
      else t.true(message.includes(`"${value.slice(0, 60).replace(/[\u0000-\u001f\u007f]/g, '?')}`), message);
    }
  });
}

test('whole numbers are taken within their bounds only', (t) => {
  for (const key of CONFIG_KEYS) {
    if (key.least === undefined || key.most === undefined) continue;
    for (const number of [key.least, key.most]) {
      t.notThrows(() => parseConfig({ url, [key.name]: String(number) }, mac), `${key.name}=${number}`);
    }
    for (const number of [key.least - 1, key.most + 1]) {
      t.regex(refusal({ [key.name]: String(number) }).message, new RegExp(`from ${key.least} to ${key.most}`));
    }
  }
});

test('a secret is never quoted, whatever is wrong with it', (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom('bootstrapPassword', 'securityToken'),
      fc.stringMatching(/^[a-z]{8,20}$/),
      (name, secret) => {
        for (const value of [`${secret}\n`, `\u0000${secret}`, secret.repeat(200)]) {
          t.false(refusal({ [name]: value }).message.includes(secret));
        }
      },
    ),
  );
});

test('a long value is cut where it is shown', (t) => {
  const { message } = refusal({ deviceId: 'y '.repeat(400) });
  t.true(message.includes('…'));
  t.true(message.length < 250);
});

test('unknown keys are refused, with the known keys', (t) => {
  for (const name of ['URL', 'urls', '', 'constructor', '__proto__x', 'a\nb', 'password', 'x'.repeat(500)]) {
    const { message } = refusal({ [name]: 'opensesame' });
    t.regex(message, /there is no such key; there are: url, tokenUrl, /);
    t.notRegex(message, /opensesame/);
    t.notRegex(message, /[\u0000-\u001f]/);
  }
});

test('a missing key is reported with the feature that needs it', (t) => {
  t.throws(() => parseConfig({}, mac), { instanceOf: ConfigError, message: /^url: missing; .*http/ });
  t.throws(() => parseConfig({ url: undefined }, mac), { instanceOf: ConfigError, message: /^url: missing/ });
  t.regex(refusal({ auth: 'certificate' }).message, /^certificate: missing; it is needed for auth=certificate/);
  t.regex(
    refusal({ auth: 'certificate', certificate: 'c' }).message,
    /^privateKey: missing; it is needed for auth=certificate/,
  );
  t.notThrows(() => parseConfig({ url, auth: 'certificate', certificate: 'c', privateKey: 'k' }, mac));
});

test('a deviceId with a colon cannot be a user of Basic authentication', (t) => {
  const deviceId = 'AA:BB:CC:DD:EE:FF';
  t.regex(
    refusal({ deviceId }).message,
    /^deviceId: "AA:BB:CC:DD:EE:FF" is not allowed: .*no colon .*; allowed: .*certificate/,
  );
  t.is(parseConfig({ url, deviceId, auth: 'certificate', certificate: 'c', privateKey: 'k' }, mac).deviceId, deviceId);
});

test('a shown value is cut between characters', (t) => {
  const { message } = refusal({ deviceId: `${'y'.repeat(58)} \u{1f600}` });
  t.true(message.includes(`${'y'.repeat(58)} …"`), message);
});

test('no configuration causes another exception than ConfigError', (t) => {
  const name = fc.oneof(fc.constantFrom(...CONFIG_KEYS.map((key) => key.name)), fc.string());
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...Object.values(wrong).flat()));
  fc.assert(
    fc.property(fc.dictionary(name, value, { maxKeys: 4 }), (raw) => {
      try {
        t.true(parseConfig({ url, ...raw }, mac) instanceof Config);
      } catch (error) {
        t.true(error instanceof ConfigError, String(error));
      }
    }),
  );
});

test('a person who looks at the object sees no secret', (t) => {
  const config = parseConfig({ url, bootstrapPassword: 'hidden-1', securityToken: 'hidden-2' }, mac);
  t.notRegex(inspect(config, { depth: 9, getters: true }) + JSON.stringify(config), /hidden/);
});
