// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { agentConfig, boardConfig, describeKeys, isSecret, writeSettings } from '../../../hal/esp32/config.ts';
import type { KeyValues } from '../../../hal/esp32/platform.ts';

function createValues(): KeyValues {
  const kept = new Map<string, Uint8Array>();
  return {
    read: (name) => kept.get(name)?.slice().buffer as ArrayBuffer | undefined,
    write: (name, value) => void kept.set(name, value),
    delete: (name) => void kept.delete(name),
    names: () => [...kept.keys()],
    freeBytes: () => 1000,
  };
}

test('settings of the board come before the manifest, whatever they contain', (t) => {
  const values = createValues();
  const manifest = { url: 'https://manifest.example.com', deviceId: 'one', format: 'x' };
  t.deepEqual(boardConfig(manifest, values), manifest);
  writeSettings(values, { url: 'https://board.example.com', wifiPassword: 'a=b=ü 温' });
  t.deepEqual(boardConfig(manifest, values), {
    ...manifest,
    url: 'https://board.example.com',
    wifiPassword: 'a=b=ü 温',
  });
  writeSettings(values, {});
  t.deepEqual(values.names(), []);
});

test('a manifest may have numbers and truth values, as they are written in JSON', (t) => {
  const manifest = { measurementInterval: 300, allowPlain: true, led: 2, wifiName: 4711, rotation: 0, tls: { a: 1 } };
  const lines: string[] = [];
  const config = boardConfig(manifest, createValues());
  t.deepEqual(config, {
    ...manifest,
    measurementInterval: '300',
    allowPlain: 'yes',
    led: '2',
    wifiName: '4711',
  });
  const agents = agentConfig(config, (line) => lines.push(line));
  t.deepEqual(agents, { measurementInterval: '300', allowPlain: 'yes' });
  const ofBoards = { led: { pin: 8, rainbow: true }, screen: 'ili9341', button_pin: 9, startupSound: 'a.maud' };
  agentConfig({ url: ['https://a.example.com'], ...ofBoards }, (line) => lines.push(line));
  t.deepEqual(lines, ['config: url is no text']);
});

test('a start reports values that the board cannot use, and shows no secrets', (t) => {
  const lines: string[] = [];
  const config = {
    ssid: 'Barn',
    wifiPassword: 'short7!',
    led: 'red',
    i2c: '21',
    wifiPowerSave: 'no',
    wifiName2: 'House',
  };
  agentConfig(config, (line) => lines.push(line));
  t.deepEqual(lines, [
    'config: there is no key ssid; the key is wifiName',
    'config: wifiPassword: that value (a secret, not shown) is not allowed; allowed: 8 to 63 characters, or 64 hex digits',
    'config: led: "red" is not allowed; allowed: a number, with ",low" if a low level lights it, or no',
    'config: i2c: "21" is not allowed; allowed: two numbers, for example 21,22',
  ]);
});

test('the agent gets its own keys; keys of the board and the SDK are correct, others are reported', (t) => {
  const lines: string[] = [];
  const config = {
    url: 'u',
    name: '',
    wifiName: 'w',
    sensors: 's',
    led: '2',
    format: 'x',
    creation: {},
    urll: 'y',
    acme_step: '5',
  };
  t.deepEqual(
    agentConfig(config, (line) => lines.push(line)),
    { url: 'u' },
  );
  t.deepEqual(lines, ['config: there is no key urll']);
});

test('secrets are known as such, and every key is described', (t) => {
  t.deepEqual(
    ['wifiPassword', 'bootstrapPassword', 'securityToken', 'wifiName', 'url', 'nothing'].map((name) => isSecret(name)),
    [true, true, true, false, false, false],
  );
  const keys = describeKeys();
  for (const name of ['wifiName', 'i2c', 'led', 'url', 'measurementInterval']) {
    t.is(keys.filter((line) => line.startsWith(`${name}: `)).length, 1, name);
  }
});
