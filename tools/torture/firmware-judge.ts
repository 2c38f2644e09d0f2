// SPDX-License-Identifier: Apache-2.0
/** Finds wrong firmware updates: compares the notes of the board with the platform. */

import type { Operation } from '../platform/model.ts';
import type { FirmwareOfKind, Kind } from './firmware-images.ts';
import { MADE, majorOf } from './firmware-notes.ts';
import type { Note } from './notes.ts';

export interface Update extends Pick<FirmwareOfKind, 'version' | 'digest'> {
  readonly kind: Kind;
  readonly operation: Operation;
}

export interface FirmwareCase {
  /** Each program that has run, in order. */
  readonly notes: readonly Note[];
  /** Times of the kills, by the machine's clock. */
  readonly kills: readonly number[];
  readonly updates: readonly Update[];
  /** What the inventory says runs. */
  readonly version: string | undefined;
}

export interface FirmwareFindings {
  readonly updates: number;
  /** Good firmware that the kills have kept out. */
  readonly givenUp: number;
  readonly starts: number;
}

/** To the bootloader each cut of a trial is a fault; the device tries once more after the first. */
const KILLS_TO_GIVE_UP = 2;

const BACK =
  /^(?:\S+ did not listen for operations \([a-z-]+\): \S+ is back|the new firmware did not start: \S+ runs)$/;

/** Why a firmware of this kind may be FAILED. */
const REASONS: Readonly<Record<Kind, RegExp>> = {
  good: BACK,
  crashing: BACK,
  unsigned: /: the firmware is not signed; this device needs a signature by \S{8}$/,
  foreign: /: the firmware is signed by \S{8}; this device needs a signature by \S{8}$/,
};

/** @throws Error about a wrong update */
export function judgeFirmware({ notes, kills, updates, version }: FirmwareCase): FirmwareFindings {
  for (const { what, number } of notes) judgeProgram(what, number, updates);
  const givenUp = updates.filter((update) => judgeUpdate(update, notes, kills)).length;
  const runs = notes.at(-1)?.number;
  if (version === undefined || majorOf(version) !== runs) {
    throw new Error(`the inventory says that ${version} runs, and ${runs}.0.0 does`);
  }
  return { updates: updates.length, givenUp, starts: notes.length };
}

/** What runs was there from the beginning, or is an image that was ordered and signed, as a whole. */
function judgeProgram(what: string, number: number, updates: readonly Update[]): void {
  if (what === MADE && number === 1) return;
  const update = updates.find((each) => majorOf(each.version) === number && each.digest === what);
  if (update === undefined) throw new Error(`a program has run that nobody has made, as version ${number}`);
  if (update.kind === 'unsigned' || update.kind === 'foreign') {
    throw new Error(`${update.version} has run, which is ${update.kind}, and not signed as the board demands`);
  }
}

/** True: it was good, and the kills have kept it out. */
function judgeUpdate(update: Update, notes: readonly Note[], kills: readonly number[]): boolean {
  const { kind, operation, digest, version } = update;
  const { history, status, failureReason = '', creationTimeMs } = operation;
  const ends = history.filter((each) => each.status === 'SUCCESSFUL' || each.status === 'FAILED');
  if (ends.length !== 1) throw new Error(`${version}: ${history.map((each) => each.status).join(', ')}`);
  if (status === 'SUCCESSFUL') {
    if (kind !== 'good') throw new Error(`${version} is ${kind}, and was SUCCESSFUL`);
    if (!notes.some(({ what }) => what === digest)) throw new Error(`${version} was SUCCESSFUL, and has never run`);
    return false;
  }
  if (!REASONS[kind].test(failureReason)) throw new Error(`${version} is ${kind}, and was FAILED: ${failureReason}`);
  const toMs = history.at(-1)?.timeMs ?? 0;
  const meanwhile = kills.filter((each) => each >= creationTimeMs && each <= toMs).length;
  if (kind === 'good' && meanwhile < KILLS_TO_GIVE_UP) {
    throw new Error(`${version} is good, and was FAILED after ${meanwhile} kills: ${failureReason}`);
  }
  return kind === 'good';
}
