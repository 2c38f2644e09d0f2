// SPDX-License-Identifier: Apache-2.0

import type { Body, BodySink } from '../../../base/body.ts';
import { Decision, Outcome, Signal } from '../../../base/outcome.ts';
import { type Table, table } from '../../../base/table.ts';
import type { RequestWriter } from '../../../http/request.ts';
import type { ResponseHead } from '../../../http/response.ts';

/** The actions of the states. */
export interface AlarmsActions {
  /** Again: look for the alarm first. Yes: raise it. Other: clear or change it. No: nothing is left to send. */
  next(): Decision;
  writeLook(request: RequestWriter): void;
  readonly lookSink: BodySink;
  readLook(): boolean;
  writeRaise(request: RequestWriter): void;
  /** Reads the id from Location. In maintenance the platform stores nothing and returns the id "null". */
  raised(body: Body, head: ResponseHead): boolean;
  /** Writes the request that clears or changes the alarm. */
  writeChange(request: RequestWriter): void;
  changed(): boolean;
  /** The platform refuses the alarm: a repetition is useless, and the others wait. */
  giveUp(): Decision;
  /** Moves the entry to the end of the list, so that the one that failed longest ago is tried again first. */
  putOff(): Decision;
}

/** Indexes of the states in the table. */
export const Tell = { Idle: 0, Next: 1, Look: 2, Raise: 3, Change: 4, Give: 5, PutOff: 6 } as const;

/**
 * Guide step 11: look for a similar alarm first, raise only without one, clear when the condition has ended. An active
 * alarm with another severity or text is changed.
 */
export const alarmTable: Table<AlarmsActions> = table([
  { name: 'idle', step: 'guide step 11', on: { [Signal.Wake]: Tell.Next, [Signal.Time]: Tell.Next } },
  {
    name: 'next',
    step: 'guide step 11',
    enter: (alarms) => alarms.next(),
    on: {
      [Decision.Again]: Tell.Look,
      [Decision.Yes]: Tell.Raise,
      [Decision.Other]: Tell.Change,
      [Decision.No]: Tell.Idle,
    },
  },
  {
    name: 'look for a similar alarm',
    step: 'guide step 11',
    request: (alarms, request) => alarms.writeLook(request),
    sink: (alarms) => alarms.lookSink,
    read: (alarms) => alarms.readLook(),
    on: {
      [Outcome.Ok]: Tell.Next,
      [Outcome.Failed]: Tell.PutOff,
      [Outcome.Forbidden]: Tell.PutOff,
      [Outcome.NotFound]: Tell.PutOff,
      [Outcome.Conflict]: Tell.Give,
      [Outcome.Invalid]: Tell.Give,
    },
  },
  {
    name: 'raise',
    step: 'guide step 11',
    creates: true,
    once: true,
    request: (alarms, request) => alarms.writeRaise(request),
    read: (alarms, body, head) => alarms.raised(body, head),
    on: {
      [Outcome.Ok]: Tell.Next,
      // The alarm may exist: it is looked for before it is raised again.
      [Outcome.Unknown]: Tell.PutOff,
      [Outcome.Failed]: Tell.PutOff,
      [Outcome.Forbidden]: Tell.PutOff,
      [Outcome.NotFound]: Tell.PutOff,
      [Outcome.Conflict]: Tell.Give,
      [Outcome.Invalid]: Tell.Give,
    },
  },
  {
    name: 'clear or change',
    step: 'guide step 11',
    request: (alarms, request) => alarms.writeChange(request),
    read: (alarms) => alarms.changed(),
    on: {
      [Outcome.Ok]: Tell.Next,
      [Outcome.Failed]: Tell.PutOff,
      [Outcome.Forbidden]: Tell.PutOff,
      [Outcome.NotFound]: Tell.PutOff,
      [Outcome.Conflict]: Tell.Give,
      [Outcome.Invalid]: Tell.Give,
    },
  },
  {
    name: 'give up',
    step: 'guide step 11',
    enter: (alarms) => alarms.giveUp(),
    on: { [Decision.Yes]: Tell.Next },
  },
  {
    // An alarm whose request fails does not delay the others.
    name: 'put off',
    step: 'guide step 11, again later',
    enter: (alarms) => alarms.putOff(),
    on: { [Decision.Yes]: Tell.Next },
  },
]);
