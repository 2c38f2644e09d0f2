// SPDX-License-Identifier: Apache-2.0

import { app as usualApp } from '../../src/app.ts';
import {
  type App,
  type Capability,
  createAgent,
  type FractusAgent,
  type Part,
  type RawConfig,
} from '../../src/index.ts';
import type { Hal } from '../hal.ts';

/** The choice of the author; absent: the default. */
export interface Choice {
  readonly capabilities?: readonly Capability[] | undefined;
  readonly parts?: readonly Part[] | undefined;
}

/**
 * Runs on a virtual board on Node at each start: puts the HAL, the configuration and the app together.
 * @throws ConfigError with the key, the value and what is allowed
 */
export function main(
  hal: Hal,
  config: RawConfig,
  app: App = usualApp,
  { capabilities, parts }: Choice = {},
): FractusAgent {
  const agent = createAgent({ hal, config, app, capabilities, parts });
  agent.start();
  return agent;
}
