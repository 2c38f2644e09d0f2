// SPDX-License-Identifier: Apache-2.0

import { Crashes } from '../restarts/crashes.ts';
import type { Part } from './part.ts';

/**
 * After three crashes in a row the device runs without its app for an hour, with an alarm. Without it, an app that crashes at its
 * start keeps the device from being reached, and the alarm of a firmware before it stays.
 */
export const safeMode: Part = {
  safeMode: (agent) => Crashes.count(agent),
};
