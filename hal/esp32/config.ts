import { configKey, type RawConfig } from '../../src/config.ts';
import type { KeyValues } from './platform.ts';

/** The raw configuration of a firmware, with the keys of the SDK and of this HAL among them. */
export type BoardConfig = Readonly<Record<string, unknown>>;

/** Keys of the SDK and of this HAL that are none of the agent. */
const OTHERS = ['format', 'rotation', 'sntp', 'files', 'wifiName', 'wifiPassword', 'sensors', 'i2c'];

/** Holds what was set on this board: lines `key=value`, UTF-8. */
const PROVISIONED = 'config';

/** The manifest's configuration, with what was set on this very board in place of its own. */
export function boardConfig(manifest: BoardConfig, values: KeyValues): BoardConfig {
  const config: Record<string, unknown> = { ...manifest };
  const kept = values.read(PROVISIONED);
  if (kept === undefined) return config;
  for (const line of String.fromArrayBuffer(kept).split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) config[line.slice(0, at)] = line.slice(at + 1);
  }
  return config;
}

/**
 * The agent's part of it. An empty text is a key that was not given: a manifest can only say so.
 * @param report told of texts that nobody knows: a key may be misspelt
 */
export function agentConfig(config: BoardConfig, report: (line: string) => void): RawConfig {
  const raw: Record<string, string> = {};
  for (const name of Object.keys(config)) {
    const value = config[name];
    if (typeof value !== 'string' || value === '') continue;
    if (configKey(name) !== undefined) raw[name] = value;
    else if (!OTHERS.includes(name)) report(`config: there is no key ${name.slice(0, 40)}`);
  }
  return raw;
}
