// SPDX-License-Identifier: Apache-2.0

import type { Base, Memory } from '../../base/base.ts';
import { Decision } from '../../base/outcome.ts';
import { wasDamaged } from '../../base/stored-state.ts';

/** What intents need of the agent. */
type IntentsBase = Pick<Base, 'hal'> & Memory;

/** On flash: external ids of devices whose creation was begun and has not come to its end, one a line. */
const INTENT = 'creating';
/** More is not noted: what is there says already that an object may be there. */
const NOTED_MAX_CHARS = 2000;

/** Its creation has not come to its end: its external id need not be bound yet. */
export function isIntended(agent: IntentsBase, externalId: string): boolean {
  return agent.recall(INTENT)?.split('\n').includes(externalId) === true;
}

/** Yes: the intent is noted now. Other: there was one, so an object may be there. No: the flash refuses. */
export function noteIntent(agent: IntentsBase, externalId: string): Decision {
  const noted = agent.recall(INTENT) ?? '';
  if (noted.split('\n').includes(externalId) || noted.length > NOTED_MAX_CHARS) return Decision.Other;
  // Whatever is noted, somebody's outcome is in doubt; what cannot be read may have been for any device.
  const isDoubtful = noted !== '' || wasDamaged(agent.hal.store, INTENT);
  const text = noted === '' ? externalId : `${noted}\n${externalId}`;
  if (!agent.remember(INTENT, text)) return Decision.No;
  return isDoubtful ? Decision.Other : Decision.Yes;
}

/** Only that of this device: of another one the outcome is as open as before. */
export function forgetIntent(agent: IntentsBase, externalId: string): void {
  const noted = agent.recall(INTENT)?.split('\n');
  if (noted?.includes(externalId) !== true) return;
  agent.remember(INTENT, noted.filter((each) => each !== externalId).join('\n') || undefined);
}
