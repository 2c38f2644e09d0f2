// SPDX-License-Identifier: Apache-2.0

import type { QueuePart } from '../records/records-base.ts';

/**
 * A piece of the agent that is in a firmware only where the list of its entry names it. Its member has the name by which the
 * agent asks for it, and authors know it.
 */
export type Part = Partial<QueuePart>;
