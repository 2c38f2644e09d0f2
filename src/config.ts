// SPDX-License-Identifier: Apache-2.0

import { wholeNumber } from './bytes/digits.ts';
import { CONTROL, cut, utf8 } from './bytes/text.ts';
import { CONFIG_KEYS, type ConfigKey } from './config-keys.ts';
import { type Endpoint, isPrivateHost, parseEndpoint } from './endpoint.ts';
import { offered } from './offered.ts';

export { CONFIG_KEYS, type ConfigKey };

const INTEGER_MAX_DIGITS = 9;

/** Default values by key. A constant in flash, with the names: a name first used at run time stays in RAM for ever. */
const DEFAULTS: RawConfig = Object.fromEntries(CONFIG_KEYS.map(({ name, value }) => [name, value]));

/** The configuration that a firmware is started with: raw text by key. */
export type RawConfig = Readonly<Record<string, string | undefined>>;

/**
 * The configuration that the firmware was started with, checked by `parseConfig`. Rarely used values are read from the
 * raw text each time, because a string that is not kept costs no heap.
 */
export class Config {
  readonly deviceId: string;
  readonly requiredAvailabilityMin: number;
  readonly connections: number;
  readonly queueSize: number;
  readonly writeBehindMs: number;
  readonly startSpreadMs: number;
  /** The keys of the agent, then those of the app. */
  readonly keys: readonly ConfigKey[];
  /** Start values of the keys that may change at run time, and of all keys of the app. */
  readonly runtime: Runtime;
  /** Not for a person who looks at the object: secrets are among them. */
  readonly #raw: RawConfig;

  /** Use `parseConfig`. */
  constructor(raw: RawConfig, mac: string, own: readonly ConfigKey[]) {
    this.#raw = raw;
    this.keys = own.length === 0 ? CONFIG_KEYS : CONFIG_KEYS.concat(own);
    this.deviceId = raw['deviceId'] ?? `esp32-${mac}`;
    this.requiredAvailabilityMin = Number(this.text('requiredAvailability'));
    this.connections = Number(this.text('connections'));
    this.queueSize = Number(this.text('queueSize'));
    this.writeBehindMs = Number(this.text('writeBehind')) * 1000;
    this.startSpreadMs = Number(this.text('startSpread')) * 1000;
    const runtime: Record<string, number | string> = {};
    for (let i = 0; i < this.keys.length; i++) {
      const key = this.keys[i] as ConfigKey;
      if (key.runtime === true || i >= CONFIG_KEYS.length) put(runtime, key, raw[key.name] ?? key.value ?? '');
    }
    this.runtime = runtime as unknown as Runtime;
  }

  /** The value of a key as it was given. */
  given(key: string): string | undefined {
    return this.#raw[key];
  }

  /** The value of a key, or its default; nothing if it has none. */
  text(key: string): string {
    return this.#raw[key] ?? DEFAULTS[key] ?? '';
  }

  get endpoint(): Endpoint {
    return parseEndpoint(this.text('url')) as Endpoint;
  }

  /** Whether plain http may go to public addresses. */
  get allowPlain(): boolean {
    return this.text('allowPlain') === 'yes';
  }

  /** Default: the host of `url`, https, port 8443. */
  get tokenEndpoint(): Endpoint {
    return parseEndpoint(this.#raw['tokenUrl'] ?? `https://${bracketed(this.endpoint.host)}:8443`) as Endpoint;
  }

  get progressTimeoutMs(): number {
    return Number(this.text('progressTimeout')) * 1000;
  }

  /** 0: never. */
  get rebootstrapAfterMs(): number {
    return Number(this.text('rebootstrapAfter')) * 3_600_000;
  }

  get certificateAuth(): boolean {
    return this.text('auth') === 'certificate';
  }

  get ca(): string | undefined {
    return this.#raw['ca'];
  }

  get externalId(): string {
    return this.#raw['externalId'] ?? this.deviceId;
  }

  get name(): string {
    return this.#raw['name'] ?? `ESP32 ${this.deviceId}`;
  }
}

/** The values that may change at run time, by key, in seconds; and the values of the app's own keys. */
export interface Runtime {
  measurementInterval: number;
  sendInterval: number;
  pollTimeout: number;
  operationTimeout: number;
  [own: string]: number | string;
}

/** Sets the value of a key. The name costs no RAM, because the definition of the key contains it. */
export function put(values: Record<string, number | string>, key: ConfigKey, value: string): void {
  values[key.name] = key.kind === 'integer' ? Number(value) : value;
}

/** A refused value: the message has the key, the value and the allowed values. */
export class ConfigError extends Error {
  readonly key: string;

  constructor(key: string, message: string) {
    super(message);
    this.key = key;
  }

  /** A getter, because an object cannot write a field that it inherits from flash. */
  override get name(): string {
    return 'ConfigError';
  }
}

/** The allowed values of a key, for error texts and the documentation. */
export function allowed(key: ConfigKey): string {
  switch (key.kind) {
    case 'integer':
      return `a whole number from ${key.least} to ${key.most}${key.unit === undefined ? '' : ` (${key.unit})`}`;
    case 'choice':
      return (key.choices ?? []).join(' or ');
    case 'url':
      return 'http://host[:port] or https://host[:port]';
    case 'user':
      return 'tenant/user';
    case 'id':
      return '1 to 256 characters without spaces, / \\ $ or control characters; not . or ..';
    case 'text':
      return key.file === true ? 'a file, PEM' : '1 to 1024 characters without control characters';
  }
}

export function configKey(name: string, keys: readonly ConfigKey[] = CONFIG_KEYS): ConfigKey | undefined {
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (key?.name === name) return key;
  }
  return undefined;
}

