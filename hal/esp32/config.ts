// SPDX-License-Identifier: Apache-2.0

import { decodeUtf8, utf8 } from '../../src/bytes/text.ts';
import {
  allowed,
  CONFIG_KEYS,
  type ConfigKey,
  checkValue,
  configKey,
  type Parts,
  type RawConfig,
} from '../../src/config.ts';
import { readLed } from './indicator.ts';
import { POWER_SAVE } from './network/wifi-link.ts';
import type { KeyValues } from './platform.ts';
import { readBus } from './sensors/connect.ts';
import { readServers } from './time/sntp.ts';

/** The raw configuration of a firmware, including the keys of the SDK and of this HAL. */
export type BoardConfig = Readonly<Record<string, unknown>>;

/** A key of this HAL; the agent does not know it. */
export interface BoardKey {
  readonly name: string;
  /** Never shown. */
  readonly secret?: true;
  readonly meaning: string;
  readonly allowed: string;
  fits(value: string): boolean;
}

export const BOARD_KEYS: readonly BoardKey[] = [
  ...networkKeys('', 'Name of the network.'),
  ...networkKeys('2', 'A second network, tried in turn with the first.'),
  ...networkKeys('3', 'A third one.'),
  {
    name: 'wifiPowerSave',
    meaning: 'Sleep of the radio between beacons; default: min; max saves more power and answers later.',
    allowed: Object.keys(POWER_SAVE).join(', '),
    fits: (value) => Object.hasOwn(POWER_SAVE, value),
  },
  {
    name: 'sensors',
    meaning: 'Parts on I²C, for example SHT3x, attic:BMP280@0x77.',
    allowed: '[name:]part[@address], separated by commas',
    fits: (value) => /^[\w:@,\s-]+$/.test(value),
  },
  {
    name: 'i2c',
    meaning: 'Pins of I²C, data first; default: those of the board.',
    allowed: 'two numbers, for example 21,22',
    fits: (value) => readBus(value) !== undefined,
  },
  {
    name: 'led',
    meaning: 'Pin of the status light; default: that of the board.',
    allowed: 'a number, with ",low" if a low level lights it, or no',
    fits: (value) => value === 'no' || readLed(value) !== undefined,
  },
  {
    name: 'ntpServers',
    meaning: 'Time servers (SNTP), asked in turn; default: pool.ntp.org.',
    allowed: 'up to four, host or host:port, separated by commas; none',
    fits: (value) => readServers(value) !== undefined,
  },
];

/** The two keys of a Wi-Fi network. */
function networkKeys(number: string, meaning: string): BoardKey[] {
  return [
    { name: `wifiName${number}`, meaning, allowed: '1 to 32 bytes', fits: (value) => byteLength(value) <= 32 },
    {
      name: `wifiPassword${number}`,
      secret: true,
      meaning: 'Its password; absent: an open network.',
      allowed: '8 to 63 characters, or 64 hex digits',
      fits: (value) => (byteLength(value) >= 8 && byteLength(value) <= 63) || /^[0-9a-f]{64}$/i.test(value),
    },
  ];
}

const NO_KEYS: readonly ConfigKey[] = [];
/** Keys of the SDK. The SDK's own set-up reads `sntp`; the firmware does not contain that set-up. */
const OTHERS = ['format', 'rotation', 'sntp', 'files', 'screen', 'Screen', 'touch', 'startupSound'];

/** Names of our keys by the names in the SDK's examples. */
const SDK_NAMES: Readonly<Record<string, string>> = { ssid: 'wifiName', password: 'wifiPassword' };

/** Space of the agent's values. */
export const AGENT_SPACE = 'fractus';

/** Space of this HAL's own values. */
export const OWN_SPACE = 'fractus-hal';

/**
 * Space of the settings and files that the factory wrote for this board. They override those of the firmware. A reset
 * keeps them.
 */
export const FACTORY_SPACE = 'fractus-factory';

/** Name of the settings in a space: lines `key=value`, UTF-8. */
export const PROVISIONED = 'config';

/** The settings in a space; empty also when they cannot be read. */
export function readSettings(values: KeyValues): Record<string, string> {
  const settings: Record<string, string> = {};
  let kept: ArrayBuffer | undefined;
  try {
    kept = values.read(PROVISIONED);
  } catch {
    // A board without settings can be set up again; one that does not start cannot.
  }
  if (kept === undefined) return settings;
  for (const line of decodeUtf8(new Uint8Array(kept), 0, kept.byteLength).split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) settings[line.slice(0, at)] = line.slice(at + 1);
  }
  return settings;
}

