// SPDX-License-Identifier: Apache-2.0

import { PARTS } from '../../../src/agent/parts/index.ts';
import { CAPABILITIES } from '../../../src/capabilities/index.ts';
import type { App, FractusAgent } from '../../../src/index.ts';
import { type StartOptions, startWith } from './start.ts';

/** Like `startWith`, with the usual capabilities and all parts. */
export function start(app: App, options: Omit<StartOptions, 'capabilities' | 'parts'> = {}): FractusAgent | undefined {
  return startWith(app, { ...options, capabilities: CAPABILITIES, parts: PARTS });
}
