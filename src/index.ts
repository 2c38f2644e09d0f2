// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../hal/hal.ts';
import { Agent } from './agent/agent.ts';
import type { App } from './api.ts';
import type { RawConfig } from './config.ts';

export type { Actuator, Hal, Sensor } from '../hal/hal.ts';
export type {
  App,
  AppBoard,
  AppChild,
  AppDevice,
  ChildDefinition,
  Fragments,
  KnownFragments,
  RuleDefinition,
  SensorDefinition,
  Severity,
} from './api.ts';
export type { AppHal, AppNetwork } from './app-hal.ts';
export type { Capability, Command, Host, Operation } from './capabilities/capability.ts';
export { ConfigError, type RawConfig } from './config.ts';
export { type MeasurementDefinition, measurement } from './cumulocity/measurement.ts';
export type { Json } from './json/write.ts';

/** A running agent. */
export interface FractusAgent {
  start(): void;
  /** Ends in order, within two seconds. */
  stop(onStopped: () => void): void;
}

/**
 * Makes the agent of one device. Nothing happens before `start()`.
 * @param options.config raw text by key; `docs/configuration.md` lists the keys.
 * @param options.app declares what this device has and does.
 * @throws ConfigError when a value is not allowed; RangeError when the app declares something that is not. A firmware on
 * trial restarts before: without an agent, nobody could replace it from afar.
 */
export function createAgent(options: { hal: Hal; config: RawConfig; app: App }): FractusAgent {
  try {
    return new Agent(options);
  } catch (error) {
    const { hal } = options;
    if (hal.firmware?.onTrial === true) {
      hal.log('error', error instanceof Error ? error.message : 'the app has thrown what is no Error');
      hal.restart('the new firmware does not start: the one before it comes back');
    }
    throw error;
  }
}
