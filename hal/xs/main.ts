// SPDX-License-Identifier: Apache-2.0

import { app } from '../../src/app.ts';
import { createAgent } from '../../src/index.ts';
import { createXsHal } from './xs.ts';

/** Called by the XS host at each start of the machine. */
export function main(): void {
  const hal = createXsHal();
  hal.run(createAgent({ hal, config: hal.config, app }));
}
