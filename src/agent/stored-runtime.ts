// SPDX-License-Identifier: Apache-2.0

import { reasonOf } from '../bytes/text.ts';
import { ConfigError, type Runtime } from '../config.ts';
import { configurationText, keptText, parseConfigurationText } from '../runtime-config.ts';
import type { Base, Memory } from './base/base.ts';

const STORED = 'runtime';

/** What the stored configuration needs of the agent. */
type RuntimeBase = Pick<Base, 'hal' | 'config' | 'runtime'> & Memory;

/** What an operation has configured in an earlier start; the start values where nothing was, or what is not allowed any more. */
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

/** Reads the text of an operation and keeps it. @throws ConfigError, and nothing has changed then. */
export function keepRuntime(host: RuntimeBase, text: string): Runtime {
  const runtime = parseConfigurationText(text, host.config.runtime, host.config.keys);
  if (!host.remember(STORED, keptText(text) || undefined)) {
    throw new ConfigError('config', 'the flash refuses the configuration: nothing has changed');
  }
  return runtime;
}

/** The text in force, with the comments of whoever has written it. @param text what was kept just now; else flash is read */
export function shownRuntime(host: RuntimeBase, text?: string): string {
  const kept = text === undefined ? host.recall(STORED) : keptText(text);
  return configurationText(host.runtime, kept, host.config.keys);
}
