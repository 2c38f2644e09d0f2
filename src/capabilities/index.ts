// SPDX-License-Identifier: Apache-2.0

import type { Capability } from './capability.ts';
import { command } from './command.ts';
import { configuration, sendConfiguration } from './configuration.ts';
import { firmware } from './firmware.ts';
import { measurementRequest } from './measurement-request.ts';
import { restart } from './restart.ts';

/** What the board itself can do. A new capability is a file of its own and one entry here. */
export const CAPABILITIES: readonly Capability[] = [
  restart,
  configuration,
  sendConfiguration,
  measurementRequest,
  command,
  firmware,
];