/** The error text for a missing part. */
function missingPart(what: string, part: string): string {
  return `${what} needs the part ${part}: list it in the parts of this firmware`;
}

/** The parts of a firmware by name; undefined: they are not known. */
export type Parts = readonly Readonly<Record<string, unknown>>[] | undefined;

/** Checks a value. @throws ConfigError when it is not allowed for the key, or needs a part that the firmware lacks. */
export function checkValue(key: ConfigKey, value: string, parts?: Parts): void {
  if (fits(key, value)) {
    const { part } = key;
    const isDefault = value === key.value || (key.kind === 'integer' && Number(value) === Number(key.value));
    if (part === undefined || parts === undefined || isDefault || offered(parts, part) !== undefined) return;
    throw new ConfigError(key.name, missingPart(`${key.name}: "${printable(value)}"`, part));
  }
  const shown = key.secret === true ? 'that value (a secret, not shown)' : `"${printable(value)}"`;
  throw new ConfigError(key.name, `${key.name}: ${shown} is not allowed; allowed: ${allowed(key)}`);
}

function fits(key: ConfigKey, value: string): boolean {
  if (value === '' || value.length > 1024) return false;
  switch (key.kind) {
    case 'integer': {
      const digits = utf8(value);
      const number = digits.length > INTEGER_MAX_DIGITS ? -1 : wholeNumber(digits, 0, digits.length);
      return number >= 0 && number >= (key.least ?? 0) && number <= (key.most ?? 0);
    }
    case 'choice':
      return key.choices?.includes(value) === true;
    case 'url':
      return parseEndpoint(value) !== undefined;
    case 'user':
      return /^[^/:]+\/[^:]+$/.test(value) && !CONTROL.test(value);
    case 'id':
      // A server takes . and .. in a path for steps (RFC 3986 §6.2.2.3), also percent-encoded.
      return value.length <= 256 && !/[\s/\\$]|^\.\.?$/.test(value) && !CONTROL.test(value);
    case 'text':
      return !CONTROL.test(value);
  }
}

/** A given text as an error shows it: cut, without control characters and without a login in a URL. */
export function printable(value: string): string {
  // A URL may be pasted with a login in it.
  const safe = value.replace(/\/\/[\s\S]*@/, '//?@');
  return (safe.length > 60 ? `${cut(safe, 60)}…` : safe).replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}

/**
 * Checks the configuration that a firmware was started with.
 * @param own the keys of the app
 * @param parts the parts of the firmware, if they are known
 * @throws ConfigError naming the key, the value (never of a secret) and what is allowed.
 */
export function parseConfig(raw: RawConfig, mac: string, own: readonly ConfigKey[] = [], parts?: Parts): Config {
  const config = new Config(raw, mac, own);
  for (const name of Object.keys(raw)) {
    const key = configKey(name, config.keys);
    if (key === undefined) {
      const known = config.keys.map((each) => each.name).join(', ');
      throw new ConfigError(name, `${printable(name)}: there is no such key; there are: ${known}`);
    }
    const value = raw[name];
    if (value === undefined) continue;
    // An author who writes JavaScript may give a number.
    if (typeof value !== 'string') throw new ConfigError(name, `${name}: the value is not a text; put it in quotes`);
    checkValue(key, value, parts);
  }
  required(raw, 'url', 'to reach the platform');
  if (!config.allowPlain) checkPlain('url', config.endpoint);
  // RFC 7617 §2: the platform would take the text after the colon for the password.
  if (!config.certificateAuth && config.deviceId.includes(':')) {
    throw new ConfigError(
      'deviceId',
      `deviceId: "${printable(config.deviceId)}" is not allowed: a user name has no colon (RFC 7617); allowed: an id without one, or auth=certificate`,
    );
  }
  if (config.certificateAuth) {
    required(raw, 'certificate', 'for auth=certificate');
    required(raw, 'privateKey', 'for auth=certificate');
    if (!config.tokenEndpoint.secure) {
      throw new ConfigError(
        'tokenUrl',
        `tokenUrl: "${raw['tokenUrl']}" is not allowed; allowed: https, because TLS sends the certificate`,
      );
    }
  }
  return config;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function required(raw: RawConfig, name: string, when: string): string {
  const value = raw[name];
  if (value !== undefined) return value;
  const key = configKey(name);
  throw new ConfigError(
    name,
    `${name}: missing; it is needed ${when}; allowed: ${key === undefined ? '' : allowed(key)}`,
  );
}

function checkPlain(key: string, endpoint: Endpoint): void {
  if (endpoint.secure || isPrivateHost(endpoint.host)) return;
  throw new ConfigError(
    key,
    `${key}: "http://${endpoint.authority}" is not allowed: the credentials would travel in the clear; allowed: https, or http to a private address, or allowPlain=yes`,
  );
}
