// SPDX-License-Identifier: Apache-2.0
/** A snapshot of a tenant: its devices and their data, without sessions and other transient state. */

import type { Core } from './core.ts';

const PARTS = [
  'registrations',
  'delivered',
  'objects',
  'externalIds',
  'operations',
  'measurements',
  'events',
  'alarms',
  'tenantOptions',
  'certificates',
  'authorities',
  'enrolments',
  'unknownIds',
] as const;

type Parts = Pick<Core, (typeof PARTS)[number]>;

export interface TenantSnapshot {
  readonly parts: Parts;
  readonly users: ReadonlyMap<string, Core['operator']>;
  readonly counters: Core['counters'];
}

/** Copies the present data of the tenant. */
export function takeSnapshot(core: Core): TenantSnapshot {
  const parts = Object.fromEntries(PARTS.map((part) => [part, core[part]])) as unknown as Parts;
  const users = new Map([...core.users].filter(([, { kind }]) => kind === 'device'));
  return structuredClone({ parts, users, counters: core.counters });
}

/** Restores the data into a new tenant. */
export function restoreSnapshot(core: Core, snapshot: TenantSnapshot): void {
  const { parts, users, counters } = structuredClone(snapshot);
  for (const part of PARTS) {
    const into = core[part] as Map<string, unknown>;
    for (const [key, value] of parts[part]) into.set(key, value);
  }
  for (const user of users.values()) core.addUser(user);
  core.counters = counters;
}
