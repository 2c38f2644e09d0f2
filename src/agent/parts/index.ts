// SPDX-License-Identifier: Apache-2.0
/** `fractus/parts`: what the agent can do without, for authors to choose from. What nobody imports is in no firmware. */

import { flashQueue } from './flash-queue.ts';
import type { Part } from './part.ts';

export type { Part };
export { flashQueue };

/** All of them: what a firmware has where its author has not chosen. */
export const PARTS: readonly Part[] = [flashQueue];
