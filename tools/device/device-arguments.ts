// SPDX-License-Identifier: Apache-2.0

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { allowed, CONFIG_KEYS, type ConfigKey, configKey, parseConfig, type RawConfig } from '../../src/config.ts';
import { CURRENT } from '../../src/enrolment/slots.ts';
import { readProject } from './project-keys.ts';

export const DEVICE_USAGE =
  'usage: fractus device [--app FILE [--watch]] [--runtime node|xs] [--data DIR] [--manifest DIR] key=value …';

/** The full help text of `fractus device`. */
export function deviceHelp(): string {
  const keys = CONFIG_KEYS.map((key) => {
    const normally = key.value === undefined ? '' : `; default ${key.value}`;
    return `  ${key.name.padEnd(21)}${key.meaning}\n${' '.repeat(23)}${allowed(key)}${normally}`;
  });
  return `${DEVICE_USAGE}

  --app FILE           your module, which exports "app"; default: the app of fractus
  --watch              restarts the board with the new app when you save a file; its flash stays
  --runtime node|xs    default: XS, or Node where XS cannot be built
  --manifest DIR       your project: uses the keys of its manifest.json; keys on the command line come first
  --data DIR           keeps the flash of the device in DIR; default: the flash is lost when the process ends

Keys:
${keys.join('\n')}`;
}

/** The app's module on a command line; undefined when there is none, or the line is invalid. */
export function appArgument(args: readonly string[]): string | undefined {
  const { app } = parseArgs({ args: [...args], strict: false, options: { app: { type: 'string' } } }).values;
  return typeof app === 'string' ? app : undefined;
}

/** The arguments of `fractus device`. */
export interface DeviceArguments {
  readonly help: boolean;
  /** Undefined: XS if it can be built, else Node. */
  readonly runtime: 'node' | 'xs' | undefined;
  readonly dataDir: string | undefined;
  /** Path of the author's app. */
  readonly app: string | undefined;
  readonly watch: boolean;
  /** The checked configuration. Keys of files have the name of a resource as their value. */
  readonly config: RawConfig;
  /** Content of the files, by resource name. */
  readonly resources: Readonly<Record<string, Uint8Array>>;
}

/** Four times the CAs of a whole system. */
const FILE_MAX_BYTES = 1_048_576;
/** A MAC for checks only: a device id derived from a MAC is always valid. */
export const ANY_MAC = '000000000000';

/**
 * Reads and checks a whole command line.
 * @param own keys of the app
 * @throws Error that names the option or key, the value (never of a secret) and what is allowed
 */
export function readDeviceArguments(args: readonly string[], own: readonly ConfigKey[] = []): DeviceArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: true,
    options: {
      app: { type: 'string' },
      watch: { type: 'boolean' },
      runtime: { type: 'string' },
      data: { type: 'string' },
      manifest: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { app, watch = false, runtime, data: dataDir, manifest, help = false } = values;
  if (runtime !== undefined && runtime !== 'node' && runtime !== 'xs') {
    throw new Error(`--runtime: "${runtime}" is not allowed; allowed: node or xs`);
  }
  if (dataDir === '') throw new Error('--data: "" is not allowed; allowed: a directory');
  if (watch && app === undefined) throw new Error('--watch: not allowed without --app');
  const options = { help, app, watch, runtime, dataDir } satisfies Partial<DeviceArguments>;
  if (help) return { ...options, config: {}, resources: {} };
  const pairs = new Map([...readProject(manifest, own), ...readPairs(positionals)]);
  const { config, resources } = takeFiles(pairs);
  parseConfig(config, ANY_MAC, own);
  return { ...options, config, resources };
}

function readPairs(positionals: readonly string[]): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const text of positionals) {
    const at = text.indexOf('=');
    // The text may be a misplaced secret, so only known keys are shown.
    const shown = configKey(text) === undefined ? 'an argument without =' : `"${text}"`;
    if (at < 1) throw new Error(`${shown} is not allowed; allowed: key=value`);
    const key = text.slice(0, at);
    if (pairs.has(key)) throw new Error(`${key}: given twice; allowed: each key once`);
    pairs.set(key, text.slice(at + 1));
  }
  return pairs;
}

/** Replaces the paths of files by names of resources. */
function takeFiles(pairs: ReadonlyMap<string, string>) {
  const config = new Map(pairs);
  const resources: Record<string, Uint8Array> = {};
  for (const [key, path] of pairs) {
    // A certificate that the device enrolled itself is not a file.
    if (!configKey(key)?.file || (path === CURRENT && key !== 'ca')) continue;
    resources[key] = readPem(key, path);
    config.set(key, key);
  }
  checkPair(pairs, resources);
  // `fromEntries` is safe for keys that are names of inherited members.
  return { config: Object.fromEntries(config), resources };
}

function readPem(key: string, path: string): Uint8Array {
  const isKey = key === 'privateKey';
  const allowed = isKey ? 'a file with an unencrypted private key, PEM' : 'a file with certificates, PEM';
  const refuse = (why: string) => new Error(`${key}: "${path}" is not allowed: ${why}; allowed: ${allowed}`);
  let content: Buffer;
  try {
    if (statSync(path).size > FILE_MAX_BYTES) throw new Error(`more than ${FILE_MAX_BYTES} bytes`);
    content = readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw refuse(code === 'ENOENT' ? 'there is no such file' : message);
  }
  try {
    if (isKey) readKey(content);
    else for (const certificate of certificatesOf(content)) new X509Certificate(certificate);
  } catch {
    // The error text of OpenSSL would not help.
    throw refuse(isKey ? 'it contains no such key' : 'it contains no certificate, or a damaged one');
  }
  return content;
}

/** The certificates of a PEM file, at least one. */
function certificatesOf(content: Buffer): string[] {
  const certificates = content.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (!certificates) throw new Error('no certificate');
  return certificates;
}

function readKey(content: Uint8Array): KeyObject {
  return createPrivateKey(Buffer.from(content));
}

/** Checks that certificate and key match: the platform would refuse another pair without a reason. */
function checkPair(pairs: ReadonlyMap<string, string>, { certificate, privateKey }: Record<string, Uint8Array>): void {
  if (!certificate || !privateKey) return;
  const [leaf = ''] = certificatesOf(Buffer.from(certificate));
  if (new X509Certificate(leaf).checkPrivateKey(readKey(privateKey))) return;
  throw new Error(
    `privateKey: "${pairs.get('privateKey')}" is not allowed: it is not the key of the first certificate ` +
      `in "${pairs.get('certificate')}"; allowed: the key of the leaf`,
  );
}
