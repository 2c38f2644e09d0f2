// SPDX-License-Identifier: Apache-2.0

import { Outage } from '../uplink/outage.ts';
import type { Part } from './part.ts';

/**
 * When no exchange has succeeded for `progressTimeout`, the device makes new connections, then takes its link down and up, then
 * restarts. Without it, it goes on trying, and what hangs in the link or the machine needs a person.
 */
export const escalation: Part = {
  escalation: (agent) => new Outage(agent),
};
