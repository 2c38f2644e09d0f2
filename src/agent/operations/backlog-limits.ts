// SPDX-License-Identifier: Apache-2.0
/** How much the backlog takes at once, and how long it waits; and what can be true of it. */

import { Name } from '../../cumulocity/wire.ts';
import { elementList } from '../../json/element-list.ts';

export const Limit = {
  /** With so many left there is room for more: an operation that takes long holds up those of its own device only. */
  FewWaiting: 4,
  /** The platform may keep so many from being executed before the list is left alone; fewer than are remembered. */
  MostRefused: 24,
  /** Without a long poll that works, operations are asked for so often. */
  AskMs: 60_000,
  /** So long at least before another try: most that cannot begin have ended. */
  ProbeMs: 60_000,
  /** So often in a row, and the platform is told. */
  ManyAsks: 3,
  /** So long the list may be put off, or so often fail, before what is pushed no longer waits for it. */
  LongMs: 60_000,
  MostFailures: 3,
  /** What has been pushed meanwhile waits in so much memory; what does not fit is listed later. */
  HeldBytes: 4096,
  /** A platform that pages without an end is not followed. */
  MostPages: 50,
} as const;

export const OPERATIONS = elementList({
  listName: Name.Operations,
  bufferBytes: 512,
  bufferMaxBytes: 4096,
  memberDepth: 1,
});

/** What is true of the backlog; bits, for as many fields would take 16 bytes each. */
export const Is = {
  /** What was EXECUTING at the start is in hand. */
  Recovered: 1,
  /** Something may be pending that is in no list and no memory here. */
  Again: 2,
  /** There was no room for all of the page. */
  Crowded: 4,
  /** Executors have something new in line. */
  Accepted: 8,
  /** An operation was passed over, for its child may still be declared. */
  Passed: 16,
  /** What was passed over is to be looked at again. */
  Review: 32,
} as const;
