// SPDX-License-Identifier: Apache-2.0

import { ByteWriter } from './bytes/writer.ts';
import {
  CONFIG_KEYS,
  ConfigError,
  type ConfigKey,
  checkValue,
  configKey,
  printable,
  put,
  type Runtime,
} from './config.ts';
import { writeString } from './json/write.ts';
import { NONE } from './none.ts';

const MAX_TEXT_CHARS = 3000;
/** The limit of a stored text as JSON. With the missing keys added, it still fits an operation that sends it back. */
const SHOWN_MAX_BYTES = 2800;

/**
 * The text of `c8y_Configuration`: all values that may change at run time, one `key=value` per line.
 * @param kept the stored text that has set them (`keptText`): its order and comments stay
 */
export function configurationText(runtime: Runtime, kept = '', keys = CONFIG_KEYS): string {
  const given: ConfigKey[] = [];
  let text = '';
  const lines = kept === '' ? NONE : kept.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const key = configKey(line.slice(0, Math.max(0, line.indexOf('='))), keys);
    if (line.startsWith('#')) text += `${line}\n`;
    else if (key?.runtime === true) {
      text += valueLine(key, runtime);
      given.push(key);
    }
  }
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (key?.runtime === true && !given.includes(key)) text += valueLine(key, runtime);
  }
  return text;
}

function valueLine(key: ConfigKey, runtime: Runtime): string {
  return `${key.name}=${runtime[key.name]}\n`;
}

/**
 * Reads such a text. It is complete: a key left out returns to its start value. LF or CRLF, spaces round `=`, blank
 * lines and lines that start with `#` are allowed; a duplicate key is not.
 * @param isKept the text is a stored one: keys that are unknown now are ignored, because an earlier firmware may have
 * had them
 * @throws ConfigError naming the line's key, the value and what is allowed; nothing has changed then.
 */
export function parseConfigurationText(text: string, start: Runtime, keys = CONFIG_KEYS, isKept = false): Runtime {
  if (text.length > MAX_TEXT_CHARS) {
    throw new ConfigError('config', `config: ${text.length} characters are too many; allowed: up to ${MAX_TEXT_CHARS}`);
  }
  const runtime: Runtime = { ...start };
  const seen: ConfigKey[] = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = (lines[i] ?? '').trim();
    if (line === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    if (equals < 1)
      throw new ConfigError('config', `line ${i + 1}: "${printable(line)}" is not allowed; allowed: key=value`);
    const name = line.slice(0, equals).trim();
    const key = configKey(name, keys);
    if (key?.runtime !== true) {
      if (isKept) continue;
      throw new ConfigError(printable(name), `${printable(name)}: ${why(key)}; allowed: ${runtimeKeys(keys)}`);
    }
    if (seen.includes(key)) throw new ConfigError(name, `${name}: given twice (line ${i + 1}); allowed: each key once`);
    seen.push(key);
    const value = line.slice(equals + 1).trim();
    checkValue(key, value);
    put(runtime, key, value);
  }
  return runtime;
}

/**
 * The stored form of an accepted text: only the keys that it sets, so that the others follow the start values at the
 * next start, too; and its comments, unless they are too large to be shown.
 */
export function keptText(text: string, withComments = true): string {
  const kept = new ByteWriter(64, SHOWN_MAX_BYTES);
  let lines = '';
  for (const each of text.split('\n')) {
    const line = each.trim();
    const equals = line.indexOf('=');
    if (line.startsWith('#')) lines += withComments ? `${line}\n` : '';
    else if (line !== '') lines += `${line.slice(0, equals).trim()}=${line.slice(equals + 1).trim()}\n`;
  }
  writeString(kept, lines);
  return kept.overflowed && withComments ? keptText(text, false) : lines;
}

function why(key: ConfigKey | undefined): string {
  return key === undefined ? 'there is no such key' : 'cannot be changed while the device runs';
}

function runtimeKeys(keys: readonly ConfigKey[]): string {
  const known = keys.filter((key) => key.runtime === true);
  return known.map((key) => key.name).join(', ');
}
