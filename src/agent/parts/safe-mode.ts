// SPDX-License-Identifier: Apache-2.0

import { Crashes } from '../restarts/crashes.ts';
import type { Part } from './part.ts';

/**
 * After three crashes in a row the device runs without its app for an hour, with an alarm. Without this part, an app
 * that crashes at its start makes the device unreachable, and an alarm raised by an earlier firmware stays active.
 */
export const safeMode: Part = {
  safeMode: (agent) => Crashes.count(agent),
};
