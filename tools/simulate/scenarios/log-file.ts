// SPDX-License-Identifier: Apache-2.0
/** A log requested from a simulated machine, and the checks for it. */

import type { Operation } from '../../platform/model.ts';
import type { Life } from '../machine/life.ts';
import { checkAttachments } from './bench-orders.ts';

const FRAGMENT = 'c8y_LogfileRequest';

export function orderLog(life: Life): void {
  life.order({ [FRAGMENT]: { logFile: 'agent', searchText: '', maximumLines: 1000 } });
}

/** There is one event with one attached log, whatever answers the device got, and the operation contains its URL. */
export function checkLog(life: Life): void {
  const { world, operations } = life;
  const ordered = operations.find(({ fragments }) => fragments[FRAGMENT] !== undefined) as Operation;
  const events = [...world.platform.core.events.values()].filter(({ fragments }) => fragments['type'] === FRAGMENT);
  checkAttachments(life, FRAGMENT, ordered);
  if (ordered.status !== 'SUCCESSFUL') return;
  const [event] = events;
  const text = Buffer.from(event?.binary?.bytes ?? []).toString('utf8');
  if (!/^# agent: [1-9].*\n/.test(text))
    throw new Error(`I1: operation ${ordered.id} is SUCCESSFUL, and its log is not there`);
  const { file } = ordered.fragments[FRAGMENT] as { file?: string };
  if (file !== undefined && !file.endsWith(`/event/events/${event?.id}/binaries`))
    throw new Error(`I1: operation ${ordered.id} says that its log is at ${file}`);
}
