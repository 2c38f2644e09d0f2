// SPDX-License-Identifier: Apache-2.0

import { Outage } from '../uplink/outage.ts';
import type { Part } from './part.ts';

/**
 * When no exchange has succeeded for `progressTimeout`, the device makes new connections, then takes its link down and
 * up, then restarts. Without this part the device only repeats its requests, and a link or machine that hangs needs a
 * person.
 */
export const escalation: Part = {
  escalation: (agent) => new Outage(agent),
};
