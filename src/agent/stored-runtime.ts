// SPDX-License-Identifier: Apache-2.0

import type { Base, Memory } from '../base/base.ts';
import { reasonOf } from '../bytes/text.ts';
import { ConfigError, type Runtime } from '../config.ts';
import { configurationText, keptText, parseConfigurationText } from '../runtime-config.ts';

const STORED = 'runtime';

/** The services of the agent that the stored configuration uses. */
type RuntimeBase = Pick<Base, 'hal' | 'config' | 'runtime'> & Memory;

/** The configuration stored by an operation of an earlier start; the start values if none is stored or valid. */
export function recallRuntime(host: RuntimeBase): Runtime {
  const { keys, runtime } = host.config;
  const text = host.recall(STORED);
  if (text === undefined) return runtime;
  try {
    return parseConfigurationText(text, runtime, keys, true);
  } catch (error) {
    host.hal.log('warn', `the stored configuration is not used: ${reasonOf(error)}`);
    return runtime;
  }
}

/** Reads the text of an operation and stores it. @throws ConfigError; nothing has changed then. */
export function keepRuntime(host: RuntimeBase, text: string): Runtime {
  const runtime = parseConfigurationText(text, host.config.runtime, host.config.keys);
  if (!host.remember(STORED, keptText(text) || undefined)) {
    throw new ConfigError('config', 'the flash refuses the configuration: nothing has changed');
  }
  return runtime;
}

/** The present configuration as text, with its comments. @param text the text just stored; undefined: from flash */
export function shownRuntime(host: RuntimeBase, text?: string): string {
  const kept = text === undefined ? host.recall(STORED) : keptText(text);
  return configurationText(host.runtime, kept, host.config.keys);
}
