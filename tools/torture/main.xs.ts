// SPDX-License-Identifier: Apache-2.0

import { createXsHal } from '../../hal/xs/xs.ts';
import { createAgent } from '../../src/index.ts';
import { app } from './app.ts';

/** Called by the XS host at each start of the tortured board. */
export function main(): void {
  const hal = createXsHal();
  hal.run(createAgent({ hal, config: hal.config, app }));
}
