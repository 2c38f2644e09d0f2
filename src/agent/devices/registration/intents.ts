// SPDX-License-Identifier: Apache-2.0

import type { Base, Memory } from '../../../base/base.ts';
import { Decision } from '../../../base/outcome.ts';
import { wasDamaged } from '../../../base/stored-state.ts';

/** The services of the agent that intents use. */
type IntentsBase = Pick<Base, 'hal'> & Memory;

/** The name of the intents in the store: external ids of devices whose creation has begun, one per line. */
const INTENT = 'creating';
/** Beyond this no intent is added: those that are stored make every creation begin with a search anyhow. */
const NOTED_MAX_CHARS = 2000;

/** Whether its creation has begun and not ended. Its external id may not be bound yet. */
export function isIntended(agent: IntentsBase, externalId: string): boolean {
  return agent.recall(INTENT)?.split('\n').includes(externalId) === true;
}

/** Yes: the intent is stored. Other: there was one before, so an object may exist. No: the flash refuses. */
export function noteIntent(agent: IntentsBase, externalId: string): Decision {
  const noted = agent.recall(INTENT) ?? '';
  if (noted.split('\n').includes(externalId) || noted.length > NOTED_MAX_CHARS) return Decision.Other;
  // An intent of any device, or a damaged list, which may have named this device, makes a search necessary.
  const isDoubtful = noted !== '' || wasDamaged(agent.hal.store, INTENT);
  const text = noted === '' ? externalId : `${noted}\n${externalId}`;
  if (!agent.remember(INTENT, text)) return Decision.No;
  return isDoubtful ? Decision.Other : Decision.Yes;
}

/** Deletes the intent of this device only: the outcome of the others is still open. */
export function forgetIntent(agent: IntentsBase, externalId: string): void {
  const noted = agent.recall(INTENT)?.split('\n');
  if (noted?.includes(externalId) !== true) return;
  agent.remember(INTENT, noted.filter((each) => each !== externalId).join('\n') || undefined);
}
