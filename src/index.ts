// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../hal/hal.ts';
import { PARTS, type Part } from './agent/parts/index.ts';
import type { App } from './api.ts';
import { CAPABILITIES } from './capabilities/index.ts';
import type { Capability } from './capability.ts';
import { composeAgent, type FractusAgent } from './compose.ts';
import type { RawConfig } from './config.ts';

export type { Actuator, Hal, Sensor } from '../hal/hal.ts';
export type { Part } from './agent/parts/part.ts';
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
export type { Capability, Command, Host, Operation } from './capability.ts';
export type { FractusAgent } from './compose.ts';
export { ConfigError, type RawConfig } from './config.ts';
export { type MeasurementDefinition, measurement } from './cumulocity/measurement.ts';
export type { Json } from './json/write.ts';

/**
 * As `composeAgent`, with the usual capabilities and all parts by default.
 * @throws as `composeAgent`
 */
export function createAgent(options: {
  hal: Hal;
  config: RawConfig;
  app: App;
  /** Default: CAPABILITIES of `fractus/capabilities`. */
  capabilities?: readonly Capability[] | undefined;
  /** Default: PARTS of `fractus/parts`. */
  parts?: readonly Part[] | undefined;
}): FractusAgent {
  const { capabilities = CAPABILITIES, parts = PARTS } = options;
  return composeAgent({ ...options, capabilities, parts });
}
