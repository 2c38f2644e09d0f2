// SPDX-License-Identifier: Apache-2.0

import { app as usualApp } from '../../src/app.ts';
import { type App, type Capability, createAgent, type FractusAgent, type RawConfig } from '../../src/index.ts';
import type { Hal } from '../hal.ts';

/**
 * What a virtual board on Node runs at each start: the HAL, the configuration and the app, put together.
 * @throws ConfigError, naming the key, the value and what is allowed
 */
export function main(
  hal: Hal,
  config: RawConfig,
  app: App = usualApp,
  capabilities?: readonly Capability[],
): FractusAgent {
  const agent = createAgent({ hal, config, app, capabilities });
  agent.start();
  return agent;
}
