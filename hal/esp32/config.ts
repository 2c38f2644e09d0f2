import { configKey, type RawConfig } from '../../src/config.ts';

/** Keys of the SDK and of this HAL that are none of the agent. */
const OTHERS = ['format', 'rotation', 'sntp', 'files', 'wifiName', 'wifiPassword'];

/**
 * The agent's part of the manifest's `config`. An empty text is a key that was not given: a manifest can only say so.
 * @param report told of texts that nobody knows: a key may be misspelt
 */
export function agentConfig(config: Readonly<Record<string, unknown>>, report: (line: string) => void): RawConfig {
  const raw: Record<string, string> = {};
  for (const name of Object.keys(config)) {
    const value = config[name];
    if (typeof value !== 'string' || value === '') continue;
    if (configKey(name) !== undefined) raw[name] = value;
    else if (!OTHERS.includes(name)) report(`config: there is no key ${name.slice(0, 40)}`);
  }
  return raw;
}
