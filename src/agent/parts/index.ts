// SPDX-License-Identifier: Apache-2.0
/** `fractus/parts`: what the agent can do without, for authors to choose from. What nobody imports is in no firmware. */

import { certificate } from './certificate.ts';
import { escalation } from './escalation.ts';
import { flashQueue } from './flash-queue.ts';
import type { Part } from './part.ts';
import { safeMode } from './safe-mode.ts';

export type { Part };
export { certificate, escalation, flashQueue, safeMode };

/** All of them: what a firmware has where its author has not chosen. */
export const PARTS: readonly Part[] = [certificate, escalation, flashQueue, safeMode];
