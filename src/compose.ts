// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../hal/hal.ts';
import { Agent } from './agent/agent.ts';
import type { Part } from './agent/parts/part.ts';
import type { App } from './api.ts';
import { reasonOf } from './bytes/text.ts';
import type { Capability } from './capabilities/capability.ts';
import { ConfigError, type RawConfig } from './config.ts';

/** A running agent. */
export interface FractusAgent {
  start(): void;
  /** Ends in order, within two seconds. */
  stop(onStopped: () => void): void;
}

/**
 * Makes the agent of one device out of what is given and nothing else. Nothing happens before `start()`.
 * @param options.config raw text by key; `docs/configuration.md` lists the keys.
 * @param options.app declares what this device has and does.
 * @param options.capabilities what the board itself can do.
 * @param options.parts what the agent can do without, and has in this firmware.
 * @throws ConfigError when a value is not allowed; RangeError when the app declares something that is not. A firmware on
 * trial restarts before: without an agent, nobody could replace it from afar.
 */
export function composeAgent(options: {
  hal: Hal;
  config: RawConfig;
  app: App;
  capabilities: readonly Capability[];
  parts: readonly Part[];
}): FractusAgent {
  try {
    // An author who writes JavaScript has no compiler to tell; without them records would be lost in silence.
    if (options.parts === undefined)
      throw new ConfigError('parts', 'parts: missing; list those of fractus/parts, or []');
    return new Agent(options);
  } catch (error) {
    const { hal } = options;
    if (hal.firmware?.onTrial === true) {
      hal.log('error', reasonOf(error));
      hal.restart('the new firmware does not start: the one before it comes back');
    }
    throw error;
  }
}
