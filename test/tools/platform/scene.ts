// SPDX-License-Identifier: Apache-2.0
/** A platform with one device on it, and the documents that device sends. */

import type { JsonObject } from '../../../tools/platform/model.ts';
import type { Rule } from '../../../tools/platform/rules.ts';
import type { Desk } from './desk.ts';

export const objects = '/inventory/managedObjects';
export const operations = '/devicecontrol/operations';
export const time = '2026-01-15T12:00:00Z';

export interface Scene {
  readonly desk: Desk;
  readonly user: string;
  readonly id: string;
}

export function event(id: string, more: JsonObject = {}): JsonObject {
  return { source: { id }, time, type: 't', text: 'x', ...more };
}
export function alarm(id: string, more: JsonObject = {}): JsonObject {
  return event(id, { severity: 'MAJOR', ...more });
}

/** An operation in this status, by the way the rules want it. */
export function operationIn(
  scene: Scene,
  status: 'PENDING' | 'EXECUTING' | 'SUCCESSFUL',
  fragments?: JsonObject,
): string {
  const url = `${operations}/${scene.desk.operation(scene.id, fragments)}`;
  const steps = { PENDING: [], EXECUTING: ['EXECUTING'], SUCCESSFUL: ['EXECUTING', 'SUCCESSFUL'] }[status];
  for (const step of steps) scene.desk.send('PUT', url, { as: scene.user, body: { status: step } });
  return url;
}

/** What a device does, and the one rule that it breaks by that. */
export type BreachCase = readonly [Rule, string, (scene: Scene) => void];
