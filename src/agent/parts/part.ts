// SPDX-License-Identifier: Apache-2.0

import type { QueuePart } from '../records/records-base.ts';
import type { SafeModePart } from '../restarts/crashes.ts';
import type { AuthorityPart } from '../uplink/authority.ts';
import type { EscalationPart } from '../uplink/escalation.ts';

/**
 * A piece of the agent that is in a firmware only where the list of its entry names it. Its member has the name by which the
 * agent asks for it, and authors know it.
 */
export type Part = Partial<AuthorityPart & EscalationPart & QueuePart & SafeModePart>;
