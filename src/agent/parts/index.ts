// SPDX-License-Identifier: Apache-2.0
/** `fractus/parts`: optional pieces of the agent. Authors choose; a part that is not imported is in no firmware. */

import { certificate } from './certificate.ts';
import { children } from './children.ts';
import { escalation } from './escalation.ts';
import { flashQueue } from './flash-queue.ts';
import type { Part } from './part.ts';
import { safeMode } from './safe-mode.ts';

export type { Part };
export { certificate, children, escalation, flashQueue, safeMode };

/** All parts; the default of a firmware whose author has not chosen. */
export const PARTS: readonly Part[] = [certificate, children, escalation, flashQueue, safeMode];