/** @throws Error when the flash refuses */
export function writeSettings(values: KeyValues, settings: Readonly<Record<string, string>>): void {
  const names = Object.keys(settings);
  if (names.length === 0) values.delete(PROVISIONED);
  else values.write(PROVISIONED, utf8(names.map((name) => `${name}=${settings[name]}`).join('\n')));
}

/**
 * The manifest's configuration, overridden by the settings of this board. Values of our keys become texts; a manifest
 * may have numbers and booleans for them.
 * @param own keys of the app
 */
export function boardConfig(manifest: BoardConfig, values: KeyValues, own = NO_KEYS): BoardConfig {
  const config: Record<string, unknown> = { ...manifest, ...readSettings(values) };
  for (const { name } of [...BOARD_KEYS, ...CONFIG_KEYS, ...own]) {
    const value = config[name];
    if (typeof value === 'boolean') config[name] = value ? 'yes' : 'no';
    else if (typeof value === 'number') config[name] = String(value);
  }
  return config;
}

/**
 * The agent's part of the configuration. An empty text counts as an absent key: a manifest has no other way to say so.
 * @param report called for each unknown key, which may be misspelt, and for each unusable value of a board key
 */
export function agentConfig(config: BoardConfig, report: (line: string) => void, own = NO_KEYS): RawConfig {
  const raw: Record<string, string> = {};
  for (const name of Object.keys(config)) {
    const value = config[name];
    if (value === '') continue;
    const isOwn = agentKey(name, own) !== undefined;
    if (typeof value !== 'string') {
      // Many boards of the SDK have a `led` of another kind.
      if (isOwn) report(`config: ${name} is no text`);
    } else if (isOwn) {
      raw[name] = value;
    } else if (boardKey(name) !== undefined) {
      reportSetting(name, value, report);
    } else if (!OTHERS.includes(name) && !name.includes('_')) {
      // A key with an underscore belongs to the author: no other key has one.
      report(`config: ${noKey(name)}`);
    }
  }
  return raw;
}

function reportSetting(name: string, value: string, report: (line: string) => void): void {
  try {
    checkSetting(name, value);
  } catch (error) {
    report(`config: ${(error as Error).message}`);
  }
}

/** The error text for an unknown key. Names the right key when `name` is a key of the SDK's examples. */
export function noKey(name: string): string {
  const known = Object.hasOwn(SDK_NAMES, name) ? `; the key is ${SDK_NAMES[name]}` : '';
  return `there is no key ${name.slice(0, 40)}${known}`;
}

/** Whether the key is for the SDK, and so not a mistake. */
export function isSdkKey(name: string): boolean {
  return OTHERS.includes(name);
}

export function boardKey(name: string): BoardKey | undefined {
  return BOARD_KEYS.find((key) => key.name === name);
}

/** The key of the agent or of the app with this name. */
function agentKey(name: string, own: readonly ConfigKey[]): ConfigKey | undefined {
  return configKey(name) ?? configKey(name, own);
}

export function isSecret(name: string, own = NO_KEYS): boolean {
  return (agentKey(name, own) ?? boardKey(name))?.secret === true;
}

/** One line for a person per key: its meaning and the allowed values. */
export function describeKeys(own = NO_KEYS): string[] {
  return [
    ...BOARD_KEYS.map((key) => `${key.name}: ${key.meaning} Allowed: ${key.allowed}.`),
    ...CONFIG_KEYS.concat(own).map((key) => `${key.name}: ${key.meaning} Allowed: ${allowed(key)}.`),
  ];
}

/** @throws Error that names the key, the value (never a secret) and what is allowed */
export function checkSetting(name: string, value: string, own = NO_KEYS, parts?: Parts): void {
  const known = agentKey(name, own);
  if (known !== undefined) {
    checkValue(known, value, parts);
    return;
  }
  const key = boardKey(name);
  if (key === undefined) throw new Error(`${noKey(name)}; "help keys" lists all`);
  if (value !== '' && !/[\u0000-\u001f\u007f]/.test(value) && key.fits(value)) return;
  const shown = key.secret ? 'that value (a secret, not shown)' : `"${value.slice(0, 60)}"`;
  throw new Error(`${name}: ${shown} is not allowed; allowed: ${key.allowed}`);
}

/** In UTF-8. */
function byteLength(text: string): number {
  return utf8(text).length;
}
