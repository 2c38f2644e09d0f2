// SPDX-License-Identifier: Apache-2.0

import { type Answer, Desk } from '../desk.ts';

export const objects = '/inventory/managedObjects';

interface Scene {
  readonly desk: Desk;
  readonly user: string;
  readonly id: string;
}

export function scene(): Scene {
  const desk = new Desk();
  return { desk, ...desk.device('d1') };
}

/** A change and whether it was applied. */
export function change({ desk, user, id }: Scene): { answer: Answer; isApplied: () => boolean } {
  const answer = desk.send('PUT', `${objects}/${id}`, { as: user, body: { c8y_X: 1 } });
  return { answer, isApplied: () => desk.platform.core.objects.get(id)?.fragments['c8y_X'] === 1 };
}
