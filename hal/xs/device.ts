// SPDX-License-Identifier: Apache-2.0
/** The firmware of a virtual board that has slots. It runs on XS, and on Node. */

import { app, capabilities, parts } from '../../src/app.ts';
import { isSignedOnly } from '../../src/capabilities/firmware/signed-only.ts';
import { composeAgent, type FractusAgent } from '../../src/compose.ts';
import type { RawConfig } from '../../src/config.ts';
import type { Hal } from '../hal.ts';
import { openSlots } from './slots.ts';
import { createXsHal } from './xs.ts';

/** Called by the XS host at each start of the machine. */
export function main(): void {
  const hal = createXsHal();
  const slots = openSlots();
  if (slots !== undefined) hal.firmware = slots;
  hal.run(composeAgent({ hal, config: hal.config, app, capabilities, parts }));
}

/** The same on Node. @throws as `composeAgent` */
export function start(hal: Hal, config: RawConfig): FractusAgent {
  const agent = composeAgent({ hal, config, app, capabilities, parts });
  agent.start();
  return agent;
}

/** True: signed firmware alone takes the place of this one. */
export function isSigned(): boolean {
  return isSignedOnly(capabilities);
}
