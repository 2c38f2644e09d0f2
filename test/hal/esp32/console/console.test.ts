// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { withSettings } from 'fractus/settings';
import { agentConfig, boardConfig, checkSetting, readSettings, writeSettings } from '../../../../hal/esp32/config.ts';
import { Console } from '../../../../hal/esp32/console/console.ts';
import type { ModuleSlot } from '../../../../hal/hal.ts';
import { utf8 } from '../../../../src/bytes/text.ts';
import { createConsole, createValues, MANIFEST } from '../typing.ts';

test('keys of the app are set as any others, with their bounds, and secrets stay so', (t) => {
  const { settings = [] } = withSettings(
    {
      acme_delay: { kind: 'integer', least: 1, most: 9, value: 5, meaning: 'Until the alarm.' },
      acme_pin: { kind: 'text', value: '0000', secret: true, meaning: 'Of the door.' },
    },
    () => {},
  );
  const { values, type } = createConsole(MANIFEST, settings);
  t.regex(type('set acme_delay 10'), /acme_delay: "10" is not allowed; allowed: a whole number from 1 to 9/);
  t.regex(type('acme_delay=3'), /kept/);
  t.notRegex(type('acme_pin=1234'), /1234/);
  t.deepEqual(readSettings(values), { acme_delay: '3', acme_pin: '1234' });
  t.regex(type('show'), /acme_delay=3 \(this board\)[\s\S]*acme_pin=\(set, not shown\)/);
  t.regex(type('help keys'), /acme_delay: Until the alarm\. Allowed: a whole number from 1 to 9\./);
  t.regex(type('set acme_dely 3'), /there is no key acme_dely/);
  const config = boardConfig({ ...MANIFEST, acme_delay: 7 }, values, settings);
  t.like(
    agentConfig(config, () => {}, settings),
    { acme_delay: '3', acme_pin: '1234' },
  );
  t.regex(type('connect --test'), /configuration +ok/);
});

test('a value is refused that needs a part which the firmware does not have', (t) => {
  const { values, type } = createConsole(MANIFEST, [], []);
  t.regex(type('set auth certificate'), /auth: "certificate" needs the part certificate/);
  t.regex(type('set auth basic'), /kept/);
  t.deepEqual(readSettings(values), { auth: 'basic' });
  const set = createConsole({ ...MANIFEST, auth: 'certificate' }, [], []);
  t.regex(set.type('connect --test'), /configuration +failed +auth: "certificate" needs the part certificate/);
});

test('set, show, unset', (t) => {
  const { values, type } = createConsole();
  t.regex(type('set wifiName Barn'), /kept; "restart" uses it/);
  t.regex(type('url = https://board.example.com'), /kept/);
  t.regex(type('wifiPassword=correct horse=1'), /kept/);
  t.deepEqual(readSettings(values), {
    wifiName: 'Barn',
    url: 'https://board.example.com',
    wifiPassword: 'correct horse=1',
  });
  t.deepEqual(type('show').split('\r\n').slice(1, -1).sort(), [
    'bootstrapPassword=(set, not shown) (firmware)',
    'url=https://board.example.com (this board)',
    'wifiName=Barn (this board)',
    'wifiPassword=(set, not shown) (this board)',
  ]);
  t.regex(type('unset url'), /kept/);
  t.regex(type('show'), /^url=https:\/\/firmware.example.com \(firmware\)\r$/m);
  t.regex(type('unset url'), /not set on this board/);
});

for (const line of [
  'set bootstrapPassword hunter2-hunter2',
  'bootstrapPassword=hunter2-hunter2',
  'bootstrapPassword = hunter2-hunter2',
  '  set   wifiPassword hunter2-hunter2',
  'SET securityToken hunter2-hunter2',
]) {
  test(`a secret is not echoed: ${line}`, (t) => {
    const { type, values } = createConsole();
    const seen = type(line);
    t.regex(seen, /kept/, seen);
    t.false(seen.includes('hunter2'), seen);
    t.true(seen.includes('***************'));
    t.true(Object.values(readSettings(values)).includes('hunter2-hunter2'));
    for (const command of ['show', 'status', 'help', 'help keys']) t.false(type(command).includes('hunter2'));
  });
}

test('a value that is not allowed is refused, a secret without showing it', (t) => {
  const { values, type } = createConsole();
  t.regex(type('set url ftp://x'), /url: "ftp:\/\/x" is not allowed; allowed: http/);
  t.regex(type('set led 99'), /led: "99" is not allowed; allowed: a number/);
  t.regex(type('set i2c 21'), /i2c: "21" is not allowed; allowed: two numbers/);
  t.regex(type(`set wifiName ${'x'.repeat(33)}`), /allowed: 1 to 32 bytes/);
  t.regex(type('set ssid Barn'), /there is no key ssid; the key is wifiName; "help keys" lists all/);
  const refused = type('set wifiPassword short7!');
  t.regex(refused, /a secret, not shown/);
  t.false(refused.includes('short7!'));
  t.regex(type('set url'), /usage: set key value/);
  t.deepEqual(readSettings(values), {});
  for (const name of ['wifiName', 'sensors']) t.throws(() => checkSetting(name, ''));
});

test('a secret is not echoed where its key is misspelt', (t) => {
  const { type } = createConsole();
  for (const line of ['set bootstrapPasword hunter2', 'wifi_password=hunter2', 'set wifiPassword9 hunter2']) {
    const seen = type(line);
    t.regex(seen, /there is no key/);
    t.false(seen.includes('hunter2'), seen);
  }
});

test('a refusal of the flash is reported', (t) => {
  const { values, type } = createConsole();
  values.refuses = true;
  t.regex(type('set wifiName Barn'), /the flash refuses it: nothing has changed/);
});

