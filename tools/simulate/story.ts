// SPDX-License-Identifier: Apache-2.0
/** Requests and log of a device in order, for a person. */

import type { World } from './machine/world.ts';

/** The kept requests, and the lines of the log. */
export function storyOf(world: World): string[] {
  const entries = [
    ...world.device.machine.lines.map(({ atMs, level, line }) => ({ atMs, text: `${level}: ${line}` })),
    ...world.exchanges.map(({ atMs, number, connection, method, path, status, body }) => ({
      atMs,
      text: `${number} on ${connection}: ${method} ${path} ${body.slice(0, 100)} -> ${status ?? 'none'}`,
    })),
  ];
  return entries.sort((a, b) => a.atMs - b.atMs).map(({ atMs, text }) => `${(atMs / 1000).toFixed(3)} ${text}`);
}
