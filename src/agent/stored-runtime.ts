// SPDX-License-Identifier: Apache-2.0

import { ConfigError, type Runtime } from '../config.ts';
import { configurationText, keptText, parseConfigurationText } from '../runtime-config.ts';
import type { Agent } from './agent.ts';

const STORED = 'runtime';

/** What an operation has configured in an earlier start; the start values where nothing was, or what is not allowed any more. */
export function recallRuntime(agent: Agent): Runtime {
  const { keys, runtime } = agent.config;
  const text = agent.recall(STORED);
  if (text === undefined) return runtime;
  try {
    return parseConfigurationText(text, runtime, keys, true);
  } catch (error) {
    agent.hal.log('warn', `the stored configuration is not used: ${error instanceof Error ? error.message : ''}`);
    return runtime;
  }
}

/** Reads the text of an operation and keeps it. @throws ConfigError, and nothing has changed then. */
export function keepRuntime(agent: Agent, text: string): Runtime {
  const runtime = parseConfigurationText(text, agent.config.runtime, agent.config.keys);
  if (!agent.remember(STORED, keptText(text) || undefined)) {
    throw new ConfigError('config', 'the flash refuses the configuration: nothing has changed');
  }
  return runtime;
}

/** The text in force, with the comments of whoever has written it. @param text what was kept just now; else flash is read */
export function shownRuntime(agent: Agent, text?: string): string {
  const kept = text === undefined ? agent.recall(STORED) : keptText(text);
  return configurationText(agent.runtime, kept, agent.config.keys);
}