test('settings that cannot be read count as missing', (t) => {
  const values = createValues();
  values.read = () => {
    throw new Error('mismatch');
  };
  t.deepEqual(readSettings(values), {});
});

test('status shows the state of the board', (t) => {
  const { hal, type } = createConsole();
  hal.clock.set(Date.UTC(2026, 0, 4));
  const status = type('status');
  for (const words of [
    /^board .*0200000000ab\r$/m,
    /^network +up, 192.0.2.10, -60 dBm\r$/m,
    /^credentials +none yet\r$/m,
  ]) {
    t.regex(status, words);
  }
  t.regex(status, /^time +2026-01-04T00:00:00.000Z\r$/m);
  hal.store.set('credentials', utf8('fractus1\nt1\nuser\npassword\nend'));
  t.regex(type('status'), /^credentials +kept\r$/m);
});

test('connect --test names the layer; one at a time', (t) => {
  const { machine, type, all } = createConsole();
  t.regex(type('connect'), /usage: connect --test/);
  type('connect --test');
  t.regex(type('connect --test'), /already running/);
  machine.time.run(60_000);
  t.regex(all(), /^> DNS +failed +firmware.example.com is not known/m);
  t.regex(all(), /^DNS does not work\r$/m);
  t.regex(type('connect --test'), /configuration +ok/);
});

test('connect --test does not judge a Wi-Fi that is not used yet', (t) => {
  const { type } = createConsole();
  type('set url https://other.example.com');
  type('unset url');
  type('set wifiName2 Barn');
  t.regex(type('connect --test'), /the Wi-Fi settings have changed/);
});

test('restart, and three levels of forgetting', (t) => {
  const { machine, type } = createConsole();
  type('restart');
  t.deepEqual(machine.restarts, ['asked for at the console']);
  for (const [level, settings, credentials, others] of [
    ['settings', false, true, true],
    ['credentials', true, false, true],
    ['all', false, false, false],
  ] as const) {
    const scene = createConsole();
    writeSettings(scene.values, { wifiName: 'Barn' });
    // As the clock, the count of starts and a mod keep them.
    for (const name of ['time', 'boots', 'mod']) scene.values.write(name, utf8('x'));
    const credentialNames = ['credentials', 'credentials-new', 'bad-credentials', 'enrolled', 'enrolled-new'];
    for (const name of [...credentialNames, 'other']) scene.hal.store.set(name, utf8('x'));
    t.regex(scene.type(`reset ${level}`), /usage: reset settings\|credentials\|all yes/);
    t.deepEqual(readSettings(scene.values), { wifiName: 'Barn' });
    scene.type(`reset ${level} yes`);
    t.deepEqual(scene.machine.restarts, [`reset of ${level} at the console`]);
    const { store } = scene.machine.boot();
    t.is(readSettings(scene.values)['wifiName'] !== undefined, settings, level);
    for (const name of credentialNames) t.is(store.get(name) !== undefined, credentials, `${level}: ${name}`);
    t.is(store.get('other') !== undefined, others, level);
    for (const name of ['time', 'boots', 'mod']) t.is(scene.values.read(name) !== undefined, others, level);
  }
});

test('reset all removes a mod, and says so when it cannot', (t) => {
  for (const works of [true, false]) {
    const scene = createConsole();
    let removed = 0;
    const modules: ModuleSlot = {
      capacityBytes: 0,
      installed: true,
      install: () => undefined,
      remove() {
        removed += 1;
        return works;
      },
    };
    const hal = Object.assign(Object.create(scene.hal), { modules });
    let output = '';
    const options = { hal, manifest: MANIFEST, values: scene.values, write: (text: string) => (output += text) };
    const take = (line: string) => new Console(options).take(utf8(`${line}\r`));
    for (const level of ['settings', 'credentials']) take(`reset ${level} yes`);
    t.is(removed, 0);
    take('reset all yes');
    t.is(removed, 1);
    t.is(output.includes('the mod stays'), !works);
  }
});

for (const [typed, kept] of [
  ['my barn', 'my barn'],
  ['  my  barn  ', 'my  barn'],
  ['" my barn "', ' my barn '],
  ['"', '"'],
  ['"barn', '"barn'],
  ['the "barn"', 'the "barn"'],
  ['""barn""', '"barn"'],
  ['"""', '"'],
  ['"=a = b"', '=a = b'],
  ["it's", "it's"],
] as const) {
  test(`a name with blanks or quotes, as it is typed: ${JSON.stringify(typed)}`, (t) => {
    const { type, values } = createConsole();
    t.regex(type(`set wifiName ${typed}`), /kept/);
    t.is(readSettings(values)['wifiName'], kept);
    const shown = /^wifiName=(.*) \(this board\)\r$/m.exec(type('show'))?.[1] ?? '';
    type('unset wifiName');
    t.regex(type(`wifiName=${shown}`), /kept/);
    t.is(readSettings(values)['wifiName'], kept, 'what is shown can be typed');
    t.regex(type(`wifiPassword=${'"'.repeat(10)}`), /kept/);
    t.is(readSettings(values)['wifiPassword'], '"'.repeat(8));
  });
}

test('between quotes there must be something', (t) => {
  const { type, values } = createConsole();
  t.regex(type('set wifiName ""'), /wifiName: "" is not allowed/);
  t.deepEqual(readSettings(values), {});
});

test('a line that is no command says so, and help lists the commands', (t) => {
  const { type } = createConsole();
  for (const line of ['nonsense', '=', '=x', 'constructor', 'reset', 'set', 'unset', '\u0000\u0001']) type(line);
  t.regex(type('nonsense'), /there is no such command; "help" lists them/);
  t.regex(type(''), /^\r\n> $/);
});
