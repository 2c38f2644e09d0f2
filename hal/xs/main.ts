// SPDX-License-Identifier: Apache-2.0

import { app, capabilities, parts } from '../../src/app.ts';
import { composeAgent } from '../../src/compose.ts';
import { createXsHal } from './xs.ts';

/** Called by the XS host at each start of the machine. */
export function main(): void {
  const hal = createXsHal();
  hal.run(composeAgent({ hal, config: hal.config, app, capabilities, parts }));
}
