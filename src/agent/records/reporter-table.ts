// SPDX-License-Identifier: Apache-2.0

import { Decision, Event, Outcome, refused, type Table, table } from '../table.ts';
import type { Reporter } from './reporter.ts';

/** The states, by their place in the table. */
export const Report = { Idle: 0, Gather: 1, Send: 2, Split: 3, Doubt: 4, Judge: 5, PutOff: 6, Refuse: 7 } as const;

/**
 * Guide steps 9 and 10: gather, send, acknowledge; a refused batch is halved until the item at fault is found. A device
 * of which the platform takes nothing is put off, and keeps nobody else from reporting.
 */
export const reportTable: Table<Reporter> = table([
  {
    name: 'idle',
    step: 'guide steps 9, 10',
    on: { [Event.Wake]: Report.Gather, [Event.Time]: Report.Gather },
  },
  {
    name: 'gather',
    step: 'guide steps 9, 10',
    enter: (reporter) => reporter.gather(),
    on: { [Decision.Yes]: Report.Send, [Decision.No]: Report.Idle },
  },
  {
    name: 'report',
    step: 'guide steps 9, 10',
    creates: true,
    request: (reporter, request) => reporter.writeBatch(request),
    read: (reporter) => reporter.arrived(),
    on: { ...refused(Report.Split), [Outcome.Ok]: Report.Gather, [Outcome.Forbidden]: Report.Refuse },
  },
  {
    name: 'halve the batch',
    step: 'guide step 9, an item at fault',
    enter: (reporter) => reporter.halve(),
    on: { [Decision.Yes]: Report.Gather, [Decision.No]: Report.Doubt },
  },
  {
    // The item may be innocent: the platform also says so when the device itself is gone.
    name: 'look its source up',
    step: 'guide step 1',
    request: (reporter, request) => reporter.writeLookUp(request),
    read: (reporter, body) => reporter.readLookUp(body),
    on: { [Outcome.Ok]: Report.Judge, [Outcome.NotFound]: Report.PutOff },
  },
  {
    name: 'judge the item',
    step: 'guide step 9, an item at fault',
    enter: (reporter) => reporter.judge(),
    on: { [Decision.Yes]: Report.Gather, [Decision.No]: Report.PutOff },
  },
  {
    name: 'put the device off',
    step: 'guide steps 1 to 3',
    enter: (reporter) => reporter.putOff('the platform takes none'),
    on: { [Decision.Yes]: Report.Gather },
  },
  {
    name: 'not the owner',
    step: 'guide, replacing a physical device',
    enter: (reporter) => reporter.refuse(),
    on: { [Decision.Yes]: Report.Gather },
  },
]);
