// SPDX-License-Identifier: Apache-2.0
/** The progress of the latest profile of each device, which survives a restart. */

import { utf8 } from '../../bytes/text.ts';
import { readString } from '../../json/scan.ts';
import { type KeepingHost, keepValue, type Place, recallValue } from '../kept.ts';
import { tried } from '../later.ts';

export interface Progress {
  /** Id of the operation. */
  readonly id: string;
  /** Index of the current part. */
  readonly step: number;
  /** As `Operation.begun`, for the current part. */
  readonly begun: boolean;
  readonly executed: boolean;
  readonly profileId: string;
  readonly profileName: string;
}

const PLACE: Place = { ofBoard: 'profile', ofChildren: 'childProfiles', what: 'profile' };

/**
 * Keeps the progress. For lack of room those of other children are forgotten: the platform has their `c8y_Profile`, and a
 * profile under way begins again after a restart, with the same result.
 * @returns false: the flash refuses
 */
export function keepProgress(host: KeepingHost, childId: string, progress: Progress): boolean {
  const { id, step, begun, executed, profileId, profileName } = progress;
  const text = [id, step, begun ? 1 : 0, executed ? 1 : 0, profileId.length, profileId + profileName].join('\n');
  const value = childId === '' ? text : JSON.stringify(text);
  const reason = tried(() => keepValue(host, PLACE, childId, value, true));
  if (reason !== undefined) host.hal.log('warn', `the profile is not noted: ${reason}`);
  return reason === undefined;
}

/** @param childId empty: the board */
export function recallProgress(host: KeepingHost, childId: string): Progress | undefined {
  const kept = recallValue(host, PLACE, childId);
  return kept === '' ? undefined : parse(childId === '' ? kept : textOf(kept));
}

function textOf(json: string): string {
  const bytes = utf8(json);
  return readString(bytes, 0, bytes.length) ?? '';
}

function parse(text: string): Progress {
  const [id = '', step = '', begun = '', executed = '', idChars = '', ...rest] = text.split('\n');
  // Both as in the operation: they may contain line ends.
  const both = rest.join('\n');
  const profileId = both.slice(0, Number(idChars));
  const profileName = both.slice(profileId.length);
  return { id, step: Number(step), begun: begun === '1', executed: executed === '1', profileId, profileName };
}
