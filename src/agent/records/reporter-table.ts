// SPDX-License-Identifier: Apache-2.0

import type { Body } from '../../base/body.ts';
import { Decision, Outcome, Signal } from '../../base/outcome.ts';
import { refused, type Table, table } from '../../base/table.ts';
import type { RequestWriter } from '../../http/request.ts';

/** The actions of the states. */
export interface ReporterActions {
  /** Yes when the oldest record that is not held back can be sent: its device is registered and its time known. */
  gather(): Decision;
  writeBatch(request: RequestWriter): void;
  arrived(): boolean;
  halve(): Decision;
  writeLookUp(request: RequestWriter): void;
  readLookUp(body: Body): boolean;
  /** Yes: the record is at fault and was dropped. No: the device has another object, or is at fault itself. */
  judge(): Decision;
  /** Holds the records of the device back. The next batch is a whole one again. */
  putOff(): Decision;
  /** Halves the batch, or holds the device back until a person has made it the owner. No record is dropped. */
  refuse(): Decision;
}

/** Indexes of the states in the table. */
export const Report = { Idle: 0, Gather: 1, Send: 2, Split: 3, Doubt: 4, Judge: 5, PutOff: 6, Refuse: 7 } as const;

/**
 * Guide steps 9 and 10: gather, send, acknowledge; a refused batch is halved until the record at fault is found. A
 * device whose records are all refused is put off and does not delay the others.
 */
export const reportTable: Table<ReporterActions> = table([
  {
    name: 'idle',
    step: 'guide steps 9, 10',
    on: { [Signal.Wake]: Report.Gather, [Signal.Time]: Report.Gather },
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
    // The record may be correct: the platform also refuses it when the device itself is gone.
    name: 'look up its source',
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
    enter: (reporter) => reporter.putOff(),
    on: { [Decision.Yes]: Report.Gather },
  },
  {
    name: 'not the owner',
    step: 'guide, replacing a physical device',
    enter: (reporter) => reporter.refuse(),
    on: { [Decision.Yes]: Report.Gather },
  },
]);
