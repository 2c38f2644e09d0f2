// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../hal/hal.ts';
import { Agent } from './agent/agent.ts';
import type { Part } from './agent/parts/part.ts';
import type { App } from './api.ts';
import { reasonOf } from './bytes/text.ts';
import type { Capability } from './capability.ts';
import { ConfigError, type RawConfig } from './config.ts';

/** A running agent. */
export interface FractusAgent {
  start(): void;
  /** Stops in order within two seconds, then calls `onStopped`. */
  stop(onStopped: () => void): void;
}

/**
 * Creates the agent of one device from the options alone. Nothing happens before `start()`.
 * @param options.config raw text by key; `docs/configuration.md` lists the keys.
 * @param options.app declares the sensors, children and operations of this device.
 * @param options.capabilities the capabilities of the board itself.
 * @param options.parts the optional pieces of the agent in this firmware.
 * @throws ConfigError when a value is not allowed; RangeError when the app declares something that is not allowed. A
 * firmware on trial restarts first: without an agent it could not be replaced remotely.
 */
export function composeAgent(options: {
  hal: Hal;
  config: RawConfig;
  app: App;
  capabilities: readonly Capability[];
  parts: readonly Part[];
}): FractusAgent {
  try {
    // A JavaScript author gets no compiler error for missing parts, and without them records would be lost silently.
    if (options.parts === undefined)
      throw new ConfigError('parts', 'parts: missing; list those of fractus/parts, or []');
    return new Agent(options);
  } catch (error) {
    const { hal } = options;
    if (hal.firmware?.onTrial === true) {
      hal.log('error', reasonOf(error));
      hal.restart('the new firmware does not start: back to the former one');
    }
    throw error;
  }
}
