// SPDX-License-Identifier: Apache-2.0
/** The total data of a tenant, and the resources that it has cost this process. */

import type { Core } from '../core/core.ts';
import { judge } from './judge.ts';

export interface Account {
  readonly devices: number;
  /** Measurements stored so far. */
  readonly measurements: number;
  /** Measurements that are stored more than once, among those still kept. */
  readonly twice: number;
  /** Series that did not arrive in the order of their times. */
  readonly outOfOrder: number;
  readonly requests: number;
  readonly breaches: number;
  /** Breaches by rule, of the last thousand. */
  readonly rules: Readonly<Record<string, number>>;
  readonly rssBytes: number;
  /** CPU time since the start. */
  readonly cpuSeconds: number;
}

export function accountOf(core: Core): Account {
  let twice = 0;
  let outOfOrder = 0;
  const devices = [...core.objects.values()].filter(({ fragments }) => fragments['c8y_IsDevice'] !== undefined);
  for (const { id } of devices) {
    const byType = new Map<string, number[]>();
    for (const { timeMs, fragments } of core.measurements.of(id)) {
      const type = String(fragments['type']);
      const times = byType.get(type);
      if (times === undefined) byType.set(type, [timeMs]);
      else times.push(timeMs);
    }
    for (const times of byType.values()) {
      const { repeats, isSorted } = judge(times);
      twice += repeats;
      if (!isSorted) outOfOrder += 1;
    }
  }
  const rules: Record<string, number> = {};
  for (const { rule } of core.breaches) rules[rule] = (rules[rule] ?? 0) + 1;
  const { user, system } = process.cpuUsage();
  return {
    devices: devices.length,
    measurements: core.measurements.total,
    twice,
    outOfOrder,
    requests: core.lastRequest,
    breaches: core.breaches.length,
    rules,
    rssBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
  };
}
