// SPDX-License-Identifier: Apache-2.0

import type { ChildrenPart } from '../devices/registration/children-part.ts';
import type { QueuePart } from '../records/records-base.ts';
import type { SafeModePart } from '../restarts/crashes.ts';
import type { AuthorityPart } from '../uplink/authority.ts';
import type { EscalationPart } from '../uplink/escalation.ts';

/**
 * A piece of the agent that a firmware contains only if the list `parts` of its entry names it. Its one member has the
 * name of the part, by which the agent finds it.
 */
export type Part = Partial<AuthorityPart & ChildrenPart & EscalationPart & QueuePart & SafeModePart>;
