// SPDX-License-Identifier: Apache-2.0

import type { BodySink } from '../../base/body.ts';
import { Decision, Outcome, Signal } from '../../base/outcome.ts';
import { type Table, table } from '../../base/table.ts';
import { ascii } from '../../bytes/text.ts';
import type { RequestWriter } from '../../http/request.ts';

export const PENDING = ascii('PENDING');
export const EXECUTING = ascii('EXECUTING');

/** The actions of the states. */
export interface BacklogActions {
  writeList(request: RequestWriter): void;
  /** Returns the splitter, which takes the operations out of the body as it arrives. */
  split(): BodySink;
  listed(): boolean;
  /** Yes: list again when these operations are done. Again: list the next page. No: the list is complete. */
  sorted(): Decision;
  drained(): Decision | undefined;
  /** Yes: PENDING operations have to be listed. Again: EXECUTING ones first. Undefined: no list is due. */
  idle(): Decision | undefined;
  later(): undefined;
  ask(): Decision;
}

/** Indexes of the states in the table. */
export const List = {
  Fresh: 0,
  Executing: 1,
  Sorted: 2,
  Drain: 3,
  Idle: 4,
  Pending: 5,
  SortedPending: 6,
  DrainPending: 7,
  Later: 8,
  LaterPending: 9,
  Ask: 10,
} as const;

/** The states in which a list is requested. */
export const LISTS: readonly number[] = [List.Executing, List.Pending];

/**
 * Guide step 6: operations that were EXECUTING at the start are finished first; PENDING ones are listed after each
 * subscription. An operation leaves the list when it is begun, so the first page is requested again when its operations
 * are done.
 */
export const backlogTable: Table<BacklogActions> = table([
  { name: 'not started', step: 'guide step 6', on: { [Signal.Wake]: List.Executing } },
  {
    name: 'list EXECUTING',
    step: 'guide step 6',
    request: (backlog, request) => backlog.writeList(request),
    sink: (backlog) => backlog.split(),
    read: (backlog) => backlog.listed(),
    on: { [Outcome.Ok]: List.Sorted, [Outcome.Failed]: List.Later, [Signal.Time]: List.Later },
  },
  {
    name: 'more EXECUTING?',
    step: 'guide step 6',
    enter: (backlog) => backlog.sorted(),
    on: { [Decision.Yes]: List.Drain, [Decision.Again]: List.Executing, [Decision.No]: List.Idle },
  },
  {
    name: 'finish EXECUTING',
    step: 'guide step 6',
    enter: (backlog) => backlog.drained(),
    on: { [Decision.Yes]: List.Executing, [Signal.Ended]: List.Executing },
  },
  {
    name: 'idle',
    step: 'guide step 7',
    enter: (backlog) => backlog.idle(),
    on: {
      [Decision.Yes]: List.Pending,
      [Decision.Again]: List.Executing,
      [Signal.Wake]: List.Idle,
      [Signal.Ended]: List.Idle,
      [Signal.Time]: List.Ask,
    },
  },
  {
    name: 'list PENDING',
    step: 'guide step 6, after subscribing',
    request: (backlog, request) => backlog.writeList(request),
    sink: (backlog) => backlog.split(),
    read: (backlog) => backlog.listed(),
    on: {
      [Outcome.Ok]: List.SortedPending,
      [Outcome.Failed]: List.LaterPending,
      [Signal.Time]: List.LaterPending,
    },
  },
  {
    name: 'more PENDING?',
    step: 'guide step 6',
    enter: (backlog) => backlog.sorted(),
    on: { [Decision.Yes]: List.DrainPending, [Decision.Again]: List.Pending, [Decision.No]: List.Idle },
  },
  {
    name: 'execute PENDING',
    step: 'guide step 7',
    enter: (backlog) => backlog.drained(),
    on: { [Decision.Yes]: List.Pending, [Signal.Ended]: List.Pending },
  },
  {
    // The listener may run already: pushed operations are new.
    name: 'list EXECUTING later',
    step: 'guide step 6',
    enter: (backlog) => backlog.later(),
    on: { [Signal.Time]: List.Executing, [Signal.Wake]: List.Executing },
  },
  {
    name: 'list PENDING later',
    step: 'guide step 6',
    enter: (backlog) => backlog.later(),
    on: { [Signal.Time]: List.Pending, [Signal.Wake]: List.Pending },
  },
  {
    name: 'list every minute',
    step: 'guide step 6, the long poll does not work',
    enter: (backlog) => backlog.ask(),
    on: { [Decision.Yes]: List.Idle },
  },
]);
