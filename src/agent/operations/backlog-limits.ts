// SPDX-License-Identifier: Apache-2.0
/** The limits and the flags of the backlog. */

import { Name } from '../../cumulocity/wire.ts';
import { elementList } from '../../json/element-list.ts';

export const Limit = {
  /** Listing goes on when at most this many operations wait: a slow one holds up only those of its own device. */
  FewWaiting: 4,
  /** Listing ends after this many operations that the platform did not let begin; the journal remembers more. */
  MostRefused: 24,
  /** The interval of lists while the long poll does not work. */
  AskMs: 60_000,
  /** The shortest wait before an operation that could not begin is tried again: most of them have ended elsewhere. */
  ProbeMs: 60_000,
  /** After this many lists in place of the long poll, the next one is reported with an event. */
  ManyAsks: 3,
  /** Pushed operations do not wait for a list that is put off for longer, or has failed `MostFailures` times. */
  LongMs: 60_000,
  MostFailures: 3,
  /** The memory for operations that are pushed while a list is due. Those that do not fit are listed later. */
  HeldBytes: 4096,
  /** The most pages of a list, because a faulty platform may page without end. */
  MostPages: 50,
} as const;

export const POLL_FAILS = 'The long poll does not work: operations are asked for once a minute';
export const UNREADABLE = 'an operation is passed over: its id (1 to 64 of A-Z a-z 0-9 _ -) or status cannot be read';

export const OPERATIONS = elementList({
  listName: Name.Operations,
  bufferBytes: 512,
  bufferMaxBytes: 4096,
  memberDepth: 1,
});

/** Flags of the backlog. They are bits, because a field for each would take 16 bytes. */
export const Is = {
  /** Operations that were EXECUTING at the start are taken up. */
  Recovered: 1,
  /** Operations may be PENDING that the agent does not know: a list is due. */
  Again: 2,
  /** There was no room for all operations of the page. */
  Crowded: 4,
  /** Executors have new operations in line. */
  Accepted: 8,
  /** An operation was skipped, because its child may still be declared. */
  Passed: 16,
  /** Skipped operations have to be listed again. */
  Review: 32,
  /** The log says that there are operations which cannot be read. */
  Told: 64,
  /** The long poll works. */
  Polled: 128,
} as const;
