// SPDX-License-Identifier: Apache-2.0

import { CAPABILITIES } from '../../src/capabilities/index.ts';
import type { App, FractusAgent } from '../../src/index.ts';
import { type StartOptions, startWith } from './start.ts';

/** As `startWith`, with the usual capabilities. */
export function start(app: App, options: Omit<StartOptions, 'capabilities'> = {}): FractusAgent | undefined {
  return startWith(app, { ...options, capabilities: CAPABILITIES });
}
